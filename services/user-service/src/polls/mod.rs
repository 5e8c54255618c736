//! What holds for polls wherever they are stored: secrets, who may see and do what, and what answers mean.

mod access;
mod answer;
mod meeting;
mod secrets;
mod stored;

pub(crate) use access::{Role, view};
pub(crate) use answer::{StoredAnswer, StoredTimes, layout_of};
pub(crate) use meeting::meeting_of;
pub(crate) use secrets::{PublicId, Token, TokenHash};
pub(crate) use stored::{StoredParticipant, StoredPoll, Turnout};

use std::time::Duration;

/// How long a deleted poll can be restored.
pub(crate) const RESTORABLE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Most participants of a poll.
pub(crate) const MAX_PARTICIPANTS: u64 = 10_000;
