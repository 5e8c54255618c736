//! How many sessions there are, which of them are idle, and whether it is worth asking the server at all. Whoever waits for it
//! keeps other jobs from being done, so nobody waits for long.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use failsafe::{Config, StateMachine, backoff, failure_policy};
use futures::future::join_all;
use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep, timeout},
};

use super::{SendError, session::Session};

/// Longest wait for a connection that others have.
const LONGEST_WAIT: Duration = Duration::from_millis(250);
/// Sessions that failed in a row after which the server is left alone.
const FAILURES: u32 = 5;
/// For how long it is left alone, at first and at most, in whole seconds.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// An idle connection is closed after this time; servers do the same after some minutes.
const IDLE: Duration = Duration::from_secs(60);

type Breaker = StateMachine<failure_policy::ConsecutiveFailures<backoff::Exponential>, ()>;

pub(super) struct Connections {
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Idle>>>,
    breaker: Breaker,
}

struct Idle {
    session: Session,
    since: Instant,
}

/// The right to one connection, until this is dropped.
pub(super) struct Reserved<'a> {
    connections: &'a Connections,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    pub(super) fn new(most: u16) -> Connections {
        let policy = failure_policy::consecutive_failures(FAILURES, backoff::exponential(PAUSE.0, PAUSE.1));
        let breaker = Config::new().failure_policy(policy).build();
        let idle = Arc::default();
        tokio::spawn(close_idle(Arc::downgrade(&idle)));
        Connections { permits: Arc::new(Semaphore::new(most.into())), idle, breaker }
    }

    /// # Errors
    /// [`SendError::Busy`].
    pub(super) async fn reserve(&self) -> Result<Reserved<'_>, SendError> {
        if !self.breaker.is_call_permitted() {
            return Err(SendError::Busy("the mail server has failed others just now"));
        }
        match timeout(LONGEST_WAIT, self.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Reserved { connections: self, _permit: permit }),
            _ => Err(SendError::Busy("other mails have all connections to the mail server")),
        }
    }

    /// A session that somebody else has left.
    pub(super) fn idle(&self) -> Option<Session> {
        self.idle.lock().pop().map(|idle| idle.session)
    }
}

impl Reserved<'_> {
    /// The server did its work, whatever it said of the mail; the session may be used by others.
    pub(super) fn served(self, session: Option<Session>) {
        self.connections.breaker.on_success();
        if let Some(session) = session {
            self.connections.idle.lock().push(Idle { session, since: Instant::now() });
        }
    }

    /// It did not answer, or would say the same to any mail.
    pub(super) fn failed(self) {
        self.connections.breaker.on_error();
    }
}

/// Closes what nobody has used for long, as long as there is somebody who could.
async fn close_idle(idle: Weak<Mutex<Vec<Idle>>>) {
    loop {
        sleep(IDLE / 2).await;
        let Some(idle) = idle.upgrade() else { return };
        let old: Vec<Idle> = idle.lock().extract_if(.., |idle| idle.since.elapsed() > IDLE).collect();
        join_all(old.into_iter().map(|idle| idle.session.close())).await;
    }
}
