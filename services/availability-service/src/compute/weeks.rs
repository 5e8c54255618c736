use domain::{PollTimes, Zone};
use jiff::{Timestamp, ToSpan, civil::Date};

/// Real weeks, as which a weekly poll is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Weeks {
    /// The Monday of the first.
    pub(crate) first: Date,
    pub(crate) count: u32,
}

impl Weeks {
    /// So many weeks, of which the first has this date.
    pub(crate) fn of(date: Date, count: u32) -> Weeks {
        let since_monday = i32::from(date.weekday().to_monday_zero_offset());
        Weeks { first: date.saturating_sub(since_monday.days()), count }
    }

    /// So many weeks from the next Monday on, on the clocks of the zone.
    pub(crate) fn after(now: Timestamp, zone: &Zone, count: u32) -> Weeks {
        Weeks::of(zone.local(now).date().saturating_add(7.days()), count)
    }

    /// The dates of a poll: its own, or those of its days in these weeks.
    pub(crate) fn dates(self, times: &PollTimes) -> Vec<Date> {
        times.dates(self.first, self.count)
    }

    /// Whether a poll over these days has weeks at all.
    pub(crate) fn apply_to(days: &wire::PollDays) -> bool {
        matches!(days, wire::PollDays::Weekly { .. })
    }
}

#[cfg(test)]
mod tests {
    use domain::{PollDays, Weekday};
    use jiff::civil::date;

    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_the_next_one_is_the_first() {
        for day in 9..16 {
            assert_eq!(Weeks::of(date(2026, 3, day), 2).first, date(2026, 3, 9), "{day}");
        }
        let sunday: Timestamp = "2026-03-08T23:30:00Z".parse().unwrap();
        assert_eq!(Weeks::after(sunday, &Zone::utc(), 1).first, date(2026, 3, 9));
        // It is Monday there already.
        let auckland = Zone::parse("Pacific/Auckland").unwrap();
        assert_eq!(Weeks::after(sunday, &auckland, 1).first, date(2026, 3, 16));
        let times = PollTimes::new(
            PollDays::Weekly(vec![Weekday::Tuesday]),
            Zone::utc(),
            domain::TimeOfDay::MIDNIGHT,
            domain::TimeOfDay::END_OF_DAY,
            domain::Granularity::Hour,
        )
        .unwrap();
        let dates = Weeks::of(date(2026, 3, 9), 2).dates(&times);
        assert_eq!(dates, [date(2026, 3, 10), date(2026, 3, 17)]);
    }
}
