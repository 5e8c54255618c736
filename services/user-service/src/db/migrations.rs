//! Steps that bring the tables to this release: those of both engines, and those that differ.

use sql_store::{Migrations, Script};

use super::people;

const PEOPLE: Script = Script::new(1, "people", include_str!("../../migrations/both/0001_people.sql"));
const POLL_DEADLINES: Script =
    Script::new(5, "poll deadlines", include_str!("../../migrations/both/0005_poll_deadlines.sql"));
const JOIN_KEYS: Script =
    Script::new(7, "join keys", include_str!("../../migrations/both/0007_join_keys.sql"));
const JOB_ORDERS: Script =
    Script::new(8, "job orders", include_str!("../../migrations/both/0008_job_orders.sql"));
const SUBSCRIPTIONS_AND_FEEDS: Script = Script::new(
    9,
    "subscriptions and feeds",
    include_str!("../../migrations/both/0009_subscriptions_and_feeds.sql"),
);
const CALENDAR_ERROR_CODES: Script = Script::new(
    13,
    "calendar error codes",
    include_str!("../../migrations/both/0013_calendar_error_codes.sql"),
);
const ACCOUNTS: Script = Script::new(14, "accounts", include_str!("../../migrations/both/0014_accounts.sql"));
const POLL_ORDERS: Script =
    Script::new(15, "poll orders", include_str!("../../migrations/both/0015_poll_orders.sql"));
const SESSIONS: Script = Script::new(16, "sessions", include_str!("../../migrations/both/0016_sessions.sql"));
const POLL_RETENTION: Script =
    Script::new(17, "poll retention", include_str!("../../migrations/both/0017_poll_retention.sql"));
const ERASURES: Script = Script::new(18, "erasures", include_str!("../../migrations/both/0018_erasures.sql"));
const IDENTITIES: Script =
    Script::new(19, "identities", include_str!("../../migrations/both/0019_identities.sql"));
const ACCOUNT_POLLS: Script =
    Script::new(20, "account polls", include_str!("../../migrations/both/0020_account_polls.sql"));
const AUDIT: Script = Script::new(21, "audit", include_str!("../../migrations/both/0021_audit.sql"));
const TOKEN_ENDS_INDEX: Script = Script::new(
    22,
    "index of token ends",
    include_str!("../../migrations/both/0022_index_of_token_ends.sql"),
);
const CACHE_SERVERS: Script =
    Script::new(23, "cache servers", include_str!("../../migrations/both/0023_cache_servers.sql"));

pub(super) const POSTGRES: &[Script] = &[
    PEOPLE,
    Script::new(2, "person ids", include_str!("../../migrations/postgres/0002_person_ids.sql")),
    Script::new(
        3,
        "person id is primary",
        include_str!("../../migrations/postgres/0003_person_id_is_primary.sql"),
    ),
    Script::new(4, "polls", include_str!("../../migrations/postgres/0004_polls.sql")),
    POLL_DEADLINES,
    Script::new(6, "time versions", include_str!("../../migrations/postgres/0006_time_versions.sql")),
    JOIN_KEYS,
    JOB_ORDERS,
    SUBSCRIPTIONS_AND_FEEDS,
    Script::new(10, "mails", include_str!("../../migrations/postgres/0010_mails.sql")),
    Script::new(11, "meeting replies", include_str!("../../migrations/postgres/0011_meeting_replies.sql")),
    Script::new(12, "conflicts", include_str!("../../migrations/postgres/0012_conflicts.sql")),
    CALENDAR_ERROR_CODES,
    ACCOUNTS,
    POLL_ORDERS,
    SESSIONS,
    POLL_RETENTION,
    ERASURES,
    IDENTITIES,
    ACCOUNT_POLLS,
    AUDIT,
    TOKEN_ENDS_INDEX,
    CACHE_SERVERS,
];

pub(super) const SQLITE: &[Script] = &[
    PEOPLE,
    Script::new(2, "person ids", include_str!("../../migrations/sqlite/0002_person_ids.sql")),
    Script::new(4, "polls", include_str!("../../migrations/sqlite/0004_polls.sql")),
    POLL_DEADLINES,
    Script::new(6, "time versions", include_str!("../../migrations/sqlite/0006_time_versions.sql")),
    JOIN_KEYS,
    JOB_ORDERS,
    SUBSCRIPTIONS_AND_FEEDS,
    Script::new(10, "mails", include_str!("../../migrations/sqlite/0010_mails.sql")),
    Script::new(11, "meeting replies", include_str!("../../migrations/sqlite/0011_meeting_replies.sql")),
    Script::new(12, "conflicts", include_str!("../../migrations/sqlite/0012_conflicts.sql")),
    CALENDAR_ERROR_CODES,
    ACCOUNTS,
    POLL_ORDERS,
    SESSIONS,
    POLL_RETENTION,
    ERASURES,
    IDENTITIES,
    ACCOUNT_POLLS,
    AUDIT,
    TOKEN_ENDS_INDEX,
    CACHE_SERVERS,
];

/// The tables of this service, from the first release to this one.
pub const MIGRATIONS: Migrations = Migrations::per_engine(POSTGRES, SQLITE)
    .with_step(people::address_keys::VERSION, people::address_keys::compute_all);
