use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use deadpool::managed::Object;
use retry::Backoff;
use sqlx::{
    AnyConnection, Connection, Executor, Row, SqlSafeStr,
    migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator},
};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::{Db, Engine, Outage, SqlError, error::root};

/// How long a server may refuse a service at its start: whoever makes its role, its database or its rights may be at it.
const REFUSED_FOR: Duration = Duration::from_secs(5);
const BETWEEN_TRIES: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));

/// What a session on PostgreSQL is told before it migrates: it takes as long as it takes, and may wait for another one.
const UNLIMITED: &str = "SET lock_timeout TO 0; SET statement_timeout TO 0;";

/// A part of a migration that SQL cannot do. It may be interrupted and run again, so it has to go on where it was; on
/// PostgreSQL it runs outside of a transaction, so that it can commit its work bit by bit.
pub type MigrationStep = for<'c> fn(
    &'c mut AnyConnection,
    Engine,
) -> Pin<Box<dyn Future<Output = Result<(), SqlError>> + Send + 'c>>;

/// One migration: the text of a file `0001_name.sql`.
///
/// It is named where it is built in, which takes no macro of sqlx: those know SQL, and to that end have all of sqlx with
/// its SQLite compiled a second time.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    version: i64,
    name: &'static str,
    text: &'static str,
}

impl Script {
    /// The number (from 1) and the name in the file's name, and what stands in it.
    pub const fn new(version: i64, name: &'static str, text: &'static str) -> Script {
        Script { version, name, text }
    }

    fn migration(&self) -> Migration {
        let sql = self.text.into_sql_str();
        Migration::new(self.version, self.name.into(), MigrationType::Simple, sql, false)
    }
}

/// The migrations of a service, in their order.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    postgres: &'static [Script],
    sqlite: &'static [Script],
    step: Option<(i64, MigrationStep)>,
}

impl Migrations {
    /// One text for both engines.
    pub const fn common(scripts: &'static [Script]) -> Migrations {
        Migrations { postgres: scripts, sqlite: scripts, step: None }
    }

    /// A text for each engine.
    pub const fn per_engine(postgres: &'static [Script], sqlite: &'static [Script]) -> Migrations {
        Migrations { postgres, sqlite, step: None }
    }

    /// The same, with a step between the migration of this version and the next.
    pub const fn with_step(self, version: i64, step: MigrationStep) -> Migrations {
        Migrations { step: Some((version, step)), ..self }
    }

    fn of(&self, engine: Engine) -> Vec<Migration> {
        let scripts = match engine {
            Engine::Postgres => self.postgres,
            Engine::Sqlite => self.sqlite,
        };
        scripts.iter().map(Script::migration).collect()
    }
}

/// Why the tables could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// The database could not be asked; trying again may help.
    #[error("the database is not available for migration")]
    Unavailable(#[source] SqlError),
    /// The migrations cannot be applied to this database; the process should end and say so.
    #[error("the database cannot be migrated")]
    Failed(#[source] MigrateError),
}

impl From<SqlError> for MigrationError {
    fn from(error: SqlError) -> MigrationError {
        match error {
            SqlError::Conflict(error) | SqlError::Other(error) => MigrationError::Failed(error.into()),
            error @ SqlError::Unavailable(..) => MigrationError::Unavailable(error),
        }
    }
}

impl From<MigrateError> for MigrationError {
    fn from(error: MigrateError) -> MigrationError {
        match error {
            MigrateError::Execute(error) => SqlError::from(error).into(),
            MigrateError::ExecuteMigration(error, version) => match SqlError::from(error) {
                SqlError::Conflict(error) | SqlError::Other(error) => {
                    MigrationError::Failed(MigrateError::ExecuteMigration(error, version))
                }
                error @ SqlError::Unavailable(..) => MigrationError::Unavailable(error),
            },
            error => MigrationError::Failed(error),
        }
    }
}

impl Db {
    /// Brings the tables up to date. Several processes may do so at once: one works, the others wait. Migrations
    /// that a newer release has applied are passed over, so that an old replica may restart during a rollout. Where
    /// there is nothing to do, nothing is written, so that a standby, or a role without rights to the tables' definitions,
    /// will do. Behind a pooler of transactions it is only looked whether there is nothing to do.
    ///
    /// # Errors
    /// [`MigrationError`]; with [`Outage::NotAdmitted`] also where a pooler is in the way.
    pub async fn migrate(&self, migrations: &Migrations) -> Result<(), MigrationError> {
        let given = migrations.of(self.engine);
        if self.context.begin.is_some() {
            self.expect_applied(&given).await?;
            self.set_migrated();
            return Ok(());
        }
        // Out of the pool: a failure, or a caller that stops waiting, leaves it with a lock or in a transaction.
        let mut connection = Object::take(self.pool.get().await?);
        if self.engine == Engine::Postgres {
            // A pooler that nobody has told us of gives it the session of the first, most often.
            self.pool.try_another().await?;
        }
        if !self.is_up_to_date(&mut connection, &given).await? {
            let migrator = self.migrator(&mut connection, given).await.map_err(SqlError::from)?;
            match self.engine {
                Engine::Postgres => {
                    connection.execute(UNLIMITED).await.map_err(SqlError::from)?;
                    // A session may take the lock again that it has: it is held from the first to the last.
                    connection.lock().await?;
                    self.apply(&migrator, migrations, &mut connection).await?;
                    connection.unlock().await?;
                }
                Engine::Sqlite => {
                    // sqlx has no lock for a file's migrations, but a transaction that writes is one.
                    let begun = AnyConnection::begin_with(&mut connection, "BEGIN IMMEDIATE").await;
                    let mut tx = begun.map_err(SqlError::from)?;
                    self.apply(&migrator, migrations, &mut tx).await?;
                    tx.commit().await.map_err(SqlError::from)?;
                }
            }
        }
        self.set_migrated();
        Ok(())
    }

    /// [`Db::migrate`], again and again while the database is not available, until it succeeds or `stopping`. A server
    /// that refuses the service is asked for some seconds, and a file once.
    ///
    /// # Errors
    /// [`MigrationError`], when trying again would not help.
    pub async fn migrate_when_available(
        &self,
        migrations: &Migrations,
        stopping: &CancellationToken,
    ) -> Result<(), MigrationError> {
        let migrated = async {
            let (mut refused_since, mut told) = (None, String::new());
            let mut pauses = BETWEEN_TRIES.pauses();
            loop {
                let error = match self.migrate(migrations).await {
                    Err(MigrationError::Unavailable(error)) if self.engine == Engine::Postgres => error,
                    ended => return ended,
                };
                // It warns of a server that is not there or refuses the service.
                self.context.condition.failed("migrate", false, &error);
                match error.outage() {
                    Some(Outage::NotAdmitted) => {
                        if refused_since.get_or_insert_with(Instant::now).elapsed() >= REFUSED_FOR {
                            return Err(MigrationError::Unavailable(error));
                        }
                    }
                    Some(Outage::Unreachable) => refused_since = None,
                    _ => {
                        refused_since = None;
                        let cause = root(&error);
                        if cause != told {
                            tracing::warn!(cause, "{error}; the migration is tried again");
                            told = cause;
                        }
                    }
                }
                sleep(pauses.next().unwrap_or(BETWEEN_TRIES.longest)).await;
            }
        };
        stopping.run_until_cancelled(migrated).await.unwrap_or(Ok(()))
    }

    /// Whether all migrations are applied as they are here.
    async fn is_up_to_date(
        &self,
        connection: &mut AnyConnection,
        given: &[Migration],
    ) -> Result<bool, SqlError> {
        let table = &Migrator::DEFAULT.table_name;
        let listed = async {
            match connection.dirty_version(table).await? {
                Some(_) => Ok(Vec::new()),
                None => connection.list_applied_migrations(table).await,
            }
        };
        match listed.await {
            Ok(applied) => Ok(given.iter().all(|migration| {
                applied.iter().any(|a| a.version == migration.version && a.checksum == migration.checksum)
            })),
            // Most often the table is not there yet.
            Err(MigrateError::Execute(error)) => match SqlError::from(error) {
                error @ SqlError::Unavailable(..) => Err(error),
                _ => Ok(false),
            },
            Err(_) => Ok(false),
        }
    }

    async fn apply(
        &self,
        migrator: &Migrator,
        migrations: &Migrations,
        connection: &mut AnyConnection,
    ) -> Result<(), MigrationError> {
        if let Some((version, step)) = migrations.step {
            migrator.run_direct(Some(version), &mut *connection, false).await?;
            step(&mut *connection, self.engine).await?;
        }
        Ok(migrator.run_direct(None, connection, false).await?)
    }

    async fn migrator(
        &self,
        connection: &mut AnyConnection,
        given: Vec<Migration>,
    ) -> Result<Migrator, sqlx::Error> {
        let mut migrator = Migrator::with_migrations(given);
        migrator.set_ignore_missing(true);
        if let (Engine::Postgres, Some(schema)) = (self.engine, self.schema) {
            // Even `IF NOT EXISTS` asks for the right to create schemas, which an operator may have kept back.
            let exists = sqlx::query("SELECT COUNT(*) FROM pg_namespace WHERE nspname = $1")
                .bind(schema)
                .fetch_one(connection)
                .await?
                .try_get::<i64, _>(0)?;
            if exists == 0 {
                migrator.create_schema(format!("\"{schema}\""));
            }
        }
        Ok(migrator)
    }
}
