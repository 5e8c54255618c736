use std::fmt;

use lettre::transport::smtp::{authentication::Credentials, client::TlsParameters, extension::ClientId};
use url::Url;

use crate::server_url::{login, tls_setting};

/// An address that is no address of a mail server. It may have a password in it, so it is not repeated.
#[derive(Debug, thiserror::Error)]
#[error(
    "write smtp://host:587 or smtps://host:465, with user:password@ before the host if the server wants that"
)]
pub struct BadServer;

/// Where a mail server is, and how it is spoken to.
pub(super) struct SmtpAddress {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    pub(super) tls: Option<TlsParameters>,
    pub(super) credentials: Option<Credentials>,
    /// What the server is greeted with.
    pub(super) hello: ClientId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encryption {
    /// From the first byte.
    Whole,
    /// By STARTTLS, or not at all.
    Demanded,
    /// By STARTTLS where the server offers that.
    Offered,
    Never,
}

impl SmtpAddress {
    pub(super) fn new(url: &str) -> Result<SmtpAddress, BadServer> {
        let url = Url::parse(url).map_err(|_| BadServer)?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(BadServer)?.to_owned();
        let credentials = login(&url).map_err(|_| BadServer)?;
        let credentials = credentials.map(|(user, password)| Credentials::new(user, password));
        let encryption = encryption(&url, credentials.is_some())?;
        // Ports of RFC 8314 and 6409 for those who log in, and the one of servers among themselves.
        let usual = match (encryption, &credentials) {
            (Encryption::Whole, _) => 465,
            (_, Some(_)) => 587,
            (_, None) => 25,
        };
        let tls = match encryption {
            Encryption::Never => None,
            _ => Some(TlsParameters::new(host.clone()).map_err(|_| BadServer)?),
        };
        let hello = match url.path().trim_matches('/') {
            "" => ClientId::default(),
            name => ClientId::Domain(name.to_owned()),
        };
        Ok(SmtpAddress { port: url.port().unwrap_or(usual), host, encryption, tls, credentials, hello })
    }
}

fn encryption(url: &Url, logs_in: bool) -> Result<Encryption, BadServer> {
    let tls = tls_setting(url).map_err(|()| BadServer)?;
    match (url.scheme(), tls.as_deref()) {
        ("smtps", None) => Ok(Encryption::Whole),
        ("smtp", None) if logs_in => Ok(Encryption::Demanded),
        ("smtp", None | Some("opportunistic")) => Ok(Encryption::Offered),
        ("smtp", Some("required")) => Ok(Encryption::Demanded),
        ("smtp", Some("none")) => Ok(Encryption::Never),
        _ => Err(BadServer),
    }
}

impl fmt::Debug for SmtpAddress {
    /// Everything but who logs in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SmtpAddress")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("encryption", &self.encryption)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_is_used_where_it_is_offered_and_demanded_with_a_password() {
        for (url, host, port, encryption) in [
            ("smtp://mail.example.com", "mail.example.com", 25, Encryption::Offered),
            ("smtp://mail.example.com/", "mail.example.com", 25, Encryption::Offered),
            ("smtp://[::1]:2525", "[::1]", 2525, Encryption::Offered),
            ("smtp://ada:s%40x@mail.example.com", "mail.example.com", 587, Encryption::Demanded),
            ("smtp://ada:x@mail.example.com:25/", "mail.example.com", 25, Encryption::Demanded),
            ("smtp://mail.example.com?tls=required", "mail.example.com", 25, Encryption::Demanded),
            ("smtp://127.0.0.1:1025?tls=none", "127.0.0.1", 1025, Encryption::Never),
            ("smtps://ada:x@mail.example.com", "mail.example.com", 465, Encryption::Whole),
        ] {
            let address = SmtpAddress::new(url).unwrap();
            assert_eq!(
                (address.host.as_str(), address.port, address.encryption),
                (host, port, encryption),
                "{url}"
            );
        }
    }

    #[test]
    fn a_password_is_decoded_and_a_name_of_ones_own_is_in_the_path() {
        let address = SmtpAddress::new("smtp://a%40x:s%3Ap@mail.example.com/worker.example.com").unwrap();
        assert_eq!(address.credentials, Some(Credentials::new("a@x".to_owned(), "s:p".to_owned())));
        assert_eq!(address.hello, ClientId::Domain("worker.example.com".to_owned()));
    }
}
