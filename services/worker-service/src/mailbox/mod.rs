//! The mailbox that answers come to, read by IMAP (RFC 3501). A mail is marked as read when what it says is stored, and not
//! before; several processes may read the same mailbox, as the same mail twice changes nothing.

mod address;
mod session;

use std::{sync::Arc, time::Duration};

use axum::http::StatusCode;
use retry::{Backoff, Pauses};
use service_kit::{RequestContext, Secret, chain};
use tokio::time::sleep;
use tokio_rustls::rustls::ClientConfig;
use tokio_util::sync::CancellationToken;
use tracing::warn;
use wire::CaseId;

use crate::{
    inbound_mail::{InboundMails, MAX_MAIL, TakeError},
    metrics::MailboxMetrics,
};
use address::{BadMailbox, ImapAddress};
use session::{Session, SessionError, tls_config};

/// How often the mailbox is looked at where its server does not tell what is new.
const EVERY: Duration = Duration::from_secs(30);
/// Pauses after it could not be read.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));

/// A mailbox on a mail server.
#[derive(Clone, Debug)]
pub struct ImapMailbox {
    address: ImapAddress,
    tls: Arc<ClientConfig>,
}

#[derive(Debug, thiserror::Error)]
enum ReadError {
    #[error("the mailbox's server cannot be read from")]
    Session(#[from] SessionError),
    #[error("a mail cannot be passed on")]
    Take(#[from] TakeError),
}

impl ImapMailbox {
    /// A mailbox by its address.
    ///
    /// # Errors
    /// [`BadMailbox`].
    pub fn new(url: &Secret) -> Result<ImapMailbox, BadMailbox> {
        Ok(ImapMailbox { address: ImapAddress::new(url.expose())?, tls: tls_config() })
    }

    /// Takes what comes into the mailbox, until `stopping`.
    pub(crate) async fn run(self, mails: InboundMails, metrics: MailboxMetrics, stopping: CancellationToken) {
        let read = async {
            let mut pauses = PAUSES.pauses();
            loop {
                let Err(error) = self.read(&mails, &metrics, &mut pauses).await;
                metrics.reads.with_label_values(&["failed"]).inc();
                let pause = pauses.next().unwrap_or(PAUSES.longest);
                warn!(error = %chain(&error), "the mailbox of answers cannot be read; that is tried again in {pause:?}");
                sleep(pause).await;
            }
        };
        stopping.run_until_cancelled(read).await;
    }

    /// Reads until something fails. The pauses begin anew with each time that everything was taken.
    async fn read(
        &self,
        mails: &InboundMails,
        metrics: &MailboxMetrics,
        pauses: &mut Pauses,
    ) -> Result<std::convert::Infallible, ReadError> {
        let mut session = Session::open(&self.address, &self.tls).await?;
        loop {
            while take_unread(&mut session, mails).await? > 0 {}
            metrics.reads.with_label_values(&["read"]).inc();
            *pauses = PAUSES.pauses();
            session = session.wait(EVERY).await?;
        }
    }
}

/// Takes the mails that nobody has read yet, some at a time; how many.
async fn take_unread(session: &mut Session, mails: &InboundMails) -> Result<usize, ReadError> {
    let mut taken = 0;
    for unread in session.unread().await? {
        let mail = match unread.size {
            ..=MAX_MAIL => session.mail(unread.uid).await?,
            // No answer is that long.
            _ => None,
        };
        let outcome = match mail {
            Some(mail) => mails.take(&RequestContext::of_background(CaseId::fresh()), &mail).await.map(drop),
            None => {
                mails.pass_over();
                Ok(())
            }
        };
        match outcome {
            Ok(()) => {
                session.mark_read(unread.uid).await?;
                taken += 1;
            }
            // It would be refused at any time, and others are not to wait for it.
            Err(TakeError::Status(status)) if status.is_client_error() && is_final(status) => {
                warn!(%status, uid = unread.uid, "user-service refuses a mail, which stays unread");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(taken)
}

fn is_final(status: StatusCode) -> bool {
    !matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS)
}
