//! The keys of addresses that the database cannot compute: those with letters beyond ASCII.
//!
//! People of the version before have none, and neither has whoever a replica of that version stores or renames while it
//! still runs beside this one.

use std::pin::Pin;

use sql_store::{Engine, SqlError, Statement};
use sqlx::{AnyConnection, Row, any::AnyRow, query};

use super::People;
use crate::key::Key;

/// The migration after which there is room for the keys.
pub(in crate::db) const VERSION: i64 = 2;

/// People who are given an id by one statement: no row stays locked for longer than that takes.
const BATCH: i64 = 2_000;

/// Who has no key. The index has them side by side.
fn pending() -> Statement<'static> {
    query("SELECT id, email FROM people WHERE address_key IS NULL ORDER BY id LIMIT 1000")
}

/// Gives somebody from [`pending`] their key, or their own id where another person has the address. Nobody is merged.
fn assign(row: &AnyRow) -> Result<Statement<'static>, SqlError> {
    let (id, email): (String, String) = (row.try_get("id")?, row.try_get("email")?);
    let key = wire::Email::key(&email);
    let update = query(
        "UPDATE people SET address_key = \
         CASE WHEN EXISTS (SELECT 1 FROM people AS other WHERE other.address_key = $1) THEN id ELSE $1 END \
         WHERE id = $2 AND email = $3 AND address_key IS NULL",
    );
    Ok(update.bind(key).bind(id).bind(email))
}

impl People {
    /// Sees to it that people with these keys can be found by them, whichever version of the service stored them.
    pub(in crate::db) async fn complete(&self, keys: &[Key]) -> Result<(), SqlError> {
        if keys.iter().all(Key::is_plain) {
            return Ok(());
        }
        loop {
            let rows = self.db.reader().await?.fetch_all(pending()).await?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in &rows {
                match self.db.writer().await?.execute(assign(row)?).await {
                    // Somebody else had the key in the same moment; it is seen to be taken the next time.
                    Ok(_) | Err(SqlError::Conflict(_)) => (),
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

/// Gives everybody a key, and says in the log how many have an address that another person has.
pub(in crate::db) fn compute_all(
    connection: &mut AnyConnection,
    engine: Engine,
) -> Pin<Box<dyn Future<Output = Result<(), SqlError>> + Send + '_>> {
    Box::pin(async move {
        if engine == Engine::Postgres {
            let fill = "UPDATE people SET id = person_id(created_at_us), address_key = \
                 CASE WHEN octet_length(email) = length(email) THEN lower(email COLLATE \"C\") END \
                 WHERE email_key IN (SELECT email_key FROM people WHERE id IS NULL LIMIT $1)";
            while query(fill).bind(BATCH).execute(&mut *connection).await?.rows_affected() > 0 {}
        }
        // The database does not know which quotes are needed.
        query("UPDATE people SET address_key = NULL WHERE address_key LIKE '\"%'")
            .execute(&mut *connection)
            .await?;
        loop {
            let rows = pending().fetch_all(&mut *connection).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                assign(row)?.execute(&mut *connection).await?;
            }
        }
        report(connection).await
    })
}

async fn report(connection: &mut AnyConnection) -> Result<(), SqlError> {
    let count = query("SELECT COUNT(*) AS people FROM people WHERE address_key = id");
    let duplicates: i64 = count.fetch_one(connection).await?.try_get("people")?;
    if duplicates > 0 {
        tracing::warn!(
            duplicates,
            "people have the address of somebody else in other letters; they are kept, but not found by it"
        );
    }
    Ok(())
}
