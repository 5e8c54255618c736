use std::{borrow::Cow, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use sqlx::{
    AnyConnection, Connection, Row,
    migrate::{MigrateError, Migrator},
};
use tokio_util::sync::CancellationToken;

use crate::{Db, Engine, SqlError};

/// The migrations of a service.
#[derive(Clone, Copy, Debug)]
pub struct Migrations {
    postgres: &'static Migrator,
    sqlite: &'static Migrator,
}

impl Migrations {
    /// One text for both engines.
    pub const fn common(migrator: &'static Migrator) -> Migrations {
        Migrations { postgres: migrator, sqlite: migrator }
    }

    /// A text for each engine.
    pub const fn per_engine(postgres: &'static Migrator, sqlite: &'static Migrator) -> Migrations {
        Migrations { postgres, sqlite }
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
            error @ SqlError::Unavailable(_) => MigrationError::Unavailable(error),
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
                error @ SqlError::Unavailable(_) => MigrationError::Unavailable(error),
            },
            error => MigrationError::Failed(error),
        }
    }
}

impl Db {
    /// Longest pause between two tries to migrate.
    const MIGRATION_PAUSE: Duration = Duration::from_secs(2);

    /// Brings the tables up to date. Several processes may do so at once: one works, the others wait. Migrations
    /// that a newer release has applied are passed over, so that an old replica may restart during a rollout.
    ///
    /// # Errors
    /// [`MigrationError`], by whether trying again may help.
    pub async fn migrate(&self, migrations: &Migrations) -> Result<(), MigrationError> {
        let mut connection = self.pool.acquire().await.map_err(SqlError::from)?;
        // A failure, or a caller that stops waiting, would otherwise put it back with the advisory lock held.
        connection.close_on_drop();
        let migrator = self.migrator(&mut connection, migrations).await.map_err(SqlError::from)?;
        match self.engine {
            Engine::Postgres => migrator.run_direct(None, &mut *connection, false).await?,
            Engine::Sqlite => {
                // sqlx has no lock for a file's migrations, but a transaction that writes is one.
                let begun = AnyConnection::begin_with(&mut connection, "BEGIN IMMEDIATE").await;
                let mut tx = begun.map_err(SqlError::from)?;
                migrator.run_direct(None, &mut *tx, false).await?;
                tx.commit().await.map_err(SqlError::from)?;
            }
        }
        self.set_migrated();
        Ok(())
    }

    /// [`Db::migrate`], again and again while the database is not available, until it succeeds or `stopping`.
    ///
    /// # Errors
    /// [`MigrationError::Failed`], for trying again would not help.
    pub async fn migrate_when_available(
        &self,
        migrations: &Migrations,
        stopping: &CancellationToken,
    ) -> Result<(), MigrationError> {
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(Self::MIGRATION_PAUSE)
            .without_max_times()
            .with_jitter()
            .build();
        let migrated = async {
            loop {
                let error = match self.migrate(migrations).await {
                    Err(MigrationError::Unavailable(error)) => error,
                    ended => return ended,
                };
                let pause = pauses.next().unwrap_or(Self::MIGRATION_PAUSE);
                let cause = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
                tracing::warn!(cause, ?pause, "the database is not available for migration, will try again");
                tokio::time::sleep(pause).await;
            }
        };
        stopping.run_until_cancelled(migrated).await.unwrap_or(Ok(()))
    }

    async fn migrator(
        &self,
        connection: &mut AnyConnection,
        migrations: &Migrations,
    ) -> Result<Migrator, sqlx::Error> {
        let given = match self.engine {
            Engine::Postgres => migrations.postgres,
            Engine::Sqlite => migrations.sqlite,
        };
        let mut migrator = Migrator {
            migrations: Cow::Borrowed(&given.migrations),
            ignore_missing: true,
            ..Migrator::DEFAULT
        };
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
