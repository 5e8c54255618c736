use sqlx::Row;
use tokio::time::timeout;

use crate::{Db, Engine, Session, SqlError, session::Access};

/// What a service may do with its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TableAccess {
    #[error("this service may read and write its table")]
    Full,
    #[error("the database does not let this service write its table")]
    Read,
    #[error("the database does not let this service read its table")]
    None,
    #[error("the database lacks a table of this service")]
    Missing,
}

impl Db {
    /// What this service may do with its table. What cannot be asked just now, while all connections are in use for
    /// instance, is no reason to say that it may not.
    pub(crate) async fn access(&self) -> TableAccess {
        const ASKED: &str = "SELECT CAST(to_regclass($1) IS NULL AS TEXT), \
             CAST(has_table_privilege(to_regclass($1), 'SELECT') AS TEXT), \
             CAST(has_table_privilege(to_regclass($1), 'INSERT') AND has_table_privilege(to_regclass($1), 'UPDATE') \
             AND has_table_privilege(to_regclass($1), 'DELETE') AS TEXT)";
        let (Some(table), Engine::Postgres, true) = (self.table, self.engine, self.is_migrated()) else {
            return TableAccess::Full;
        };
        if self.pool.is_exhausted() {
            return TableAccess::Full;
        }
        let asked = async {
            let mut session = Session::new(self.connection().await?, self.context.clone(), Access::Read);
            let row = session.fetch_optional(sqlx::query(ASKED).bind(table)).await?;
            let row = row.ok_or(sqlx::Error::RowNotFound)?;
            let says = |column| {
                Ok::<_, SqlError>(row.try_get::<Option<String>, _>(column)?.as_deref() == Some("true"))
            };
            Ok::<_, SqlError>(match (says(0)?, says(1)?, says(2)?) {
                (true, ..) => TableAccess::Missing,
                (false, false, _) => TableAccess::None,
                (false, true, false) => TableAccess::Read,
                (false, true, true) => TableAccess::Full,
            })
        };
        match timeout(Self::PING_DEADLINE, asked).await {
            Ok(Ok(access)) => access,
            Ok(Err(_)) | Err(_) => TableAccess::Full,
        }
    }
}
