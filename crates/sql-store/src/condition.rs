use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::{Outage, SqlError, error::root};

/// A trouble that comes and goes is not logged more often than this.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(30);

/// How a database is, as far as the latest answers tell; each change is one line in the log.
#[derive(Debug)]
pub(crate) struct Condition {
    /// The server or the file, for the log: no password.
    place: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last_answer: Option<Instant>,
    /// Whether the log has it that the database cannot be used.
    unreachable: bool,
    write_failure: Option<WriteFailure>,
    warned: Option<Instant>,
}

#[derive(Debug)]
struct WriteFailure {
    /// What was tried; only the same, done with success, shows that it is over.
    operation: String,
    summary: String,
    /// Whether the log has it.
    logged: bool,
}

/// The operation under which [`Condition::read_only`] remembers what the server said about itself.
const ASKED: &str = "";

impl Condition {
    pub(crate) fn new(place: String) -> Condition {
        Condition { place, state: Mutex::default() }
    }

    /// Takes note of how a statement, or the wait for a connection, ended.
    pub(crate) fn observe<T>(&self, operation: &str, writes: bool, result: &Result<T, SqlError>) {
        match result {
            Ok(_) => {
                let mut state = self.state.lock();
                state.answered(&self.place);
                if writes {
                    state.writes_again(&self.place, |failure| failure.operation == operation);
                }
            }
            Err(error) => self.failed(operation, writes, error),
        }
    }

    /// [`Condition::observe`] of a failure.
    pub(crate) fn failed(&self, operation: &str, writes: bool, error: &SqlError) {
        let mut state = self.state.lock();
        match error.outage() {
            None => state.answered(&self.place),
            Some(Outage::Unreachable | Outage::NotAdmitted) => {
                if !state.unreachable && state.may_warn() {
                    tracing::warn!(database = self.place, cause = root(error), "{error}");
                    state.unreachable = true;
                }
            }
            Some(Outage::ReadOnly) if writes => state.write_failed(&self.place, operation, error),
            Some(Outage::ReadOnly | Outage::Slow | Outage::Busy | Outage::Passing) => (),
        }
    }

    /// Takes note of what the server says about itself.
    pub(crate) fn read_only(&self, read_only: bool) {
        let mut state = self.state.lock();
        if read_only {
            let error = SqlError::unavailable(Outage::ReadOnly, "it is a standby, or set to read only");
            state.write_failed(&self.place, ASKED, &error);
        } else {
            state.writes_again(&self.place, |failure| failure.operation == ASKED);
        }
    }

    /// Why it takes no writes, as far as is known.
    pub(crate) fn write_failure(&self) -> Option<String> {
        self.state.lock().write_failure.as_ref().map(|failure| failure.summary.clone())
    }

    /// How long ago it answered anything.
    pub(crate) fn since_last_answer(&self) -> Option<Duration> {
        self.state.lock().last_answer.map(|instant| instant.elapsed())
    }
}

impl State {
    fn answered(&mut self, place: &str) {
        self.last_answer = Some(Instant::now());
        if std::mem::take(&mut self.unreachable) {
            tracing::info!(database = place, "the database answers again");
        }
    }

    fn write_failed(&mut self, place: &str, operation: &str, error: &SqlError) {
        let mut logged = self.write_failure.as_ref().is_some_and(|failure| failure.logged);
        if !logged && self.may_warn() {
            tracing::warn!(database = place, cause = root(error), "{error}");
            logged = true;
        }
        // What the server says of itself explains the failed statements, and not the other way round.
        let explained = self.write_failure.as_ref().is_some_and(|failure| failure.operation == ASKED);
        let operation = if explained { ASKED } else { operation }.to_owned();
        self.write_failure = Some(WriteFailure { operation, summary: error.summary(), logged });
    }

    fn writes_again(&mut self, place: &str, is_over: impl Fn(&WriteFailure) -> bool) {
        if let Some(failure) = self.write_failure.take_if(|failure| is_over(failure))
            && failure.logged
        {
            tracing::info!(database = place, "the database takes writes again");
        }
    }

    fn may_warn(&mut self) -> bool {
        let may = self.warned.is_none_or(|instant| instant.elapsed() >= BETWEEN_WARNINGS);
        if may {
            self.warned = Some(Instant::now());
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> Result<(), SqlError> {
        Err(SqlError::unavailable(Outage::ReadOnly, "disk full"))
    }

    #[test]
    fn a_failed_write_is_remembered_until_the_same_succeeds() {
        let condition = Condition::new("here".to_owned());
        condition.observe("SELECT", false, &full());
        assert_eq!(condition.write_failure(), None, "a read says nothing about writes");
        condition.observe("INSERT", true, &full());
        condition.observe("SELECT", false, &Ok(()));
        condition.observe("UPDATE", true, &Ok(()));
        condition.read_only(false);
        assert_eq!(condition.write_failure().as_deref(), Some("the database takes no writes"));
        condition.observe("INSERT", true, &Ok(()));
        assert_eq!(condition.write_failure(), None);
    }

    #[test]
    fn what_the_server_says_of_itself_holds_until_it_says_otherwise() {
        let condition = Condition::new("here".to_owned());
        condition.observe("INSERT", true, &full());
        condition.read_only(true);
        condition.observe("INSERT", true, &full());
        assert!(condition.write_failure().is_some());
        condition.read_only(false);
        assert_eq!(condition.write_failure(), None);
    }
}
