use std::{sync::Arc, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    transport::smtp::{Error, PoolConfig},
};
use mail::MailMessage;
use service_kit::{Secret, chain};
use tokio::sync::Semaphore;
use tracing::debug;

use super::SendError;

/// Longest wait for one answer of the server.
const ANSWER: Duration = Duration::from_secs(30);
/// An unused connection is closed after this time; servers do the same after some minutes.
const IDLE: Duration = Duration::from_secs(60);

/// A mail server, with a pool of connections that are kept open. Clones share them.
#[derive(Clone, Debug)]
pub struct SmtpServer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    /// The pool bounds the connections that it keeps, and not those that it makes.
    connections: Arc<Semaphore>,
}

/// An address that is no address of a mail server. It may have a password in it, so it is not repeated.
#[derive(Debug, thiserror::Error)]
#[error(
    "write smtp://host:587 or smtps://host:465, with user:password@ before the host if the server wants that"
)]
pub struct BadServer(#[source] Error);

impl SmtpServer {
    /// The server at a URL: `smtps://` for TLS from the beginning; `smtp://` for STARTTLS where the server offers it, which it
    /// has to where the URL has a password or `?tls=required`; `smtp://…?tls=none` never. None is asked yet.
    ///
    /// # Errors
    /// [`BadServer`].
    pub fn new(url: &Secret, connections: u16) -> Result<SmtpServer, BadServer> {
        let url = with_encryption(url.expose());
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(BadServer)?;
        let pool = PoolConfig::new().max_size(connections.into()).idle_timeout(IDLE);
        let transport = builder.pool_config(pool).timeout(Some(ANSWER)).build();
        Ok(SmtpServer { transport, connections: Arc::new(Semaphore::new(connections.into())) })
    }

    pub(super) async fn send(&self, message: &MailMessage) -> Result<(), SendError> {
        // Nobody closes it.
        let _connection = self.connections.acquire().await;
        match self.transport.send_raw(&message.envelope, &message.bytes).await {
            Ok(_) => Ok(()),
            Err(error) => {
                // The server's words may name the recipient, so they are neither stored nor usually logged.
                debug!(error = %chain(&error), "the mail server does not take a mail");
                Err(failure(&error))
            }
        }
    }
}

/// The URL with the encryption that is meant where it says none.
fn with_encryption(url: &str) -> String {
    let is_plain = url.starts_with("smtp://");
    if let Some(plain) = url.strip_suffix("?tls=none").filter(|_| is_plain) {
        return plain.to_owned();
    }
    if !is_plain || url.contains('?') {
        return url.to_owned();
    }
    let tls = if url.contains('@') { "required" } else { "opportunistic" };
    // lettre would take the port of submission for a server that is asked for STARTTLS.
    let (address, port) =
        match url.rsplit('@').next().and_then(|host| host.trim_end_matches('/').rsplit_once(':')) {
            Some((_, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (url, ""),
            _ => (url.trim_end_matches('/'), if url.contains('@') { ":587" } else { ":25" }),
        };
    format!("{}{port}?tls={tls}", address.trim_end_matches('/'))
}

fn failure(error: &Error) -> SendError {
    let Some(code) = error.status().map(|code| code.to_string()) else {
        let reason =
            if error.is_timeout() { "did not answer in time" } else { "could not be reached, or broke off" };
        return SendError::Temporary(format!("the mail server {reason}"));
    };
    // What stands behind the code may be an enhanced one (RFC 3463).
    let said = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let enhanced = said.split_whitespace().find(|word| is_enhanced(word));
    judged(&code, enhanced)
}

fn is_enhanced(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// What an answer of the server means for the mail.
fn judged(code: &str, enhanced: Option<&str>) -> SendError {
    let reason = match enhanced {
        Some(enhanced) => format!("the mail server answered {code} {enhanced}"),
        None => format!("the mail server answered {code}"),
    };
    match code {
        // These are about us, and pass when the settings are mended: syntax, commands, authentication, encryption.
        "500" | "501" | "502" | "503" | "504" | "523" | "530" | "534" | "535" | "538" => {
            SendError::Temporary(reason)
        }
        "550" | "551" | "553" => {
            // 5.1 and 5.2 are about the mailbox, all else about a policy.
            let bounced = enhanced.is_none_or(|code| code.starts_with("5.1.") || code.starts_with("5.2."));
            SendError::Permanent { reason, bounced }
        }
        _ if code.starts_with('5') => SendError::Permanent { reason, bounced: false },
        _ => SendError::Temporary(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_used_where_it_is_offered_and_demanded_with_a_password() {
        for (given, meant) in [
            ("smtp://mail.example.com", "smtp://mail.example.com:25?tls=opportunistic"),
            ("smtp://mail.example.com/", "smtp://mail.example.com:25?tls=opportunistic"),
            ("smtp://mail.example.com:2525", "smtp://mail.example.com:2525?tls=opportunistic"),
            ("smtp://ada:s%40x@mail.example.com", "smtp://ada:s%40x@mail.example.com:587?tls=required"),
            ("smtp://ada:x@mail.example.com:25/", "smtp://ada:x@mail.example.com:25?tls=required"),
            ("smtp://mail.example.com?tls=required", "smtp://mail.example.com?tls=required"),
            ("smtp://127.0.0.1:1025?tls=none", "smtp://127.0.0.1:1025"),
            ("smtps://ada:x@mail.example.com", "smtps://ada:x@mail.example.com"),
        ] {
            assert_eq!(with_encryption(given), meant, "{given}");
        }
    }

    #[tokio::test]
    async fn a_url_that_is_none_is_refused_without_repeating_it() {
        for bad in ["mail.example.com", "http://ada:s3cret@mail.example.com", "smtp://x?tls=maybe"] {
            let refused = SmtpServer::new(&bad.parse().unwrap(), 1).unwrap_err();
            assert!(!format!("{refused}").contains("s3cret"), "{refused}");
        }
        SmtpServer::new(&"smtps://ada:s3cret@mail.example.com".parse().unwrap(), 1).unwrap();
    }

    #[test]
    fn only_what_is_about_the_mailbox_marks_an_address() {
        let bounced = |code, enhanced| match judged(code, enhanced) {
            SendError::Permanent { bounced, .. } => Some(bounced),
            SendError::Temporary(_) => None,
        };
        assert_eq!(bounced("550", Some("5.1.1")), Some(true));
        assert_eq!(bounced("550", None), Some(true));
        assert_eq!(bounced("550", Some("5.7.1")), Some(false));
        assert_eq!(bounced("554", Some("5.7.1")), Some(false));
        assert_eq!(bounced("552", Some("5.2.2")), Some(false));
        for passes in ["421", "450", "451", "452", "535", "530"] {
            assert_eq!(bounced(passes, None), None, "{passes}");
        }
    }
}
