use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::time::{DAY_MINUTES, day_of_date};
use crate::{Layout, SlotSet, Weekday, Zone};

/// A time of the week on the organiser's clocks, in real weeks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// Minutes from the week's Monday 00:00 to it, on the clock.
    pub minute: u32,
    /// Its date in each week, and the slot of the layout's range at which it starts; none where the clock skips it.
    pub weeks: Vec<(Date, Option<usize>)>,
}

/// The times of the week at which a weekly poll may start, from its layout over real weeks of which the first begins on
/// `monday`, by time. `starts` are the slots at which a meeting may start. A time that comes twice counts once, the first time.
pub fn repeats(layout: &Layout, zone: &Zone, monday: Date, weeks: u32, starts: &SlotSet) -> Vec<Repeat> {
    let first_day = day_of_date(monday);
    let mut found: BTreeMap<u32, Vec<(usize, usize)>> = BTreeMap::new();
    for cell in layout.cells() {
        let day = day_of_date(cell.date) - first_day;
        let week = usize::try_from(day.div_euclid(7)).ok().filter(|&week| week < weeks as usize);
        let Some(week) = week else { continue };
        for slot in cell.slots.clone().filter(|&slot| starts.contains(slot)) {
            let local = zone.local(layout.range().instant(slot));
            // Past midnight it is still the evening's date.
            let days = day.rem_euclid(7) + day_of_date(local.date()) - day_of_date(cell.date);
            let minute =
                days * i64::from(DAY_MINUTES) + i64::from(local.hour()) * 60 + i64::from(local.minute());
            found.entry(minute.max(0) as u32).or_default().push((week, slot));
        }
    }
    let repeat = |(minute, slots): (u32, Vec<(usize, usize)>)| {
        let day = Weekday::ALL[(minute / DAY_MINUTES) as usize % 7];
        let weeks = (0..weeks as usize).map(|week| {
            let slot = slots.iter().filter(|(of, _)| *of == week).map(|(_, slot)| *slot).min();
            (date(monday, week, day, minute), slot)
        });
        Repeat { minute, weeks: weeks.collect() }
    };
    found.into_iter().map(repeat).collect()
}

/// The local date of that minute of a week.
fn date(monday: Date, week: usize, day: Weekday, minute: u32) -> Date {
    let next_week = i64::from(minute / (7 * DAY_MINUTES));
    let days = (week as i64 + next_week) * 7 + day as i64;
    monday.checked_add(jiff::ToSpan::days(days)).unwrap_or(monday)
}
