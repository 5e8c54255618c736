//! The distributed form on a developer's machine, its workers scaled from the queue as a cluster's would be.
//!
//! The decision is [`scaling`]'s, the figures are [`queue_probe`]'s; what is here starts and stops processes.

mod autoscaler;
pub mod demo;
mod event;
mod pool;

pub use autoscaler::Autoscaler;
pub use event::Event;
pub use pool::Pool;
