//! What the probe makes of queues that are well, and of everything that can go wrong.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod broker;
mod http;
mod silent;
mod support;
mod target;
mod tls;
