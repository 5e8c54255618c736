//! A mail server: connections that are kept open, and what its answers mean.

mod address;
mod answer;
mod connections;
mod session;

use std::{fmt, sync::Arc, time::Duration};

use mail::MailMessage;
use service_kit::{Secret, chain};
use tracing::debug;

use super::SendError;
use address::SmtpAddress;
use connections::Connections;
use session::{Session, SessionError};

use address::BadServer;

/// A mail server, with connections that are kept open. Clones share them.
#[derive(Clone)]
pub struct SmtpServer(Arc<Shared>);

struct Shared {
    address: SmtpAddress,
    limits: SmtpLimits,
    connections: Connections,
}

/// How much is asked of a mail server at most.
#[derive(Clone, Copy, Debug)]
pub struct SmtpLimits {
    /// Connections, and so mails at a time.
    pub connections: u16,
    /// Longest wait for one answer.
    pub answer: Duration,
    /// Longest wait for the answer to a whole text. Who gives up before it comes does not know whether the server has the
    /// mail, so this is longer (RFC 5321 §4.5.3.2.6 advises ten minutes).
    pub verdict: Duration,
}

impl Default for SmtpLimits {
    fn default() -> SmtpLimits {
        SmtpLimits { connections: 20, answer: Duration::from_secs(30), verdict: Duration::from_secs(5 * 60) }
    }
}

impl SmtpServer {
    /// The server at a URL: `smtps://` for TLS from the beginning; `smtp://` for STARTTLS where the server offers it, which it
    /// has to where the URL has a password or `?tls=required`; `smtp://…?tls=none` never. None is asked yet.
    ///
    /// # Errors
    /// [`BadServer`].
    pub fn new(url: &Secret, limits: SmtpLimits) -> Result<SmtpServer, BadServer> {
        let address = SmtpAddress::new(url.expose())?;
        let connections = Connections::new(limits.connections);
        Ok(SmtpServer(Arc::new(Shared { address, limits, connections })))
    }

    pub(super) async fn send(&self, message: &MailMessage) -> Result<(), SendError> {
        let Shared { address, limits, connections } = &*self.0;
        let connection = connections.reserve().await?;
        let (ended, session) = match begin(address, limits, connections.idle(), message).await {
            Ok(mut session) => (session.finish(message).await, Some(session)),
            Err(error) => (Err(error), None),
        };
        let Err(error) = ended else {
            connection.served(session);
            return Ok(());
        };
        // The server's words may name the recipient, so they are neither stored nor usually logged.
        debug!(error = %chain(&error), "the mail server does not take a mail");
        if error.is_about_session() {
            connection.failed();
        } else {
            let usable = match session {
                Some(mut session) => session.reset().await.ok().map(|()| session),
                None => None,
            };
            connection.served(usable);
        }
        Err(answer::meaning(&error))
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SmtpServer").field(&self.0.address).finish()
    }
}

/// A session in which the server knows who writes. One that was idle may have ended unnoticed; nothing was sent in it then.
async fn begin(
    address: &SmtpAddress,
    limits: &SmtpLimits,
    idle: Option<Session>,
    message: &MailMessage,
) -> Result<Session, SessionError> {
    if let Some(mut session) = idle {
        match session.begin(message).await {
            Err(error) if error.is_about_session() => {
                debug!(error = %chain(&error), "an idle session has ended")
            }
            begun => return begun.map(|()| session),
        }
    }
    let mut session = Session::open(address, limits).await?;
    session.begin(message).await?;
    Ok(session)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_url_that_is_none_is_refused_without_repeating_it() {
        let server = |url: &str| SmtpServer::new(&url.parse().unwrap(), SmtpLimits::default());
        for bad in ["mail.example.com", "http://ada:s3cret@mail.example.com", "smtp://x?tls=maybe", "smtp://"]
        {
            let refused = server(bad).unwrap_err();
            assert!(!format!("{refused:?} {refused}").contains("s3cret"), "{refused}");
        }
        let good = server("smtps://ada:s3cret@mail.example.com").unwrap();
        assert!(!format!("{good:?}").contains("s3cret"), "{good:?}");
    }
}
