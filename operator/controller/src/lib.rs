//! Scales worker Deployments in Kubernetes by what waits in their queues.
//!
//! ```text
//! Lease ──► one instance leads ──► a watch per namespace ──► a loop per QueueScaler, round after round:
//!
//!   observe                      decide              apply                        report
//!   queue-probe: the queue       crate scaling,      idle workers are paused,     status, conditions,
//!   API server: the workers      no client           deletion costs, then the     Events, metrics
//!                                                    scale subresource
//! ```
//!
//! [`resource`] has the custom resource, [`steps`] a round, [`report`] what is told of it, [`lease`] who leads.

mod args;
mod claims;
mod context;
mod error;
pub mod lease;
mod malformed;
mod metrics;
mod policy;
mod poll;
pub mod report;
pub mod resource;
mod run;
mod scaler_loops;
mod secrets;
pub mod steps;
mod worker_client;
mod yaml;

pub use args::{Args, Command, RunArgs};
pub use claims::Claims;
pub use context::{Context, NAME};
pub use error::StepError;
pub use metrics::{Metrics, Series};
pub use policy::{policy, target};
pub use run::{operate_with, run};
pub use scaler_loops::watch_namespace;
pub use worker_client::{ACTIVE_JOBS, WorkerClient};
pub use yaml::to_yaml;
