use std::{
    error::Error,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use redis::{ErrorKind, RedisError};

/// How the standard library begins what it says of a host that cannot be found; its kind has no name.
const LOOKUP_FAILED: &str = "failed to lookup address";

#[derive(Debug, thiserror::Error)]
pub(crate) enum CacheError {
    /// There is no connection just now; whoever lost it has said why.
    #[error("there is no connection to Redis")]
    NotConnected,
    /// Redis did not answer, or not as expected.
    #[error("Redis failed")]
    Redis(#[from] RedisError),
    #[error("Redis took longer than {0:?}")]
    TimedOut(Duration),
}

/// The kind of a failure, in words that anybody may read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FailureCause(pub(crate) &'static str);

impl FailureCause {
    pub(super) const REFUSED: FailureCause = FailureCause("connection refused");
    pub(super) const UNKNOWN_HOST: FailureCause = FailureCause("unknown host");
    pub(super) const LOST: FailureCause = FailureCause("connection lost");
    pub(super) const TIMED_OUT: FailureCause = FailureCause("timed out");
    pub(super) const TLS: FailureCause = FailureCause("TLS failed");
    pub(super) const AUTHENTICATION: FailureCause = FailureCause("authentication failed");
    pub(super) const PERMISSION: FailureCause = FailureCause("permission denied");
    pub(super) const TOO_MANY_CLIENTS: FailureCause = FailureCause("too many clients");
    pub(super) const STARTING: FailureCause = FailureCause("starting");
    pub(super) const READ_ONLY: FailureCause = FailureCause("read-only");
    pub(super) const OUT_OF_MEMORY: FailureCause = FailureCause("out of memory");
    pub(super) const CANNOT_SAVE: FailureCause = FailureCause("cannot save to disk");
    pub(super) const TOO_FEW_REPLICAS: FailureCause = FailureCause("too few replicas");
    pub(super) const SLOTS_MOVED: FailureCause = FailureCause("slots moved");
    pub(super) const NO_MASTER: FailureCause = FailureCause("no master");
    pub(super) const OTHER: FailureCause = FailureCause("unexpected answer");

    pub(super) const ALL: [FailureCause; 16] = [
        Self::REFUSED,
        Self::UNKNOWN_HOST,
        Self::LOST,
        Self::TIMED_OUT,
        Self::TLS,
        Self::AUTHENTICATION,
        Self::PERMISSION,
        Self::TOO_MANY_CLIENTS,
        Self::STARTING,
        Self::READ_ONLY,
        Self::OUT_OF_MEMORY,
        Self::CANNOT_SAVE,
        Self::TOO_FEW_REPLICAS,
        Self::SLOTS_MOVED,
        Self::NO_MASTER,
        Self::OTHER,
    ];

    fn of_redis(error: &RedisError) -> FailureCause {
        // Several commands at once fail with a list of what the server said.
        let answers = error.clone().into_server_errors();
        if let Some((_, answer)) = answers.as_deref().and_then(<[_]>::first) {
            return FailureCause::of_answer(answer.code(), answer.details().unwrap_or_default());
        }
        match error.kind() {
            ErrorKind::MasterNameNotFoundBySentinel | ErrorKind::ClusterConnectionNotFound => Self::NO_MASTER,
            ErrorKind::AuthenticationFailed => Self::AUTHENTICATION,
            ErrorKind::Io if error.is_connection_refusal() => Self::REFUSED,
            ErrorKind::Io if error.is_timeout() => Self::TIMED_OUT,
            ErrorKind::Io => match io_error(error) {
                // What was read was not TLS or not to be trusted, or the host's name cannot be in a certificate.
                None => Self::TLS,
                Some(error) if error.kind() == io::ErrorKind::InvalidData => Self::TLS,
                Some(error) if error.to_string().starts_with(LOOKUP_FAILED) => Self::UNKNOWN_HOST,
                Some(_) => Self::LOST,
            },
            _ => Self::OTHER,
        }
    }

    fn of_answer(code: &str, details: &str) -> FailureCause {
        match code {
            "WRONGPASS" | "NOAUTH" => Self::AUTHENTICATION,
            "NOPERM" => Self::PERMISSION,
            "OOM" => Self::OUT_OF_MEMORY,
            "READONLY" => Self::READ_ONLY,
            "MISCONF" => Self::CANNOT_SAVE,
            "NOREPLICAS" => Self::TOO_FEW_REPLICAS,
            "MOVED" | "ASK" | "CROSSSLOT" | "TRYAGAIN" => Self::SLOTS_MOVED,
            "CLUSTERDOWN" => Self::NO_MASTER,
            "LOADING" | "MASTERDOWN" => Self::STARTING,
            "ERR" if details.contains("max number of clients") => Self::TOO_MANY_CLIENTS,
            // Older servers wrap what fails within a script into an ERR.
            "ERR" => ["NOPERM", "OOM", "READONLY", "MISCONF", "NOREPLICAS"]
                .into_iter()
                .find(|inner| details.contains(inner))
                .map_or(Self::OTHER, |inner| FailureCause::of_answer(inner, "")),
            _ => Self::OTHER,
        }
    }
}

/// What the operating system said. The client keeps it in an [`Arc`], as which it is seen.
fn io_error(error: &RedisError) -> Option<&io::Error> {
    let source = error.source()?;
    match source.downcast_ref::<Arc<dyn Error + Send + Sync>>() {
        Some(shared) => shared.downcast_ref(),
        None => source.downcast_ref(),
    }
}

impl CacheError {
    /// `None` when it was another failure that this one follows from.
    pub(crate) fn cause(&self) -> Option<FailureCause> {
        match self {
            CacheError::NotConnected => None,
            CacheError::TimedOut(_) => Some(FailureCause::TIMED_OUT),
            CacheError::Redis(error) => Some(FailureCause::of_redis(error)),
        }
    }
}

/// The time in which the cache is not in use, and what was said of it in the log.
#[derive(Debug, Default)]
pub(super) struct Outage {
    pub(super) cause: Option<FailureCause>,
    warned: Option<(FailureCause, Instant)>,
}

impl Outage {
    /// The same cause is not told of more often than this, however often the cache comes and goes.
    const BETWEEN_WARNINGS: Duration = Duration::from_secs(30);

    pub(super) fn begins(&mut self, cause: FailureCause, error: &CacheError) {
        self.cause = Some(cause);
        if self.is_news(cause) {
            let error = service_kit::chain(error);
            tracing::warn!(cause = cause.0, %error, "Redis is not used, people are read from the database");
        }
    }

    fn is_news(&mut self, cause: FailureCause) -> bool {
        let is_known =
            self.warned.is_some_and(|(last, at)| last == cause && at.elapsed() < Self::BETWEEN_WARNINGS);
        if !is_known {
            self.warned = Some((cause, Instant::now()));
        }
        !is_known
    }

    pub(super) fn ends(&mut self) {
        if self.cause.take().is_some() {
            tracing::info!("Redis is used again");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_within_a_script_has_the_cause_of_the_command_in_it() {
        let details =
            "Error running script: @user_script:4: -OOM command not allowed when used memory > 'maxmemory'.";
        assert_eq!(FailureCause::of_answer("ERR", details), FailureCause::OUT_OF_MEMORY);
        assert_eq!(
            FailureCause::of_answer("ERR", "max number of clients reached"),
            FailureCause::TOO_MANY_CLIENTS
        );
        assert_eq!(FailureCause::of_answer("WRONGTYPE", ""), FailureCause::OTHER);
    }

    #[test]
    fn what_the_operating_system_says_is_told_apart() {
        use std::net::ToSocketAddrs;
        let lookup = ("nowhere.invalid", 6379).to_socket_addrs().unwrap_err();
        for (error, cause) in [
            (io::ErrorKind::ConnectionRefused.into(), FailureCause::REFUSED),
            (io::ErrorKind::ConnectionReset.into(), FailureCause::LOST),
            (io::ErrorKind::UnexpectedEof.into(), FailureCause::LOST),
            (io::ErrorKind::HostUnreachable.into(), FailureCause::LOST),
            (io::ErrorKind::TimedOut.into(), FailureCause::TIMED_OUT),
            (io::Error::new(io::ErrorKind::InvalidData, "bad certificate"), FailureCause::TLS),
            (lookup, FailureCause::UNKNOWN_HOST),
        ] {
            let said = error.to_string();
            assert_eq!(FailureCause::of_redis(&error.into()), cause, "{said}");
        }
    }

    #[test]
    fn a_cause_is_told_once_though_the_cache_comes_and_goes() {
        let mut outage = Outage::default();
        assert!(outage.is_news(FailureCause::REFUSED));
        outage.ends();
        assert!(!outage.is_news(FailureCause::REFUSED));
        assert!(outage.is_news(FailureCause::AUTHENTICATION), "another cause is");
    }
}
