//! What one queue of RabbitMQ says about itself, as a [`scaling::Observation`].
//!
//! | source | tells | note |
//! |---|---|---|
//! | [`Source::Amqp`] | ready messages, consumers | always there; one connection, kept, and opened again when it is lost |
//! | [`Source::Management`] | all of it | cluster-wide; the figures are up to 5 s old |
//! | [`Source::Prometheus`] | all of it | each node knows its own part, so every node has to be an endpoint |
//!
//! Whatever is missing in an answer makes the whole observation *unknown*: a number that is not there is never zero.

mod amqp;
mod http;
mod management;
mod probe;
mod prometheus;
mod target;
mod unknown;

pub use probe::Probe;
pub use target::{Credentials, ProbeError, Source, Target};
