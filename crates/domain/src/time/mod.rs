//! UTC slots of a quarter of an hour, sets of them, and the local time at which each begins.

mod of_day;
mod range;
mod set;
mod zone;

pub use of_day::{BadTime, TimeOfDay};
pub use range::{MAX_SLOTS, RangeError, SLOT_MINUTES, SlotRange};
pub use set::SlotSet;
pub use zone::{UnknownZone, Zone, tzdb_version};

pub(crate) use range::day_of_date;
pub(crate) use set::{each_word, ones};
pub(crate) use zone::OffsetRun;

/// Seconds of a slot.
pub(crate) const SLOT_SECONDS: i64 = SLOT_MINUTES as i64 * 60;
/// Slots in a local day without a clock change.
pub(crate) const DAY_SLOTS: i64 = 96;
/// Minutes in a local day without a clock change.
pub(crate) const DAY_MINUTES: u32 = 1440;
