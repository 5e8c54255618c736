//! What a poll asks for: which slots, in which cells, and what an answer says about them.

mod answer;
mod conflicts;
mod grid;
mod layout;
mod times;

pub use answer::{Answer, AnswerFault, AnswerFaultKind};
pub use grid::{ClockChange, Column, Grid, GridCell, Row};
pub use layout::{Cell, Layout, LayoutError};
pub use times::{Granularity, PollDays, PollTimes, PollTimesFault};
