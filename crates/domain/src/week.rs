/// A day of the week; weeks start on Monday (ISO 8601).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// The seven days in week order.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// The English name in lower case, as on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Weekday::Monday => "monday",
            Weekday::Tuesday => "tuesday",
            Weekday::Wednesday => "wednesday",
            Weekday::Thursday => "thursday",
            Weekday::Friday => "friday",
            Weekday::Saturday => "saturday",
            Weekday::Sunday => "sunday",
        }
    }

    /// The day of a date.
    pub fn of(date: jiff::civil::Date) -> Weekday {
        Self::ALL[date.weekday().to_monday_zero_offset() as usize % 7]
    }

    /// The day of that English name, in any case.
    pub fn from_name(name: &str) -> Option<Weekday> {
        Self::ALL.into_iter().find(|day| day.name().eq_ignore_ascii_case(name))
    }
}

/// One hour of the week, named by its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The day on which the hour starts.
    pub day: Weekday,
    /// Hour of the day at which it starts, 0–23.
    pub hour: u8,
}

/// A set of the 168 one-hour slots of a week: a bitmap of 24 bits for each day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct WeekHours([u32; 7]);

impl WeekHours {
    /// Hours in a day; start hours are `0..HOURS`.
    pub const HOURS: u8 = 24;
    /// No hour at all.
    pub const EMPTY: WeekHours = WeekHours([0; 7]);
    /// All 168 hours.
    pub const FULL: WeekHours = WeekHours([(1 << Self::HOURS) - 1; 7]);

    /// Adds the hour; `false` when it is not in 0–23, and then nothing changes.
    #[must_use]
    pub fn insert(&mut self, day: Weekday, hour: u8) -> bool {
        let valid = hour < Self::HOURS;
        if valid {
            self.0[day as usize] |= 1 << hour;
        }
        valid
    }

    /// Whether the hour is in the set.
    pub fn contains(self, slot: Slot) -> bool {
        slot.hour < Self::HOURS && self.0[slot.day as usize] & (1 << slot.hour) != 0
    }

    /// The hours that both have.
    #[must_use]
    pub fn and(self, other: WeekHours) -> WeekHours {
        WeekHours(std::array::from_fn(|day| self.0[day] & other.0[day]))
    }

    /// The hours that everybody has; nothing when there is nobody.
    pub fn common(people: impl IntoIterator<Item = WeekHours>) -> WeekHours {
        people.into_iter().reduce(WeekHours::and).unwrap_or_default()
    }

    /// How many hours there are, 0–168.
    pub fn count(self) -> usize {
        self.0.iter().map(|day| day.count_ones() as usize).sum()
    }

    /// The start hours of one day, ascending.
    pub fn hours(self, day: Weekday) -> impl Iterator<Item = u8> {
        let bits = self.0[day as usize];
        (0..Self::HOURS).filter(move |hour| bits & (1 << hour) != 0)
    }

    /// All slots in week order, from Monday 0:00.
    pub fn slots(self) -> impl DoubleEndedIterator<Item = Slot> {
        Weekday::ALL
            .into_iter()
            .flat_map(|day| (0..Self::HOURS).map(move |hour| Slot { day, hour }))
            .filter(move |slot| self.contains(*slot))
    }
}
