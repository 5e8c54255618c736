use std::fmt;

use url::Url;

/// By which way the broker is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A passive `queue.declare`: `amqp://host:5672` or `amqps://host:5671`.
    Amqp,
    /// The HTTP API of the management plugin: `http://host:15672`, with a path before `/api` where there is one.
    Management,
    /// `/metrics/detailed` of the Prometheus plugin, RabbitMQ 3.10 or later: `http://host:15692` for each node.
    Prometheus,
}

/// Who asks. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

impl Credentials {
    /// Any text will do for either of them; nothing has to be escaped.
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Credentials {
        Credentials { username: username.into(), password: password.into() }
    }

    /// RabbitMQ's own default, which it accepts from its own host only.
    pub(crate) fn guest() -> Credentials {
        Credentials::new("guest", "guest")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Which queue, and how it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The virtual host, `/` for the usual one.
    pub vhost: String,
    /// The queue's name.
    pub queue: String,
    pub source: Source,
    /// Where; at least one. For AMQP and the management API the next one is asked when one cannot be reached; for
    /// Prometheus all of them are asked, one for each node.
    pub endpoints: Vec<Url>,
    /// Who asks; `guest` if `None`, and nobody in particular for Prometheus.
    pub credentials: Option<Credentials>,
    /// The certificates that the broker's must be signed by, instead of the system's, as PEM.
    pub ca_pem: Option<Vec<u8>>,
}

/// What is wrong with a [`Target`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProbeError {
    /// The name of the queue or of its virtual host.
    #[error("queue.{field}: {reason}")]
    Name {
        /// `name` or `vhost`.
        field: &'static str,
        reason: &'static str,
    },
    #[error("queue.endpoint: {0}")]
    Endpoint(String),
    #[error("queue.caSecretRef: {0}")]
    Ca(String),
}

impl Target {
    pub(crate) fn check(&self) -> Result<(), ProbeError> {
        for (field, name) in [("vhost", &self.vhost), ("name", &self.queue)] {
            let wrong = |reason| Err(ProbeError::Name { field, reason });
            match name.as_str() {
                "" => return wrong("is empty"),
                "." | ".." if self.source == Source::Management => {
                    return wrong("a path cannot hold the names . and ..; use the source Amqp");
                }
                // RabbitMQ 3.10 writes them as they are, so that nobody can tell where the name ends.
                name if self.source == Source::Prometheus && name.contains(['"', '\\', '\n']) => {
                    return wrong(
                        "its quotation mark, backslash or line break is lost by the Prometheus plugin; use the source Amqp",
                    );
                }
                name if name.len() > 255 => return wrong("is longer than 255 bytes"),
                _ => (),
            }
        }
        if self.endpoints.is_empty() {
            return Err(ProbeError::Endpoint("there is none".to_owned()));
        }
        self.endpoints.iter().try_for_each(|endpoint| self.check_endpoint(endpoint))
    }

    fn check_endpoint(&self, endpoint: &Url) -> Result<(), ProbeError> {
        let wrong = |reason: &str| Err(ProbeError::Endpoint(reason.to_owned()));
        if !endpoint.username().is_empty() || endpoint.password().is_some() {
            return wrong("a user or a password does not belong here; give them as credentials");
        }
        let schemes = match self.source {
            Source::Amqp => ["amqp", "amqps"],
            Source::Management | Source::Prometheus => ["http", "https"],
        };
        if !schemes.contains(&endpoint.scheme()) || endpoint.host_str().is_none_or(str::is_empty) {
            let [plain, tls] = schemes;
            let source = self.source;
            return Err(ProbeError::Endpoint(format!(
                "{endpoint} is no {plain}:// or {tls}:// address, which the source {source:?} needs"
            )));
        }
        if endpoint.query().is_some() || endpoint.fragment().is_some() {
            return wrong("has a query or a fragment, which means nothing here");
        }
        Ok(())
    }
}
