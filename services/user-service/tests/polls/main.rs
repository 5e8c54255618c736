//! Polls and schedules, on both engines.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod access;
mod answers;
mod any_bytes;
mod calendars;
mod conflicts;
mod decisions;
mod due;
mod exports;
mod feeds;
mod joins;
mod limits;
mod live;
mod mails;
mod meetings;
mod polls;
mod retention;
mod schedule_versions;
mod schedules;
mod subscriptions;
mod support;
