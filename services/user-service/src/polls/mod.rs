//! What holds for polls wherever they are stored: secrets, who may see and do what, and what answers mean.

mod access;
mod answer;
mod by_schedule;
mod meeting;
mod meeting_reply;
mod reply_key;
mod retention;
mod secrets;
mod stored;

pub(crate) use access::{Role, view};
pub(crate) use answer::{StoredAnswer, StoredTimes, layout_of};
pub(crate) use by_schedule::{Unreadable, carried, conflicts, times_by_schedule};
pub(crate) use meeting::meeting_of;
pub(crate) use meeting_reply::{CalendarReply, StoredReply};
pub(crate) use reply_key::ReplyKey;
pub(crate) use retention::{PollRetention, last_instant};
pub(crate) use secrets::{PublicId, Token, TokenHash};
pub(crate) use stored::{StoredParticipant, StoredPoll, Turnout};

use std::time::Duration;

/// How long a deleted poll can be restored.
pub(crate) const RESTORABLE: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// Most participants of a poll.
pub(crate) const MAX_PARTICIPANTS: u64 = 10_000;
