//! Scheduling without the outside world: no HTTP, SQL, clock or randomness. Zone data is built in, so the same input gives
//! the same output on every machine.
//!
//! A [`Schedule`] is kept as rules in local time; [`Schedule::levels`] derives the UTC slots of a [`SlotRange`] from it.
//! A [`Search`] finds the windows in which a group can meet. [`PollTimes`] says what a poll asks for, its [`Layout`] which slots those are. `docs/scheduling.md` explains the model.
//!
//! Older clients know a week of whole hours: a [`WeekHours`] bitmap, of which [`suggest`] picks by the people's
//! [`Preference`]s. It is a view of a schedule's weekly rules.

#![warn(missing_docs)]

mod poll;
mod preference;
mod schedule;
mod suggest;
mod time;
mod week;
mod weekly;
mod windows;

pub use poll::{
    Answer, AnswerFault, AnswerFaultKind, Cell, ClockChange, Column, Granularity, Grid, GridCell, Layout,
    LayoutError, PollDays, PollTimes, PollTimesFault, Row,
};
pub use preference::Preference;
pub use schedule::{
    DayRange, Hours, Level, LevelRange, Levels, Override, Rule, Schedule, StartsAtEnd, Weekly, busy_slots,
};
pub use suggest::suggest;
pub use time::{
    BadTime, MAX_SLOTS, RangeError, SLOT_MINUTES, SlotRange, SlotSet, TimeOfDay, UnknownZone, Zone,
    tzdb_version,
};
pub use week::{Slot, WeekHours, Weekday};
pub use weekly::{Holds, Repeat, Rotation, WeeklyWindow, repeats, rotation, weekly_windows};
pub use windows::{
    Attendance, BadQuestion, Change, EmptyReason, Group, IfNeeded, Options, Person, Question, Reason, Search,
    Status, Unlock, Window, WorkingHours, interval_starts,
};
