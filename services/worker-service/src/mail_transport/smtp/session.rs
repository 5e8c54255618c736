use std::{fmt, time::Duration};

use lettre::transport::smtp::{
    Error,
    authentication::DEFAULT_MECHANISMS,
    client::AsyncSmtpConnection,
    commands::{Data, Mail, Quit, Rcpt, Rset},
};
use mail::MailMessage;
use tokio::time::timeout;

use super::{
    SmtpLimits,
    address::{Encryption, SmtpAddress},
};

/// One connection to a mail server. After a deadline it is dropped: what the server says then would be taken for the answer to
/// the next question.
pub(super) struct Session {
    connection: AsyncSmtpConnection,
    limits: SmtpLimits,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    #[error("no answer in time")]
    Deadline,
    #[error("the server refuses, or cannot be reached")]
    Smtp(#[from] Error),
}

impl SessionError {
    /// The answer that refused something.
    pub(super) fn code(&self) -> Option<String> {
        match self {
            SessionError::Deadline => None,
            SessionError::Smtp(error) => error.status().map(|code| code.to_string()),
        }
    }

    /// Whether it is about the session and would come for any mail: none can be had, it ends, or it needs another login or
    /// encryption.
    pub(super) fn is_about_session(&self) -> bool {
        self.code().is_none_or(|code| {
            matches!(code.as_str(), "421" | "432" | "454" | "523" | "530" | "534" | "535" | "538")
        })
    }
}

impl Session {
    /// Connects, encrypts and logs in as the address says.
    pub(super) async fn open(address: &SmtpAddress, limits: &SmtpLimits) -> Result<Session, SessionError> {
        let server = (address.host.trim_matches(['[', ']']), address.port);
        let whole = address.tls.clone().filter(|_| address.encryption == Encryption::Whole);
        let (answer, hello) = (limits.answer, &address.hello);
        let connect = AsyncSmtpConnection::connect_tokio1(server, Some(answer), hello, whole, None);
        let mut connection = limited(answer, connect).await?;
        let encrypts = match address.encryption {
            Encryption::Whole | Encryption::Never => false,
            // It fails where that is not offered, before anything was said.
            Encryption::Demanded => true,
            Encryption::Offered => connection.can_starttls(),
        };
        if let Some(tls) = address.tls.clone().filter(|_| encrypts) {
            limited(answer, connection.starttls(tls, hello)).await?;
        }
        if let Some(credentials) = &address.credentials {
            limited(answer, connection.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(Session { connection, limits: *limits })
    }

    /// Tells who writes. Nothing of the mail is with the server yet.
    pub(super) async fn begin(&mut self, message: &MailMessage) -> Result<(), SessionError> {
        let sender = message.envelope.from().cloned();
        limited(self.limits.answer, self.connection.command(Mail::new(sender, Vec::new()))).await.map(drop)
    }

    /// Tells to whom, and what. Where the last answer is missing the server may have the mail.
    pub(super) async fn finish(&mut self, message: &MailMessage) -> Result<(), SessionError> {
        for recipient in message.envelope.to() {
            let to = self.connection.command(Rcpt::new(recipient.clone(), Vec::new()));
            limited(self.limits.answer, to).await?;
        }
        limited(self.limits.answer, self.connection.command(Data)).await?;
        // All of it is ASCII.
        let text = String::from_utf8_lossy(&message.bytes);
        limited(self.limits.verdict, self.connection.command(Text(&text))).await.map(drop)
    }

    /// Forgets the mail that was refused.
    pub(super) async fn reset(&mut self) -> Result<(), SessionError> {
        limited(self.limits.answer, self.connection.command(Rset)).await.map(drop)
    }

    pub(super) async fn close(mut self) {
        // An end that is not orderly is one all the same.
        drop(limited(self.limits.answer, self.connection.command(Quit)).await);
    }
}

/// A whole text with its end, which are written at once: an end by itself would wait until the receiver has confirmed the text (RFC
/// 896), and receivers put that off by some 40 ms while they have nothing to say.
struct Text<'a>(&'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.strip_suffix("\r\n").unwrap_or(self.0);
        for line in text.split_inclusive("\r\n") {
            // A dot alone would be the end (RFC 5321 §4.5.2).
            if line.starts_with('.') {
                f.write_str(".")?;
            }
            f.write_str(line)?;
        }
        f.write_str("\r\n.\r\n")
    }
}

async fn limited<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, Error>>,
) -> Result<T, SessionError> {
    timeout(limit, step).await.map_err(|_elapsed| SessionError::Deadline)?.map_err(SessionError::Smtp)
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn a_text_has_its_end_and_no_line_that_looks_like_it() {
        for (text, written) in [
            ("", "\r\n.\r\n"),
            ("one", "one\r\n.\r\n"),
            ("one\r\n", "one\r\n.\r\n"),
            ("one\r\n\r\n", "one\r\n\r\n.\r\n"),
            (".\r\n.two\r\nthree.\r\n", "..\r\n..two\r\nthree.\r\n.\r\n"),
        ] {
            assert_eq!(Text(text).to_string(), written);
        }
    }
}
