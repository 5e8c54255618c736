//! The tables, in the SQL that both engines know. No SQL stands anywhere else.

mod account_polls;
mod accounts;
mod audit;
mod cache_servers;
mod calendars;
mod columns;
mod conflicts;
mod count;
mod erasures;
mod export;
mod feeds;
mod identities;
mod job_orders;
mod mails;
mod migrations;
mod people;
mod polls;
mod provider_sessions;
mod schedules;
mod service_keys;
mod sign_ins;
mod stale_keys;
#[cfg(test)]
mod tests;

pub(crate) use account_polls::AccountPoll;
pub(crate) use accounts::{Accounts, NewAccessToken, StoredAccessToken, TokenUse};
pub(crate) use audit::{AuditEntries, AuditQuery, StoredAuditEntry};
pub(crate) use calendars::{FetchedCalendar, Imported, Noted, StoredSubscription, Subscription};
pub(crate) use conflicts::PollsOfPerson;
pub(crate) use erasures::Erasures;
pub(crate) use identities::StoredAttempt;
pub(crate) use job_orders::{JobOrder, JobOrders};
pub(crate) use mails::{Addressed, Block, Mails, NewMail, StoredMail, Told, WaitingMails};
pub use migrations::MIGRATIONS;
pub(crate) use people::{Change, ChangeError, Creation, Erased, People};
pub(crate) use polls::{
    BusyParticipant, Change as PollChange, ParticipantContent, PollError, PollVersion, Polls,
};
pub(crate) use provider_sessions::StoredProviderSession;
pub(crate) use schedules::{StoredSchedule, merged};
pub(crate) use stale_keys::StaleKey;
