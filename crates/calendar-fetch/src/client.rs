use std::{error::Error, io, net::IpAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use reqwest::{Client, ClientBuilder, Response, StatusCode, header, redirect::Policy};
use tokio::time::timeout;
use tracing::warn;

use crate::{
    CalendarUrl, EgressPolicy, UrlRefusal,
    resolver::{GuardedResolver, NotConnected},
};

/// Longest entity tag that is kept, in bytes.
const LONGEST_TAG: usize = 300;

/// How much a fetch may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the calendar.
    pub bytes: usize,
    /// From the first look-up of a name to the last byte, over all redirects.
    pub time: Duration,
    pub redirects: u32,
}

impl Default for Limits {
    /// 10 MiB, 10 s, three redirects.
    fn default() -> Limits {
        Limits { bytes: 10 * 1024 * 1024, time: Duration::from_secs(10), redirects: 3 }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The content has not changed since the one of the entity tag that was given.
    NotModified,
    Content {
        body: Bytes,
        /// What stands for this content.
        etag: Option<String>,
    },
}

/// Why nothing was. What it says is for whoever subscribed, and has nothing of the URL in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    #[error("{0}")]
    Url(UrlRefusal),
    #[error("It leads to an address that is not public")]
    Address,
    #[error("The name of the server cannot be resolved")]
    Name,
    #[error("The server cannot be reached, or no secure connection can be made to it")]
    Unreachable,
    #[error("The server broke off its reply")]
    BrokenOff,
    #[error("The server says that there is no such calendar ({0})")]
    Gone(u16),
    #[error("The server answered {0} instead of with a calendar")]
    Status(u16),
    #[error("It redirects more than {0} times")]
    TooManyRedirects(u32),
    #[error("It redirects to nowhere")]
    NoLocation,
    #[error("The calendar is larger than {0} bytes")]
    TooLarge(usize),
    #[error("The calendar did not arrive within {0:?}")]
    TooSlow(Duration),
}

/// The addresses of a name, as far as anybody knows.
pub type Resolved = BoxFuture<'static, io::Result<Vec<IpAddr>>>;
/// How names are resolved.
pub type Lookup = Arc<dyn Fn(String) -> Resolved + Send + Sync>;

/// Fetches calendars. What a name leads to is looked at when it is connected to, and nothing else is connected to: a name
/// that has another address a moment later gains nothing by that.
#[derive(Clone, Debug)]
pub struct Fetcher {
    with_tls: Client,
    plain: Client,
    policy: EgressPolicy,
    limits: Limits,
}

impl Fetcher {
    /// With the resolver of the system.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(policy: EgressPolicy, limits: Limits) -> Result<Fetcher, reqwest::Error> {
        let lookup: Lookup = Arc::new(|name| {
            let found = async move {
                Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
            };
            found.boxed()
        });
        Fetcher::with_lookup(policy, limits, &lookup)
    }

    /// With names resolved like this.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn with_lookup(
        policy: EgressPolicy,
        limits: Limits,
        lookup: &Lookup,
    ) -> Result<Fetcher, reqwest::Error> {
        tls_provider::install();
        let client = |is_plain| {
            let (policy, lookup) = (policy.clone(), lookup.clone());
            builder(GuardedResolver { policy, is_plain, lookup }, limits.time)
        };
        let with_tls = client(false).build().or_else(|error| {
            // Without certificates of authorities nobody is trusted, and the rest of the service goes on.
            warn!(%error, "calendars cannot be fetched by https");
            client(false).tls_certs_only([]).build()
        })?;
        Ok(Fetcher { with_tls, plain: client(true).tls_certs_only([]).build()?, policy, limits })
    }

    /// Fetches the calendar, unless it is still the one that `etag` stands for. The URL is looked at again: it may have been
    /// allowed under other settings.
    ///
    /// # Errors
    /// Why it could not be.
    pub async fn fetch(&self, url: &str, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let limit = self.limits.time;
        timeout(limit, self.follow(url, etag)).await.unwrap_or(Err(FetchError::TooSlow(limit)))
    }

    async fn follow(&self, url: &str, etag: Option<&str>) -> Result<Fetched, FetchError> {
        let mut url = self.policy.url(url).map_err(FetchError::Url)?;
        for _redirect in 0..=self.limits.redirects {
            let response = self.ask(&url, etag).await?;
            let status = response.status();
            match status {
                StatusCode::OK => return self.read(response).await,
                StatusCode::NOT_MODIFIED if etag.is_some() => return Ok(Fetched::NotModified),
                StatusCode::MOVED_PERMANENTLY
                | StatusCode::FOUND
                | StatusCode::SEE_OTHER
                | StatusCode::TEMPORARY_REDIRECT
                | StatusCode::PERMANENT_REDIRECT => {
                    let location = response.headers().get(header::LOCATION);
                    let location = location.and_then(|location| location.to_str().ok());
                    let next = location.and_then(|location| url.url().join(location).ok());
                    url =
                        self.policy.checked(next.ok_or(FetchError::NoLocation)?).map_err(FetchError::Url)?;
                }
                StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::Gone(status.as_u16())),
                _ => return Err(FetchError::Status(status.as_u16())),
            }
        }
        Err(FetchError::TooManyRedirects(self.limits.redirects))
    }

    async fn ask(&self, url: &CalendarUrl, etag: Option<&str>) -> Result<Response, FetchError> {
        let client = if url.is_plain() { &self.plain } else { &self.with_tls };
        let request = client.get(url.url().clone()).header(header::ACCEPT, "text/calendar, */*;q=0.5");
        let request = match etag {
            Some(etag) => request.header(header::IF_NONE_MATCH, etag),
            None => request,
        };
        request.send().await.map_err(|error| reason(&error))
    }

    async fn read(&self, mut response: Response) -> Result<Fetched, FetchError> {
        let too_large = FetchError::TooLarge(self.limits.bytes);
        if response.content_length().is_some_and(|length| length > self.limits.bytes as u64) {
            return Err(too_large);
        }
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.filter(|etag| etag.len() <= LONGEST_TAG).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|_| FetchError::BrokenOff)? {
            if piece.len() > self.limits.bytes - body.len() {
                return Err(too_large);
            }
            body.extend_from_slice(&piece);
        }
        Ok(Fetched::Content { body: body.into(), etag })
    }
}

fn builder(resolver: GuardedResolver, time: Duration) -> ClientBuilder {
    Client::builder()
        .user_agent(concat!("W2Meet/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(Arc::new(resolver))
        // A proxy would resolve names itself, and connect to what it likes.
        .no_proxy()
        // Each is looked at before it is followed.
        .redirect(Policy::none())
        .referer(false)
        .pool_max_idle_per_host(0)
        .connect_timeout(time)
}

/// Why a request could not be sent, or had no answer.
fn reason(error: &reqwest::Error) -> FetchError {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(refusal) = inner.downcast_ref::<NotConnected>() {
            return match refusal {
                NotConnected::NotAllowed => FetchError::Address,
                NotConnected::Unknown => FetchError::Name,
            };
        }
        cause = inner.source();
    }
    if error.is_connect() { FetchError::Unreachable } else { FetchError::BrokenOff }
}
