//! Scheduling without the outside world: no HTTP, SQL, clock or randomness.
//!
//! A person's week is a [`WeekHours`] bitmap; what a group shares is the AND of its bitmaps; [`suggest`]
//! picks slots from it by the people's [`Preference`]s.

#![warn(missing_docs)]

mod preference;
mod suggest;
mod week;

pub use preference::Preference;
pub use suggest::suggest;
pub use week::{Slot, WeekHours, Weekday};
