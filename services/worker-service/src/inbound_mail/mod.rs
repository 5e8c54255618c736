//! Mails that come in: answers of calendars, and reports that nobody has an address, are taken out of them and passed on to
//! user-service, which knows whose they are. Whoever hands a mail over repeats it until it has heard that it was taken; the
//! same mail twice changes nothing.

mod bounce;
mod read;
mod signature;

pub use read::{Inbound, read_mail};
pub(crate) use signature::{SIGNATURE_HEADER, SignatureError, verify};

use axum::http::StatusCode;
use mail::mail_of_return_token;
use peer_client::{Peer, PeerError, PeerRequest};
use service_kit::RequestContext;
use wire::{InboundReply, InboundReplyReply, MailOutcome, ReplyOutcome};

use crate::metrics::InboundMailMetrics;

/// Largest mail that is read, in bytes.
pub(crate) const MAX_MAIL: usize = 1024 * 1024;

/// Takes mails that came in.
#[derive(Clone)]
pub(crate) struct InboundMails {
    users: Peer,
    metrics: InboundMailMetrics,
}

/// Why nobody knows whether a mail is an answer. It can be handed over again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TakeError {
    #[error("user-service cannot be asked")]
    Peer(#[from] PeerError),
    #[error("user-service answered {0}")]
    Status(StatusCode),
}

impl InboundMails {
    pub(crate) fn new(users: Peer, metrics: InboundMailMetrics) -> InboundMails {
        InboundMails { users, metrics }
    }

    /// Takes a mail as it came (RFC 5322), whatever it is.
    ///
    /// # Errors
    /// [`TakeError`].
    pub(crate) async fn take(
        &self,
        context: &RequestContext,
        mail: &[u8],
    ) -> Result<InboundReplyReply, TakeError> {
        let taken = match read_mail(mail) {
            Ok(Inbound::Calendar(reply)) => self.pass_on(context, &reply).await,
            Ok(Inbound::Bounce { tokens, status }) => self.mark(context, &tokens, &status).await,
            Err(reason) => Ok(ignored(reason)),
        };
        self.count(taken.as_ref().map_or("failed", |taken| taken.outcome.name()));
        taken
    }

    /// Counts a mail that its sender may not hand over.
    pub(crate) fn refuse(&self) {
        self.count("refused");
    }

    /// Counts a mail that is too large to be an answer.
    #[cfg(feature = "distributed")]
    pub(crate) fn pass_over(&self) {
        self.count(ReplyOutcome::Ignored.name());
    }

    fn count(&self, outcome: &str) {
        self.metrics.mails.with_label_values(&[outcome]).inc();
    }

    async fn pass_on(
        &self,
        context: &RequestContext,
        reply: &InboundReply,
    ) -> Result<InboundReplyReply, TakeError> {
        let request = PeerRequest::post("/meeting-replies").json(reply).repeatable();
        let answer = self.users.send(context, request).await?;
        match answer.status {
            StatusCode::OK => Ok(answer.json()?),
            status => Err(TakeError::Status(status)),
        }
    }

    /// Has nobody write any more to the address of the mail whose token this is.
    async fn mark(
        &self,
        context: &RequestContext,
        tokens: &[String],
        status: &str,
    ) -> Result<InboundReplyReply, TakeError> {
        let outcome =
            MailOutcome::Failed { error: format!("the mail came back with {status}"), bounced: true };
        for id in tokens.iter().filter_map(|token| mail_of_return_token(token)) {
            let request =
                PeerRequest::post("/mails/{id}/outcome").part("id", &id).json(&outcome).repeatable();
            match self.users.send(context, request).await?.status {
                StatusCode::NOT_FOUND => (),
                status if status.is_success() => {
                    return Ok(InboundReplyReply { outcome: ReplyOutcome::Taken, reason: None });
                }
                status => return Err(TakeError::Status(status)),
            }
        }
        Ok(ignored("it came back to no mail's address"))
    }
}

fn ignored(reason: &str) -> InboundReplyReply {
    InboundReplyReply { outcome: ReplyOutcome::Ignored, reason: Some(reason.to_owned()) }
}
