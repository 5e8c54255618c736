//! Whether answers that were made from a schedule still agree with it: who is to be looked at, and what was found.

mod find;
mod keep;
mod order;

pub(crate) use find::PollsOfPerson;
pub(in crate::db) use order::{Whose, order_check};
