//! The store on a real PostgreSQL and on SQLite files.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod engines;
mod lost_nodes;
mod migrations;
mod outages;
mod pooler;
mod postgres;
mod sqlite;
mod support;
