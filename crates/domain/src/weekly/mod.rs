//! Windows that come every week: in how many real weeks they hold, and a rotation that shares their burden.

mod holds;
mod repeats;
mod rotation;
mod typical;

pub use holds::{Holds, WeeklyWindow, weekly_windows};
pub use repeats::{Repeat, repeats};
pub use rotation::{Rotation, rotation};
