//! What a poll asks for: which slots, in which cells, and what an answer says about them.

mod answer;
mod layout;
mod times;

pub use answer::{Answer, AnswerFault, AnswerFaultKind};
pub use layout::{Cell, Layout, LayoutError};
pub use times::{Granularity, PollDays, PollTimes, PollTimesFault};
