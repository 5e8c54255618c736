//! PostgreSQL or an SQLite file behind one interface; files alone without the feature `postgres`.
//!
//! A service opens a [`Db`] and writes each statement once, in the SQL that both engines know: `$1`, `ON CONFLICT`,
//! `RETURNING`, the column types `TEXT` and `BIGINT`. Every statement has a deadline, and every failure is a
//! [`SqlError`], which says whether asking again later may help.
//!
//! # Migrations
//!
//! They stand in the service's folder `migrations/` as `0001_name.sql`, one text for both engines, and each is built in
//! as a [`Script`]. A service that needs different texts keeps `migrations/postgres/` and `migrations/sqlite/` and
//! passes both to [`Migrations::per_engine`]; what SQL cannot do is a [`MigrationStep`]. On PostgreSQL they run under an
//! advisory lock, so replicas may start together. Two services in one database do not meet: each may have a schema of its own
//! ([`OpenOptions::schema`]), in which sqlx's table `_sqlx_migrations` then is as well.
//!
//! # Poolers
//!
//! Behind a pooler that gives its sessions to others after each transaction, which the connection string says by
//! `pooler=transaction`, nothing of a session is used: each statement is in a transaction, which brings its settings along, and
//! has no name on the server. Migrations need a session, and so another connection string.

mod backup;
mod condition;
mod db;
#[cfg(feature = "postgres")]
mod dsn;
mod error;
mod file;
#[cfg(feature = "postgres")]
mod hosts;
mod metrics;
mod migrate;
mod options;
mod outage;
mod placeholders;
mod pool;
mod pooler;
mod session;
mod statement_context;
mod table_access;
mod tx;

pub use backup::{ClosedDatabase, check_database, copy_database};
pub use db::{Db, Health};
pub use error::SqlError;
pub use metrics::DbCollector;
pub use migrate::{MigrationError, MigrationStep, Migrations, Script};
pub use options::{Engine, OpenError, OpenOptions};
pub use outage::Outage;
pub use placeholders::Placeholders;
pub use session::{Session, Statement};
pub use statement_context::StatementContext;
pub use tx::Tx;
