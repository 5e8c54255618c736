//! Polls: what a group is asked, what its participants answer, and what was decided.

mod answer;
mod answers;
mod bits;
mod change;
mod conflicts;
mod decision;
mod export;
mod grid;
mod input;
mod layout;
mod meeting_reply;
mod participant;
mod participants_by_email;
mod poll;
mod view;

pub use answer::{AnswerInput, AnswerReply, WeeklyAnswer};
pub use answers::{ParticipantAnswer, PollAnswers};
pub use bits::Bits;
pub use change::PollChange;
pub use conflicts::Conflicts;
pub use decision::DecisionInput;
pub use export::PollExport;
pub use grid::{GridCell, GridChange, GridColumn, GridRow, PollGrid};
pub use input::NewPoll;
pub use layout::{PollDays, PollLayout};
pub use meeting_reply::{MeetingReply, ReplyStatus};
pub use participant::{CreatedParticipant, NewParticipant, Participant, ParticipantChange};
pub use participants_by_email::{ParticipantsByEmailReply, ParticipantsByEmailRequest};
pub use poll::{CreatedPoll, Poll, PollState, Visibility};
pub use view::PollView;
