//! What W2Meet's tests run against: real servers, a TCP proxy that breaks connections, our own processes, and whole
//! platforms made of them.
//!
//! - [`servers`]: PostgreSQL, PgBouncer, Redis (alone, with Sentinels and as a cluster), RabbitMQ, nginx and Prometheus from Debian's packages, each in its own directory, on its own
//!   port, as root or not, any number side by side.
//! - [`shared`]: the servers of one test run, started by `testkit with-servers -- cargo test …`.
//! - [`TcpProxy`]: stands between a service and what it needs, and cuts, hangs or delays.
//! - [`ServiceProcess`]: one of our binaries as a process, whose log may tell neither addresses nor secrets.
//! - [`IdentityProvider`]: an OpenID provider that says what a test wants, also what is wrong.
//! - [`Form`]: the whole platform, in one process or in nine.
//!
//! Nothing started here outlives the process that started it, however that one ends.

mod eventually;
mod forms;
mod gateway;
mod identity_provider;
mod log_buffer;
mod log_secrets;
mod ports;
mod probe;
mod process;
mod proxy;
pub mod servers;
mod service_process;
pub mod shared;
mod shutdown_signals;

pub use eventually::eventually;
pub use forms::{
    Distributed, DistributedOptions, Form, Platform, Service, ServiceEnv, Standalone, StandaloneOptions,
};
pub use gateway::{Route, Site};
pub use identity_provider::{IdentityProvider, Person, Tampering};
pub use log_secrets::SERVICE_SECRET;
pub use ports::free_port;
pub use process::{Supervised, family};
pub use proxy::TcpProxy;
pub use service_process::{Binary, ServiceProcess, ServiceSpec};
pub use shutdown_signals::ShutdownSignals;
