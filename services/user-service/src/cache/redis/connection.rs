//! The connection: how it is made, how it is found to be broken, and who waits for it.

use std::{
    pin::pin,
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures::future::try_join_all;
use redis::{AsyncConnectionConfig, RedisError, cmd};
use tokio::time::timeout;

use super::{Connection, Lines, RedisCache};
use crate::cache::{CacheError, server_check::ServerCheck};

/// Commands that may wait to be sent before those who have more are held up.
const SEND_BUFFER: usize = 1_024;

/// Lines to servers that are not used yet.
pub(crate) struct NewConnection {
    lines: Lines,
    servers: Option<String>,
}

impl NewConnection {
    /// The name of these servers together, on which replicas have to agree because others may take over; no other servers
    /// have it, nor have these after a restart.
    pub(crate) fn servers(&self) -> Option<&str> {
        self.servers.as_deref()
    }
}

impl RedisCache {
    /// Gives up the connection and opens lines to the servers of now, which are not used yet.
    pub(crate) async fn open(&self) -> Result<NewConnection, CacheError> {
        self.give_up(None);
        self.noted(self.open_lines().await)
    }

    async fn open_lines(&self) -> Result<NewConnection, CacheError> {
        let limit = 4 * self.0.deadline;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(limit))
            .set_response_timeout(None)
            .set_pipeline_buffer_size(SEND_BUFFER);
        let masters = answer_within(limit, async { Ok(self.0.servers.masters().await?) }).await?;
        let lines = answer_within(limit, async { Ok(Lines::open(&masters, &config).await?) }).await?;
        let check = ServerCheck { lines: &lines, limit };
        let servers = match self.0.servers.may_fail_over() {
            true => Some(check.names().await?),
            false => {
                check.drop_values_from_before().await?;
                None
            }
        };
        Ok(NewConnection { lines, servers })
    }

    /// Drops from servers that nobody uses what they have from before.
    pub(crate) async fn clean(&self, new: &NewConnection) -> Result<(), CacheError> {
        let check = ServerCheck { lines: &new.lines, limit: 4 * self.0.deadline };
        self.noted(check.drop_everything().await)
    }

    /// Uses a new connection from now on, by the agreement of this number on its servers, if that is needed.
    pub(crate) async fn admit(&self, new: NewConnection, agreement: Option<i64>) -> Result<(), CacheError> {
        let NewConnection { lines, .. } = new;
        let check = ServerCheck { lines: &lines, limit: 4 * self.0.deadline };
        self.noted(check.try_commands().await)?;
        let number = self.0.connections_made.fetch_add(1, Ordering::Relaxed);
        *self.0.connection.write() = Some(Connection { number, lines, agreement });
        self.0.reconnected.notify_waiters();
        self.0.outage.lock().ends();
        Ok(())
    }

    fn noted<T>(&self, result: Result<T, CacheError>) -> Result<T, CacheError> {
        result.inspect_err(|error| self.take_note(error, true))
    }

    /// Whether another server may take over from one that is used, so that replicas have to agree on the servers.
    pub(crate) fn may_fail_over(&self) -> bool {
        self.0.servers.may_fail_over()
    }

    /// The number of the agreement by which the connection is used, if there is one.
    pub(crate) fn agreement(&self) -> Option<i64> {
        self.connection().ok()?.agreement
    }

    /// Gives up the connection, since others use other servers.
    pub(crate) fn leave(&self) {
        self.give_up(None);
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connection().is_ok()
    }

    /// Returns when the connection has been lost since this was last called, perhaps long ago.
    pub(crate) async fn disconnected(&self) {
        self.0.disconnected.notified().await;
    }

    /// Waits for a connection if there is none, for as long as a ping may take.
    pub(crate) async fn reconnected(&self) {
        let reconnected = self.0.reconnected.notified();
        if !self.is_connected() {
            // Whoever waits looks again anyway.
            let _ = timeout(2 * self.0.deadline, reconnected).await;
        }
    }

    /// Asks for a sign of life. A connection that gives none is given up.
    pub(crate) async fn ping(&self) -> Result<Duration, CacheError> {
        let start = Instant::now();
        let connection = self.connection()?;
        let pings = connection.lines.all().iter().map(async |line| {
            let mut line = line.connection.clone();
            let () = cmd("PING").query_async(&mut line).await?;
            Ok(())
        });
        let ping = async { answer_within(2 * self.0.deadline, try_join_all(pings)).await.map(drop) };
        let answer: Result<(), CacheError> = self.0.metrics.time("ping", "PING", ping).await;
        answer.inspect_err(|error| {
            if self.give_up(Some(connection.number)) {
                self.take_note(error, true);
            }
        })?;
        Ok(start.elapsed())
    }

    /// The answer to a command on the connection of this `number`. A failed connection is given up at once, a slow
    /// one only when it does not answer a ping either: a single command may be late for a reason of its own.
    pub(super) async fn answer<T>(
        &self,
        number: u64,
        operation: &str,
        command: &'static str,
        answer: impl Future<Output = Result<T, RedisError>>,
    ) -> Result<T, CacheError> {
        let answer = async { answer_within(self.0.deadline, async { Ok(answer.await?) }).await };
        let result = self.0.metrics.time(operation, command, answer).await;
        match &result {
            Ok(_) => (),
            Err(error @ CacheError::TimedOut(_)) => {
                self.take_note(error, false);
                if !self.0.suspected.swap(true, Ordering::AcqRel) {
                    let cache = self.clone();
                    tokio::spawn(async move {
                        // What it means is done when it fails.
                        let _ = cache.ping().await;
                        cache.0.suspected.store(false, Ordering::Release);
                    });
                }
            }
            Err(error) => {
                let given_up = self.give_up(Some(number));
                self.take_note(error, given_up);
            }
        }
        result
    }

    fn take_note(&self, error: &CacheError, is_outage: bool) {
        let Some(cause) = error.cause() else { return };
        self.0.metrics.count_failure(cause);
        if is_outage {
            self.0.outage.lock().begins(cause, error);
        }
    }

    /// Stops using the connection of this number, or any; whether it was in use.
    fn give_up(&self, number: Option<u64>) -> bool {
        let mut connection = self.0.connection.write();
        let is_meant = |connection: &mut Connection| number.is_none_or(|number| connection.number == number);
        let given_up = connection.take_if(is_meant).is_some();
        if given_up {
            self.0.disconnected.notify_one();
        }
        given_up
    }

    pub(super) fn connection(&self) -> Result<Connection, CacheError> {
        self.0.connection.read().clone().ok_or(CacheError::NotConnected)
    }
}

/// The answer, unless it takes longer than `limit`, which is waited for in four slices. Time in which this process
/// did not run, because it was frozen or had too much to do, uses up one slice at most; whatever arrived meanwhile is
/// looked at in the next one, and is not taken for slowness of the server.
async fn answer_within<T>(
    limit: Duration,
    answer: impl Future<Output = Result<T, CacheError>>,
) -> Result<T, CacheError> {
    let mut answer = pin!(answer);
    for _ in 0..4 {
        if let Ok(answer) = timeout(limit / 4, &mut answer).await {
            return answer;
        }
    }
    Err(CacheError::TimedOut(limit))
}
