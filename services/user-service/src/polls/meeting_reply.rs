use jiff::Timestamp as Instant;
use wire::{MeetingReply, Range, ReplyStatus, Timestamp};

use super::StoredPoll;

/// What a calendar says of a meeting, in answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CalendarReply {
    pub(crate) status: ReplyStatus,
    /// Which request it answers.
    pub(crate) sequence: i64,
    /// When it was written, by the clock of whoever wrote it.
    pub(crate) stamp: Instant,
    pub(crate) proposal: Option<Range>,
    pub(crate) comment: Option<String>,
}

/// The answer of a participant as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct StoredReply {
    pub(crate) sequence: i64,
    pub(crate) stamp_us: i64,
    pub(crate) shown: MeetingReply,
}

impl CalendarReply {
    /// Whether it is the newest that is known of its participant, and about what holds now (RFC 5546 §2.1.5). Mails are
    /// delivered repeatedly, and in any order.
    pub(crate) fn is_news(&self, poll: &StoredPoll, known: Option<&StoredReply>) -> bool {
        let place = (self.sequence, self.stamp.as_microsecond());
        let is_of_what_holds = poll.meeting.is_some() && self.sequence >= poll.meeting_sequence;
        is_of_what_holds && known.is_none_or(|known| place > (known.sequence, known.stamp_us))
    }

    /// The answer as it is kept.
    pub(crate) fn stored(&self, now: Timestamp) -> StoredReply {
        StoredReply {
            sequence: self.sequence,
            stamp_us: self.stamp.as_microsecond(),
            shown: MeetingReply {
                status: self.status,
                replied_at: now,
                proposal: self.proposal,
                comment: self.comment.clone(),
            },
        }
    }
}
