//! Mails, which user-service describes: written, sent, and reported.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use axum::http::StatusCode;
use mail::{Sender, render};
use parking_lot::Mutex;
use peer_client::{Peer, PeerRequest};
use retry::Backoff;
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::{RequestContext, chain};
use tokio::time::sleep;
use tracing::warn;
use wire::{MailDescription, MailOutcome, MailState, Timestamp};

use super::{EffectOnce, JobKind};
use crate::{
    job::JobOrder,
    mail_transport::{MailTransport, SendError},
    metrics::MailMetrics,
    outcome::{Attempt, RetryPolicy},
};

/// For so long a mail is tried. RFC 5321 §4.5.4.1 asks for more, but an invitation that comes days later is none.
const TRIED_FOR: Duration = Duration::from_secs(36 * 60 * 60);
/// Longest pause between two attempts at a mail.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// The same for one that somebody waits for.
const LONGEST_SIGN_IN_PAUSE: Duration = Duration::from_secs(30);
/// More than fit into the time for which a mail is tried, even if the server is never asked.
const ATTEMPTS: u32 = 2_500;
/// Attempts at a report within one at the job: about a minute.
const REPORTS: usize = 12;
const BETWEEN_REPORTS: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10));
/// Outcomes that are remembered until they are reported.
const REMEMBERED: usize = 10_000;

/// The kind `mail`.
pub struct Mail {
    /// Where user-service describes a mail, and where it is told what became of one.
    routes: [&'static str; 2],
    users: Peer,
    transport: MailTransport,
    sender: Sender,
    metrics: MailMetrics,
    unreported: Arc<Mutex<Unreported>>,
}

/// Which mail.
#[derive(Debug, Deserialize, Serialize)]
pub struct MailPayload {
    /// Its id at user-service.
    pub mail: String,
}

/// What became of mails of which user-service does not know yet. Nothing is sent again because a report was lost, as long as
/// this process lives.
#[derive(Debug, Default)]
struct Unreported {
    outcomes: HashMap<String, MailOutcome>,
    oldest: VecDeque<String>,
}

impl Unreported {
    fn note(&mut self, id: &str, outcome: &MailOutcome) {
        if self.outcomes.insert(id.to_owned(), outcome.clone()).is_none() {
            self.oldest.push_back(id.to_owned());
        }
        while self.oldest.len() > REMEMBERED {
            if let Some(id) = self.oldest.pop_front() {
                self.outcomes.remove(&id);
            }
        }
    }

    fn forget(&mut self, id: &str) {
        if self.outcomes.remove(id).is_some() {
            self.oldest.retain(|known| known != id);
        }
    }
}

/// What user-service says of a mail.
enum Found {
    Waiting(Box<MailDescription>),
    /// It was sent, or will not be, by this word.
    Ended(&'static str),
}

impl Mail {
    /// On top of a way to ask user-service, and one to send.
    pub fn new(users: Peer, transport: MailTransport, sender: Sender, metrics: MailMetrics) -> Mail {
        let routes = ["/mails/{id}", "/mails/{id}/outcome"];
        Mail { routes, users, transport, sender, metrics, unreported: Arc::default() }
    }

    async fn find(&self, context: &RequestContext, id: &str) -> Result<Found, Attempt> {
        let request = PeerRequest::get(self.routes[0]).part("id", id);
        let answer = self.users.send(context, request).await.map_err(|error| Attempt::faulty(&error))?;
        match answer.status {
            StatusCode::OK => {
                let mail: MailDescription = answer.json().map_err(|error| Attempt::faulty(&error))?;
                Ok(match mail.state {
                    MailState::Waiting => Found::Waiting(Box::new(mail)),
                    ended => Found::Ended(ended.name()),
                })
            }
            StatusCode::NOT_FOUND => Ok(Found::Ended(MailState::Withdrawn.name())),
            status => Err(Attempt::Faulty(format!("user-service answered {status}"))),
        }
    }

    /// Writes and sends a mail; its outcome, unless it is to be tried again.
    async fn send(&self, mail: &MailDescription) -> Result<MailOutcome, Attempt> {
        let message = match render(mail, &self.sender) {
            Ok(message) => message,
            Err(error) => {
                return Ok(MailOutcome::Failed { error: chain(&error).to_string(), bounced: false });
            }
        };
        match self.transport.send(&mail.id, message).await {
            Ok(()) => Ok(MailOutcome::Sent),
            Err(SendError::Permanent { reason, bounced }) => {
                Ok(MailOutcome::Failed { error: reason, bounced })
            }
            Err(failure) if mail.created_at.plus(TRIED_FOR) < Timestamp::now() => {
                let error = format!("given up after {} hours: {failure}", TRIED_FOR.as_secs() / 3_600);
                Ok(MailOutcome::Failed { error, bounced: false })
            }
            Err(SendError::Busy(reason)) => Err(Attempt::Deferred(reason.to_owned())),
            Err(SendError::Temporary(reason)) => {
                self.metrics.mails.with_label_values(&["deferred"]).inc();
                Err(Attempt::Faulty(reason))
            }
        }
    }

    /// Tells user-service, again and again for a while: until it knows, another process would send the mail once more.
    async fn report(&self, context: &RequestContext, id: &str, outcome: &MailOutcome) -> Result<(), Attempt> {
        let mut pauses = BETWEEN_REPORTS.pauses().take(REPORTS);
        loop {
            let request = PeerRequest::post(self.routes[1]).part("id", id).json(outcome).repeatable();
            let failure = match self.users.send(context, request).await {
                // Where there is no such mail any more, nobody sends it.
                Ok(answer) if answer.status.is_success() || answer.status == StatusCode::NOT_FOUND => {
                    self.unreported.lock().forget(id);
                    return Ok(());
                }
                Ok(answer) => format!("user-service answered {}", answer.status),
                Err(error) => chain(&error).to_string(),
            };
            let Some(pause) = pauses.next() else {
                warn!(failure, "it cannot be reported what became of a mail; that is tried again");
                return Err(Attempt::Faulty(format!(
                    "the mail has ended, and cannot be reported: {failure}"
                )));
            };
            sleep(pause).await;
        }
    }
}

impl JobKind for Mail {
    const NAME: &'static str = "mail";
    const ONCE: EffectOnce = EffectOnce::NotedWhereOrdered;
    type Payload = MailPayload;

    fn retry(usual: RetryPolicy) -> RetryPolicy {
        RetryPolicy { max_attempts: ATTEMPTS, max_pause: LONGEST_PAUSE, ..usual }
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, payload: MailPayload) -> Attempt {
        let id = payload.mail.as_str();
        let known = self.unreported.lock().outcomes.get(id).cloned();
        let outcome = match known {
            Some(outcome) => outcome,
            None => match self.find(context, id).await {
                Ok(Found::Ended(state)) => return Attempt::Done(json!({"mail": state})),
                Ok(Found::Waiting(mail)) => match self.send(&mail).await {
                    Ok(outcome) => {
                        self.metrics.mails.with_label_values(&[label(&outcome)]).inc();
                        self.unreported.lock().note(id, &outcome);
                        outcome
                    }
                    Err(attempt) => return attempt,
                },
                Err(attempt) => return attempt,
            },
        };
        match (self.report(context, id, &outcome).await, outcome) {
            (Err(attempt), _) => attempt,
            (Ok(()), MailOutcome::Sent) => Attempt::Done(json!({"mail": MailState::Sent.name()})),
            (Ok(()), MailOutcome::Failed { error, .. }) => Attempt::Refused(error),
        }
    }
}

/// The kind `sign-in-mail`: a mail with a link to sign in with, for which somebody waits.
pub struct SignInMail(Mail);

impl SignInMail {
    /// On top of what [`Mail::new`] takes.
    pub fn new(users: Peer, transport: MailTransport, sender: Sender, metrics: MailMetrics) -> SignInMail {
        let routes = ["/sign-in-mails/{id}", "/sign-in-mails/{id}/outcome"];
        SignInMail(Mail { routes, ..Mail::new(users, transport, sender, metrics) })
    }
}

impl JobKind for SignInMail {
    const NAME: &'static str = "sign-in-mail";
    const PRIORITY: u8 = JobOrder::URGENT;
    const ONCE: EffectOnce = Mail::ONCE;
    type Payload = MailPayload;

    /// Until the link holds no longer, which user-service says.
    fn retry(usual: RetryPolicy) -> RetryPolicy {
        RetryPolicy { max_attempts: ATTEMPTS, max_pause: LONGEST_SIGN_IN_PAUSE, ..usual }
    }

    async fn attempt(&self, context: &RequestContext, job_id: &str, payload: MailPayload) -> Attempt {
        self.0.attempt(context, job_id, payload).await
    }
}

fn label(outcome: &MailOutcome) -> &'static str {
    match outcome {
        MailOutcome::Sent => "sent",
        MailOutcome::Failed { bounced: true, .. } => "bounced",
        MailOutcome::Failed { bounced: false, .. } => "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attempts_outlast_the_time_for_which_a_mail_is_tried() {
        let usual = RetryPolicy {
            max_attempts: 1,
            base: Duration::from_millis(1),
            max_pause: Duration::from_secs(300),
        };
        let policy = Mail::retry(usual);
        let pause = |attempt| policy.pause(attempt, 0.0).min(RetryPolicy::MAX_DEFERRAL);
        let shortest: Duration = (1..policy.max_attempts).map(pause).sum();
        assert!(shortest > TRIED_FOR, "{shortest:?}");
    }

    #[test]
    fn so_many_outcomes_are_remembered_and_each_once() {
        let mut unreported = Unreported::default();
        for number in 0..=REMEMBERED {
            unreported.note(&number.to_string(), &MailOutcome::Sent);
            unreported.note(&number.to_string(), &MailOutcome::Sent);
        }
        assert_eq!((unreported.outcomes.len(), unreported.oldest.len()), (REMEMBERED, REMEMBERED));
        assert!(!unreported.outcomes.contains_key("0"));
        unreported.forget("5");
        unreported.forget("x");
        assert_eq!((unreported.outcomes.len(), unreported.oldest.len()), (REMEMBERED - 1, REMEMBERED - 1));
    }
}
