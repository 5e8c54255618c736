//! The charts: what helm makes of them, whether a cluster would take it, and whether its parts fit together.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod admission;
#[cfg(feature = "e2e")]
mod against_api_server;
mod consumer_readiness;
mod derived;
mod limits;
mod lint;
mod network;
mod refusals;
mod releases;
mod render;
mod schemas;
mod secrets;
mod security;
mod skaffold;
mod typed;
mod values;
mod wiring;
