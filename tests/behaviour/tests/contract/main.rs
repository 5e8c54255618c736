//! The contract: one suite, run on the platform in one process and on the platform as nine processes with real stores.
//!
//! Every case has people and jobs of its own, so that all of them run at once on one platform of each form.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod addresses;
mod availability;
mod cache_aside;
mod calendars;
mod conflicts;
mod documentation;
mod every_service;
mod freshness;
mod groups;
mod health;
mod logs;
mod mail;
mod operations;
mod original;
mod page;
mod participants_by_email;
mod paths;
mod polls;
mod requests;
mod stores;
mod subscriptions;
mod suggestions;
mod tasks;
mod users;
mod visibility;
mod windows;
