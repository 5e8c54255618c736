//! Windows, why they are, and what would change them, against asking slot by slot.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod examples;
mod found;
mod generators;
mod naive;
mod settled_and_awaited;
mod unlocks;
