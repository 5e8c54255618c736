//! The whole platform, in one process or in nine.

mod addresses;
mod distributed;
mod distributed_options;
mod services;
mod standalone;

pub use distributed::Distributed;
pub use distributed_options::{DistributedOptions, Service, ServiceEnv};
pub use standalone::{Standalone, StandaloneOptions};

use crate::service_process::ServiceProcess;

/// A test's own servers with calendars are on this machine.
const CALENDAR_NETWORKS: &str = "127.0.0.1";

/// In which of its two forms the platform runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One process with embedded stores.
    Standalone,
    /// Each service its own process, on PostgreSQL, Redis and RabbitMQ, behind nginx.
    Distributed,
}

impl Form {
    /// Starts a platform with nothing but defaults and waits until it is ready.
    pub async fn start(self) -> anyhow::Result<Platform> {
        Ok(match self {
            Form::Standalone => Form::standalone(StandaloneOptions::default()).await?.into(),
            Form::Distributed => Form::distributed(DistributedOptions::default()).await?.into(),
        })
    }

    /// Starts the platform in one process and waits until it is ready.
    pub async fn standalone(options: StandaloneOptions) -> anyhow::Result<Standalone> {
        Standalone::start(options).await
    }

    /// Starts the platform as nine processes and waits until all are ready.
    pub async fn distributed(options: DistributedOptions) -> anyhow::Result<Distributed> {
        Distributed::start(options).await
    }
}

/// A running platform, for a test to which its form does not matter.
pub enum Platform {
    Standalone(Box<Standalone>),
    Distributed(Box<Distributed>),
}

impl Platform {
    /// The one public entry, `http://127.0.0.1:PORT`.
    pub fn gateway_url(&self) -> String {
        match self {
            Platform::Standalone(platform) => platform.gateway_url(),
            Platform::Distributed(platform) => platform.gateway_url(),
        }
    }

    /// Its services' processes.
    pub fn services(&self) -> Vec<&ServiceProcess> {
        match self {
            Platform::Standalone(platform) => vec![&platform.process],
            Platform::Distributed(platform) => platform.services(),
        }
    }

    /// Stops it in order: the gateway first, then the services with their drain, then the stores that are its own.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self {
            Platform::Standalone(platform) => platform.stop().await,
            Platform::Distributed(platform) => platform.stop().await,
        }
    }
}

impl From<Standalone> for Platform {
    fn from(platform: Standalone) -> Platform {
        Platform::Standalone(Box::new(platform))
    }
}

impl From<Distributed> for Platform {
    fn from(platform: Distributed) -> Platform {
        Platform::Distributed(Box::new(platform))
    }
}
