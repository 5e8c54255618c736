//! The tables, in the SQL that both engines know. No SQL stands anywhere else.

mod accounts;
mod calendars;
mod columns;
mod conflicts;
mod count;
mod feeds;
mod job_orders;
mod mails;
mod people;
mod polls;
mod schedules;
mod service_keys;
mod stale_keys;
#[cfg(test)]
mod tests;

pub(crate) use accounts::{Accounts, NewAccessToken};
pub(crate) use calendars::{FetchedCalendar, Imported, Noted, StoredSubscription, Subscription};
pub(crate) use conflicts::PollsOfPerson;
pub(crate) use job_orders::{JobOrder, JobOrders};
pub(crate) use mails::{Addressed, Block, Mails, NewMail, StoredMail, Told, WaitingMails};
pub(crate) use people::{Change, ChangeError, Creation, People};
pub(crate) use polls::{
    BusyParticipant, Change as PollChange, ParticipantContent, PollError, PollVersion, Polls,
};
pub(crate) use schedules::{StoredSchedule, merged};
pub(crate) use stale_keys::StaleKey;

use sql_store::{Migrations, Script};

const POSTGRES: &[Script] = &[
    Script::new(1, "people", include_str!("../../migrations/postgres/0001_people.sql")),
    Script::new(2, "person ids", include_str!("../../migrations/postgres/0002_person_ids.sql")),
    Script::new(
        3,
        "person id is primary",
        include_str!("../../migrations/postgres/0003_person_id_is_primary.sql"),
    ),
    Script::new(4, "polls", include_str!("../../migrations/postgres/0004_polls.sql")),
    Script::new(5, "poll deadlines", include_str!("../../migrations/postgres/0005_poll_deadlines.sql")),
    Script::new(6, "time versions", include_str!("../../migrations/postgres/0006_time_versions.sql")),
    Script::new(7, "join keys", include_str!("../../migrations/postgres/0007_join_keys.sql")),
    Script::new(8, "job orders", include_str!("../../migrations/postgres/0008_job_orders.sql")),
    Script::new(
        9,
        "subscriptions and feeds",
        include_str!("../../migrations/postgres/0009_subscriptions_and_feeds.sql"),
    ),
    Script::new(10, "mails", include_str!("../../migrations/postgres/0010_mails.sql")),
    Script::new(11, "meeting replies", include_str!("../../migrations/postgres/0011_meeting_replies.sql")),
    Script::new(12, "conflicts", include_str!("../../migrations/postgres/0012_conflicts.sql")),
    Script::new(
        13,
        "calendar error codes",
        include_str!("../../migrations/postgres/0013_calendar_error_codes.sql"),
    ),
    Script::new(14, "accounts", include_str!("../../migrations/postgres/0014_accounts.sql")),
];
const SQLITE: &[Script] = &[
    Script::new(1, "people", include_str!("../../migrations/sqlite/0001_people.sql")),
    Script::new(2, "person ids", include_str!("../../migrations/sqlite/0002_person_ids.sql")),
    Script::new(4, "polls", include_str!("../../migrations/sqlite/0004_polls.sql")),
    Script::new(5, "poll deadlines", include_str!("../../migrations/sqlite/0005_poll_deadlines.sql")),
    Script::new(6, "time versions", include_str!("../../migrations/sqlite/0006_time_versions.sql")),
    Script::new(7, "join keys", include_str!("../../migrations/sqlite/0007_join_keys.sql")),
    Script::new(8, "job orders", include_str!("../../migrations/sqlite/0008_job_orders.sql")),
    Script::new(
        9,
        "subscriptions and feeds",
        include_str!("../../migrations/sqlite/0009_subscriptions_and_feeds.sql"),
    ),
    Script::new(10, "mails", include_str!("../../migrations/sqlite/0010_mails.sql")),
    Script::new(11, "meeting replies", include_str!("../../migrations/sqlite/0011_meeting_replies.sql")),
    Script::new(12, "conflicts", include_str!("../../migrations/sqlite/0012_conflicts.sql")),
    Script::new(
        13,
        "calendar error codes",
        include_str!("../../migrations/sqlite/0013_calendar_error_codes.sql"),
    ),
    Script::new(14, "accounts", include_str!("../../migrations/sqlite/0014_accounts.sql")),
];

/// The tables of this service, from the first release to this one.
pub const MIGRATIONS: Migrations = Migrations::per_engine(POSTGRES, SQLITE)
    .with_step(people::address_keys::VERSION, people::address_keys::compute_all);
