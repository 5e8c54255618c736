//! Times as people read them: on their own clocks, with the zone named.

use domain::Zone;
use jiff::{Timestamp, civil::DateTime};
use wire::Range;

use crate::texts::{Texts, fill};

/// An instant in a zone.
pub(crate) fn instant(texts: &Texts, zone: &Zone, at: Timestamp) -> String {
    let local = zone.local(at);
    let values = [
        ("date", date(texts, local)),
        ("time", clock(local)),
        ("zone", named_zone(zone, at, Shown::Instant)),
    ];
    fill_all(texts.instant, &values)
}

/// A range in a zone; `weekly` where it repeats every week.
pub(crate) fn range(texts: &Texts, zone: &Zone, range: Range, weekly: bool) -> String {
    let (from, to) = (zone.local(range.start), zone.local(range.end));
    let zone = named_zone(zone, range.start, Shown::Range { weekly });
    let text = if from.date() == to.date() {
        let values = [("date", date(texts, from)), ("from", clock(from)), ("to", clock(to)), ("zone", zone)];
        fill_all(texts.range, &values)
    } else {
        let values = [
            ("from_date", date(texts, from)),
            ("from", clock(from)),
            ("to_date", date(texts, to)),
            ("to", clock(to)),
            ("zone", zone),
        ];
        fill_all(texts.long_range, &values)
    };
    if weekly { fill(texts.weekly, &[("range", &text)]) } else { text }
}

enum Shown {
    Instant,
    Range { weekly: bool },
}

/// `Europe/Berlin, UTC+01:00`; what repeats every week has another offset in summer, and only the zone's name.
fn named_zone(zone: &Zone, at: Timestamp, shown: Shown) -> String {
    if let Shown::Range { weekly: true } = shown {
        return zone.name().to_owned();
    }
    let seconds = zone.rules().to_offset(at).seconds();
    if zone.name() == "UTC" {
        return "UTC".to_owned();
    }
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    format!("{}, UTC{sign}{:02}:{:02}", zone.name(), minutes / 60, minutes % 60)
}

fn date(texts: &Texts, local: DateTime) -> String {
    let place = |number: i8| usize::try_from(number).unwrap_or_default();
    let weekday = texts.weekdays.get(place(local.weekday().to_monday_zero_offset())).copied();
    let month = texts.months.get(place(local.month() - 1)).copied();
    let (day, year) = (local.day().to_string(), local.year().to_string());
    let values = [
        ("weekday", weekday.unwrap_or_default()),
        ("day", day.as_str()),
        ("month", month.unwrap_or_default()),
        ("year", year.as_str()),
    ];
    fill(texts.date, &values)
}

fn clock(local: DateTime) -> String {
    format!("{:02}:{:02}", local.hour(), local.minute())
}

fn fill_all<const N: usize>(text: &str, values: &[(&str, String); N]) -> String {
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    fill(text, &values)
}

#[cfg(test)]
mod tests {
    use wire::Language;

    use super::*;
    use crate::texts::texts;

    fn range_of(start: &str, end: &str) -> Range {
        Range { start: start.parse().unwrap(), end: end.parse().unwrap() }
    }

    #[test]
    fn times_are_those_of_the_recipients_clocks_with_the_zone_named() {
        let meeting = range_of("2026-03-06T08:00:00Z", "2026-03-06T09:30:00Z");
        let (berlin, new_york) =
            (Zone::parse("Europe/Berlin").unwrap(), Zone::parse("America/New_York").unwrap());
        let shown = |language, zone| range(texts(language), zone, meeting, false);
        assert_eq!(
            shown(Language::En, &berlin),
            "Friday, 6 March 2026, 09:00 to 10:30 (Europe/Berlin, UTC+01:00)"
        );
        assert_eq!(
            shown(Language::De, &berlin),
            "Freitag, 6. März 2026, 09:00 bis 10:30 Uhr (Europe/Berlin, UTC+01:00)"
        );
        assert_eq!(
            shown(Language::En, &new_york),
            "Friday, 6 March 2026, 03:00 to 04:30 (America/New_York, UTC-05:00)"
        );
        assert_eq!(shown(Language::En, &Zone::utc()), "Friday, 6 March 2026, 08:00 to 09:30 (UTC)");
    }

    #[test]
    fn a_time_over_midnight_names_both_days() {
        let meeting = range_of("2026-03-06T22:30:00Z", "2026-03-06T23:30:00Z");
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(
            range(texts(Language::De), &berlin, meeting, false),
            "Freitag, 6. März 2026, 23:30 Uhr – Samstag, 7. März 2026, 00:30 Uhr (Europe/Berlin, UTC+01:00)"
        );
    }

    #[test]
    fn what_repeats_names_no_offset_since_clocks_change() {
        let meeting = range_of("2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z");
        let kathmandu = Zone::parse("Asia/Kathmandu").unwrap();
        let text = range(texts(Language::En), &kathmandu, meeting, true);
        assert_eq!(text, "Every week, from Friday, 6 March 2026, 13:45 to 14:45 (Asia/Kathmandu)");
        let text = instant(texts(Language::En), &kathmandu, meeting.start);
        assert_eq!(text, "Friday, 6 March 2026, 13:45 (Asia/Kathmandu, UTC+05:45)");
    }
}
