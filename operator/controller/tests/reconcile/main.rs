//! Rounds against an API server in memory and a broker's HTTP API.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod access;
mod api;
mod conflicts;
mod failures;
mod lease;
mod scaler_loops;
mod scaling;
mod workers;
mod world;
