//! What an answer of a mail server means for the mail.

use std::error::Error;

use super::{SendError, session::SessionError};
use crate::mail_transport::status::says_nobody_has_it;

pub(super) fn meaning(error: &SessionError) -> SendError {
    let Some(code) = error.code() else {
        let reason = match error {
            SessionError::Deadline => "did not answer in time",
            SessionError::Smtp(error) if error.is_timeout() => "did not answer in time",
            SessionError::Smtp(error) if error.is_tls() => "has a certificate that is not trusted, or no TLS",
            SessionError::Smtp(error) if error.is_client() => {
                "does not offer the encryption or login that is demanded"
            }
            SessionError::Smtp(_) => "could not be reached, or broke off",
        };
        return SendError::Temporary(format!("the mail server {reason}"));
    };
    // What stands behind the code may be an enhanced one (RFC 3463).
    let said = error.source().and_then(Error::source).map(ToString::to_string).unwrap_or_default();
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
            let bounced = enhanced.is_none_or(says_nobody_has_it);
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
    fn only_what_is_about_the_mailbox_marks_an_address() {
        let bounced = |code, enhanced| match judged(code, enhanced) {
            SendError::Permanent { bounced, .. } => Some(bounced),
            SendError::Temporary(_) | SendError::Busy(_) => None,
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
