//! Windows: when a group can meet, for a poll or for people that are named in the question.

mod find_times;
mod levels;
mod names;
mod options;
mod outcome;
mod outlook;
mod reply;
mod schema;

pub(crate) use find_times::span;
pub use find_times::{FindTimes, GivenPerson, GivenTimes, Invitee};
pub use levels::{LevelsReply, LevelsRequest, ParticipantLevels, PersonLevels, PollLevels};
pub use names::{IfNeeded, WorkingHours};
pub(crate) use options::quarters;
pub use options::{BufferMinutes, Quorum, WindowOptions};
pub use outcome::{EmptyReason, ReasonEntry, Unlock};
pub use outlook::{PollOutlook, SettledRequest};
pub use reply::{Burden, GuestError, Holds, PersonAtWindow, RotationEntry, WindowEntry, Windows};
pub use schema::FindTimesSchema;
