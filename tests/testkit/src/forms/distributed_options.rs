use std::net::SocketAddr;
use std::path::PathBuf;

/// A service of the distributed form, by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Service {
    /// Both replicas of user-service.
    User,
    /// Both replicas of availability-service.
    Availability,
    Suggestion,
    WorkerApi,
    WorkerConsumer,
}

/// One variable more for some of the services.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceEnv {
    /// Which service gets it; all of them if `None`.
    pub service: Option<Service>,
    pub name: String,
    pub value: String,
}

/// What differs from an empty platform on the shared servers.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct DistributedOptions {
    /// The database; a new one on the shared PostgreSQL if `None`.
    pub pg_dsn: Option<String>,
    /// The Redis; one of its own if `None`.
    pub redis: Option<SocketAddr>,
    /// The broker; the shared RabbitMQ if `None`.
    pub amqp_url: Option<String>,
    /// The queue; one that nobody else has if `None`.
    pub queue_name: Option<String>,
    /// More environment, which wins over what would be there without it.
    pub env: Vec<ServiceEnv>,
    /// The gateway's port; any free one if `None`.
    pub gateway_port: Option<u16>,
    /// Where each process's log is written to a file, and nginx keeps its files; nowhere, and temporarily, if `None`.
    pub directory: Option<PathBuf>,
    /// Whether people use it; see [`ServiceSpec::used_by_people`](crate::ServiceSpec::used_by_people).
    pub used_by_people: bool,
    /// Whether there is no consumer of jobs, since somebody else starts them.
    pub without_consumer: bool,
}

impl DistributedOptions {
    pub fn env(
        mut self,
        service: Service,
        name: impl Into<String>,
        value: impl ToString,
    ) -> DistributedOptions {
        self.env.push(ServiceEnv { service: Some(service), name: name.into(), value: value.to_string() });
        self
    }

    pub fn env_for_all(mut self, name: impl Into<String>, value: impl ToString) -> DistributedOptions {
        self.env.push(ServiceEnv { service: None, name: name.into(), value: value.to_string() });
        self
    }
}
