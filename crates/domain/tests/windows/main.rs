//! Windows, why they are, and what would change them, against asking slot by slot.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod found;
mod given;
mod naive;
mod open;
mod unlocks;
