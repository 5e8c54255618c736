//! How many workers a queue needs so that no message waits too long: no I/O, clock or randomness.
//!
//! A [`Scaler`] remembers what one queue has taught it. Each poll gives it an [`Observation`] of the queue
//! and the [`Workers`] that there are; it answers a [`Decision`] with a figure and a sentence that explains
//! it. Data flows one way:
//!
//! ```text
//! observation → change between two samples → arrival rate, service time, poison → need → decision → message
//! ```
//!
//! What is not known never lowers the number of workers.

mod arrival_rate;
mod decide;
mod decision;
mod estimates;
mod message;
mod need;
mod observation;
mod poison;
mod policy;
mod rates;
mod scaler;
mod service_time;
mod window;

pub use decision::{Decision, Estimate, Reason};
pub use observation::{Observation, Sample, Unknown, UnknownKind, Workers};
pub use policy::{Fallback, Policy, PolicyError, ScaleDown};
pub use scaler::{BROKER_START, Scaler, Seed};
