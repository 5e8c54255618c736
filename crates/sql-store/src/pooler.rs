//! What is different behind a pooler that gives its sessions to others after each transaction.

use sqlx::{Row, migrate::Migration};

use crate::{Db, Outage, Session, SqlError, session::Access};

/// Why connections are refused that lead to such a pooler where nothing says so: on others' sessions are others' settings, and
/// others' prepared statements under our names.
pub(crate) const SHARED_SESSION: &str = "a new connection has the session of another one: \
     it leads to a pooler in transaction mode, and PG_DSN has no pooler=transaction";

/// A migration holds a lock and has settings in its session.
const NO_MIGRATION: &str = "its tables are not up to date, and they are not brought up to date through a pooler: \
     run the command migrate with a PG_DSN that leads past it";

impl Db {
    /// Looks whether all migrations are applied as they are here.
    ///
    /// # Errors
    /// They are not, or that cannot be found out.
    pub(crate) async fn expect_applied(&self, given: &[Migration]) -> Result<(), SqlError> {
        let mut session = Session::new(self.connection().await?, self.context.clone(), Access::Read);
        let asked = sqlx::query("SELECT version, checksum FROM _sqlx_migrations WHERE success");
        let applied = match session.fetch_all(asked).await {
            Ok(rows) => rows,
            Err(error) if error.is_unavailable() => return Err(error),
            // Most often the table is not there yet.
            Err(_) => Vec::new(),
        };
        let mut missing = given.len();
        for row in &applied {
            let (version, checksum) = (row.try_get::<i64, _>(0)?, row.try_get::<Vec<u8>, _>(1)?);
            missing -= usize::from(given.iter().any(|m| m.version == version && *m.checksum == *checksum));
        }
        if missing == 0 { Ok(()) } else { Err(SqlError::unavailable(Outage::NotAdmitted, NO_MIGRATION)) }
    }
}
