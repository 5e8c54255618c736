use std::fmt;

use tokio_rustls::rustls::pki_types::ServerName;
use url::Url;

use crate::server_url::{login, tls_setting};

/// An address that is no address of a mailbox. It may have a password in it, so it is not repeated.
#[derive(Debug, thiserror::Error)]
#[error(
    "write imaps://user:password@host, or imap://user:password@host for STARTTLS; /folder behind it names another folder than INBOX"
)]
pub struct BadMailbox;

/// Where a mailbox is, and how its server is spoken to.
#[derive(Clone)]
pub(super) struct ImapAddress {
    /// Without the brackets of an IPv6 address.
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) folder: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// From the first byte, with the name that the server's certificate has to have.
    Whole(ServerName<'static>),
    /// By STARTTLS, which has to be there.
    StartTls(ServerName<'static>),
    Never,
}

impl ImapAddress {
    pub(super) fn new(url: &str) -> Result<ImapAddress, BadMailbox> {
        let url = Url::parse(url).map_err(|_| BadMailbox)?;
        let host = url.host_str().map(|host| host.trim_matches(['[', ']'])).unwrap_or_default().to_owned();
        let (user, password) = login(&url).map_err(|_| BadMailbox)?.ok_or(BadMailbox)?;
        let name = || ServerName::try_from(host.clone()).map_err(|_| BadMailbox);
        let tls = tls_setting(&url).map_err(|()| BadMailbox)?;
        let (encryption, usual) = match (url.scheme(), tls.as_deref()) {
            ("imaps", None) => (Encryption::Whole(name()?), 993),
            ("imap", None | Some("required")) => (Encryption::StartTls(name()?), 143),
            ("imap", Some("none")) => (Encryption::Never, 143),
            _ => return Err(BadMailbox),
        };
        let folder = match url.path().trim_matches('/') {
            "" => "INBOX".to_owned(),
            path => {
                percent_encoding::percent_decode_str(path).decode_utf8().map_err(|_| BadMailbox)?.into_owned()
            }
        };
        if host.is_empty() || [&user, &password, &folder].into_iter().any(|text| !is_printable(text)) {
            return Err(BadMailbox);
        }
        Ok(ImapAddress { port: url.port().unwrap_or(usual), host, encryption, user, password, folder })
    }
}

/// Whether IMAP's quoted strings take it (RFC 3501 §4.3); other folders and logins need extensions that few servers have.
fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

impl fmt::Debug for ImapAddress {
    /// Everything but who logs in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImapAddress")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("encryption", &self.encryption)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_and_how() {
        let name = |host: &str| ServerName::try_from(host.to_owned()).unwrap();
        for (url, host, port, encryption, folder) in [
            (
                "imaps://meet:x@mail.example.com",
                "mail.example.com",
                993,
                Encryption::Whole(name("mail.example.com")),
                "INBOX",
            ),
            ("imaps://meet:x@[::1]:9930/", "::1", 9930, Encryption::Whole(name("::1")), "INBOX"),
            (
                "imap://meet:x@mail.example.com/Answers/of%20meetings",
                "mail.example.com",
                143,
                Encryption::StartTls(name("mail.example.com")),
                "Answers/of meetings",
            ),
            ("imap://meet:x@127.0.0.1:1143?tls=none", "127.0.0.1", 1143, Encryption::Never, "INBOX"),
        ] {
            let address = ImapAddress::new(url).unwrap();
            assert_eq!(
                (address.host.as_str(), address.port, address.encryption, address.folder.as_str()),
                (host, port, encryption, folder),
                "{url}"
            );
        }
    }

    #[test]
    fn a_login_is_decoded_and_never_shown() {
        let address = ImapAddress::new("imaps://meet%40example.com:s%3Acret@mail.example.com").unwrap();
        assert_eq!((address.user.as_str(), address.password.as_str()), ("meet@example.com", "s:cret"));
        let shown = format!("{address:?}");
        assert!(!shown.contains("cret") && !shown.contains("meet"), "{shown}");
    }

    #[test]
    fn what_is_no_mailbox_is_refused() {
        for wrong in [
            "",
            "mail.example.com",
            "imaps://mail.example.com",
            "imaps://meet@mail.example.com",
            "imaps://meet:x@mail.example.com?tls=none",
            "imap://meet:x@mail.example.com?tls=maybe",
            "imap://meet:x@mail.example.com?ssl=none",
            "pop3://meet:x@mail.example.com",
            "imaps://meet:%0d%0a@mail.example.com",
            "imaps://meet:x@mail.example.com/Gr%C3%BC%C3%9Fe",
        ] {
            assert!(ImapAddress::new(wrong).is_err(), "{wrong}");
        }
    }
}
