//! From a group and a question to the answer. Pure: no I/O and no clock.

mod answer;
mod asked;
mod render;
mod texts;
mod weekly;

pub(crate) use answer::{NoAnswer, answer};
