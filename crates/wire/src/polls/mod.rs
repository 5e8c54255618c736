//! Polls: what a group is asked, what its participants answer, and what was decided.

mod addresses;
mod answer;
mod answers;
mod bits;
mod change;
mod decision;
mod export;
mod grid;
mod input;
mod layout;
mod participant;
mod poll;
mod view;

pub use addresses::{AddressesReply, AddressesRequest};
pub use answer::{AnswerInput, AnswerReply, WeeklyAnswer};
pub use answers::{ParticipantAnswer, PollAnswers};
pub use bits::Bits;
pub use change::PollChange;
pub use decision::DecisionInput;
pub use export::PollExport;
pub use grid::{GridCell, GridChange, GridColumn, GridRow, PollGrid};
pub use input::NewPoll;
pub use layout::{PollDays, PollLayout};
pub use participant::{CreatedParticipant, NewParticipant, Participant, ParticipantChange};
pub use poll::{CreatedPoll, Poll, PollState, Visibility};
pub use view::PollView;
