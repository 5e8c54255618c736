use std::ops::{Deref, DerefMut};

use crate::{Engine, Outage, Session, SqlError};

/// A transaction. Dropped without [`Tx::commit`] or [`Tx::rollback`] it is rolled back by closing its connection.
#[derive(Debug)]
pub struct Tx {
    session: Session,
    open: bool,
}

impl Tx {
    pub(crate) async fn begin(mut session: Session, engine: Engine) -> Result<Tx, SqlError> {
        session
            .begin(match engine {
                Engine::Postgres => "BEGIN",
                // A transaction that began by reading could not become a writer behind another one's back.
                Engine::Sqlite => "BEGIN IMMEDIATE",
            })
            .await?;
        Ok(Tx { session, open: true })
    }

    /// Makes what was written durable and visible.
    ///
    /// # Errors
    /// Nobody can say whether it was committed, or still will be: the request, or the answer to it, may have been
    /// lost. Only after a failed statement it is certain that nothing was.
    pub async fn commit(mut self) -> Result<(), SqlError> {
        if self.session.has_failed() {
            // PostgreSQL would answer to COMMIT with a successful rollback.
            return Err(SqlError::unavailable(Outage::Passing, "a statement of the transaction had failed"));
        }
        self.session.command("COMMIT").await?;
        self.open = false;
        Ok(())
    }

    /// Takes back what was written, and keeps the connection.
    ///
    /// # Errors
    /// The connection is lost, and with it the transaction: it is taken back all the same.
    pub async fn rollback(mut self) -> Result<(), SqlError> {
        self.session.command("ROLLBACK").await?;
        self.open = false;
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.open {
            self.session.give_up();
        }
    }
}
