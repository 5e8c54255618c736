//! What a person says about their time: weekly rules and overrides in local time, busy times; and the UTC slots that
//! follow from it.

mod hours;
mod levels;
mod materialise;
mod minutes;
mod overrides;
mod rules;

use crate::Zone;

pub use levels::{Level, LevelRange, Levels};
pub use materialise::busy_slots;
pub(crate) use materialise::utc;
pub use overrides::{DayRange, Override};
pub use rules::{Hours, Rule, StartsAtEnd, Weekly};

/// When a person is usually free, in their own zone. It is kept in one form: sorted, merged, each thing said once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The zone in which all the rest is meant.
    pub zone: Zone,
    /// What holds every week.
    pub weekly: Weekly,
    working_hours: Weekly,
    overrides: Vec<Override>,
}

impl Default for Schedule {
    fn default() -> Schedule {
        Schedule::new(Zone::utc(), &[], &[], &[])
    }
}

impl Schedule {
    /// The schedule that says this. Overrides of the same date become one.
    pub fn new(zone: Zone, weekly: &[Rule], overrides: &[Override], working_hours: &[Hours]) -> Schedule {
        let working: Vec<Rule> = working_hours.iter().map(|hours| hours.at(Level::Yes)).collect();
        Schedule {
            zone,
            weekly: Weekly::new(weekly),
            working_hours: Weekly::new(&working),
            overrides: overrides::normalised(overrides),
        }
    }

    /// What replaces single dates, by date.
    pub fn overrides(&self) -> &[Override] {
        &self.overrides
    }

    /// When the person works, sorted and merged; nothing when they have not said.
    pub fn working_hours(&self) -> impl Iterator<Item = Hours> {
        self.working_hours.rules().iter().map(|rule| rule.hours)
    }
}
