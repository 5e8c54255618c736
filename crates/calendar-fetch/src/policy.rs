use std::{fmt, net::IpAddr, str::FromStr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::is_public;

/// From where calendars may be fetched besides the public internet.
#[derive(clap::Args, Clone, Debug, Default)]
pub struct EgressArgs {
    /// Private networks from which calendars may be fetched too, also by http, separated by commas; from all others it is
    /// public addresses by https alone.
    #[arg(long, env = "CALENDAR_NETWORKS", value_delimiter = ',', value_parser = network, value_name = "NETWORKS")]
    pub calendar_networks: Vec<IpNet>,
}

impl EgressArgs {
    pub fn policy(&self) -> EgressPolicy {
        EgressPolicy { networks: self.calendar_networks.clone() }
    }
}

fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = text.parse().or_else(|_| IpAddr::from_str(text).map(IpNet::from));
    network.map_err(|_| "give a network such as 10.0.0.0/8, or an address".to_owned())
}

/// Which URLs and addresses may be asked.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    networks: Vec<IpNet>,
}

/// Where a calendar is. It is a secret: whoever knows it reads the calendar. So it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct CalendarUrl(Url);

/// Why a URL is not asked. It says nothing of the URL itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    #[error("It is longer than {} bytes", CalendarUrl::MAX_LENGTH)]
    TooLong,
    #[error("It is no URL")]
    NoUrl,
    #[error("Calendars are fetched by https alone")]
    Scheme,
    #[error("A user and a password in the URL are not supported")]
    Credentials,
    #[error("It has no host, or no port that can be asked")]
    Host,
    #[error("It leads to an address that is not public")]
    Address,
}

impl UrlRefusal {
    /// The same for programs.
    pub fn code(self) -> &'static str {
        match self {
            UrlRefusal::TooLong => "url_too_long",
            UrlRefusal::NoUrl => "url_parsing",
            UrlRefusal::Scheme => "url_scheme",
            UrlRefusal::Credentials => "url_credentials",
            UrlRefusal::Host => "url_host",
            UrlRefusal::Address => "url_not_public",
        }
    }
}

impl CalendarUrl {
    /// Longest URL, in bytes.
    pub const MAX_LENGTH: usize = 2_048;

    /// For the request that asks it, and for where it is kept.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    #[cfg(feature = "client")]
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is asked without TLS.
    #[cfg(feature = "client")]
    pub(crate) fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }
}

impl fmt::Debug for CalendarUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl EgressPolicy {
    /// Reads a URL as somebody gave it; `webcal` is how links to calendars are often written, and means https.
    ///
    /// # Errors
    /// Why nobody would ask it.
    pub fn url(&self, text: &str) -> Result<CalendarUrl, UrlRefusal> {
        let text = text.trim();
        if text.len() > CalendarUrl::MAX_LENGTH {
            return Err(UrlRefusal::TooLong);
        }
        let https = match text.split_once("://") {
            Some((scheme, rest)) if ["webcal", "webcals"].contains(&scheme.to_ascii_lowercase().as_str()) => {
                format!("https://{rest}")
            }
            _ => text.to_owned(),
        };
        self.checked(Url::parse(&https).map_err(|_| UrlRefusal::NoUrl)?)
    }

    /// A URL that something leads to. Of a name it is not known yet which addresses it has.
    ///
    /// # Errors
    /// Why nobody would ask it.
    pub(crate) fn checked(&self, mut url: Url) -> Result<CalendarUrl, UrlRefusal> {
        let is_plain = match url.scheme() {
            "https" => false,
            "http" if !self.networks.is_empty() => true,
            _ => return Err(UrlRefusal::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(UrlRefusal::Credentials);
        }
        if url.port() == Some(0) || url.as_str().len() > CalendarUrl::MAX_LENGTH {
            return Err(UrlRefusal::Host);
        }
        let address = match url.host() {
            None => return Err(UrlRefusal::Host),
            Some(Host::Domain(name)) if name.trim_matches('.').is_empty() => return Err(UrlRefusal::Host),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(IpAddr::from(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::from(address)),
        };
        if address.is_some_and(|address| !self.allows(address, is_plain)) {
            return Err(UrlRefusal::Address);
        }
        url.set_fragment(None);
        Ok(CalendarUrl(url))
    }

    /// Whether an address may be connected to, with TLS or without.
    pub fn allows(&self, address: IpAddr, is_plain: bool) -> bool {
        let is_named = self.networks.iter().any(|network| network.contains(&address));
        is_named || (!is_plain && is_public(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(networks: &[&str]) -> EgressPolicy {
        EgressPolicy { networks: networks.iter().map(|text| network(text).unwrap()).collect() }
    }

    #[test]
    fn links_to_calendars_are_taken_by_https() {
        for (given, kept) in [
            (
                "https://calendar.google.com/calendar/ical/a%40b/private-x/basic.ics",
                "https://calendar.google.com/calendar/ical/a%40b/private-x/basic.ics",
            ),
            (" webcal://p1.icloud.com/published/2/x#y ", "https://p1.icloud.com/published/2/x"),
            ("WEBCAL://example.com/a", "https://example.com/a"),
            ("https://93.184.216.34:8443/a?b=c", "https://93.184.216.34:8443/a?b=c"),
        ] {
            assert_eq!(policy(&[]).url(given).unwrap().expose(), kept);
        }
    }

    #[test]
    fn whatever_else_it_is_is_refused() {
        let long = format!("https://example.com/{}", "x".repeat(2_048));
        for (given, refusal) in [
            ("", UrlRefusal::NoUrl),
            ("calendar", UrlRefusal::NoUrl),
            (&long, UrlRefusal::TooLong),
            ("http://example.com/a", UrlRefusal::Scheme),
            ("file:///etc/passwd", UrlRefusal::Scheme),
            ("ftp://example.com/a", UrlRefusal::Scheme),
            ("gopher://example.com:70/x", UrlRefusal::Scheme),
            ("data:text/calendar,x", UrlRefusal::Scheme),
            ("https://ada:secret@example.com/a", UrlRefusal::Credentials),
            ("https://ada@example.com/a", UrlRefusal::Credentials),
            ("https://example.com:0/a", UrlRefusal::Host),
            ("https://./a", UrlRefusal::Host),
            ("https://127.0.0.1/a", UrlRefusal::Address),
            ("https://2130706433/a", UrlRefusal::Address),
            ("https://0x7f.1/a", UrlRefusal::Address),
            ("https://0177.0.0.1/a", UrlRefusal::Address),
            ("https://[::1]/a", UrlRefusal::Address),
            ("https://[::ffff:10.0.0.1]/a", UrlRefusal::Address),
            ("https://169.254.169.254/latest/meta-data", UrlRefusal::Address),
        ] {
            assert_eq!(policy(&[]).url(given), Err(refusal), "{given}");
        }
    }

    #[test]
    fn networks_that_are_named_are_asked_also_by_http_and_no_others() {
        let policy = policy(&["10.1.0.0/16", "127.0.0.1"]);
        for (url, is_taken) in [
            ("http://10.1.2.3/a", true),
            ("https://10.1.2.3/a", true),
            ("http://127.0.0.1:8080/a", true),
            ("http://127.0.0.2/a", false),
            ("http://10.2.0.1/a", false),
            ("https://10.2.0.1/a", false),
            ("http://93.184.216.34/a", false),
            ("https://93.184.216.34/a", true),
        ] {
            assert_eq!(policy.url(url).is_ok(), is_taken, "{url}");
        }
    }

    #[test]
    fn a_url_is_never_printed() {
        let url = policy(&[]).url("https://example.com/secret").unwrap();
        assert_eq!(format!("{url:?}"), "***");
    }
}
