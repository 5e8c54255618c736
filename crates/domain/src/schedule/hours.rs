//! The seven-day week of whole hours, as a view of weekly rules.

use crate::{Slot, TimeOfDay, WeekHours, Weekday};

use super::{Hours, Level, Rule, Weekly};

impl Weekly {
    /// The hours of the local week that rules at `yes` cover wholly.
    pub fn whole_hours(&self) -> WeekHours {
        let yes = self.yes();
        let mut week = WeekHours::EMPTY;
        for Slot { day, hour } in WeekHours::FULL.slots() {
            let start = (day as u32 * 24 + u32::from(hour)) * 60;
            if yes.cover(&(start..start + 60)) {
                let valid = week.insert(day, hour);
                debug_assert!(valid);
            }
        }
        week
    }

    /// The rules at `yes` that cover exactly these hours.
    pub fn of_whole_hours(week: WeekHours) -> Weekly {
        let rules: Vec<Rule> = week.slots().filter_map(|Slot { day, hour }| rule(day, hour)).collect();
        Weekly::new(&rules)
    }
}

fn rule(day: Weekday, hour: u8) -> Option<Rule> {
    let from = TimeOfDay::from_minutes(u16::from(hour) * 60)?;
    let to = TimeOfDay::from_minutes(u16::from(hour + 1) * 60)?;
    Some(Hours::new(day, from, to).ok()?.at(Level::Yes))
}
