//! What every W2Meet service has in common.
//!
//! A service builds an [`App`] from its handlers and its [`Probe`], and [`serve`] runs it: Case-ID and error shape
//! on every reply, request deadline, body limit, health, OpenAPI with a page to read it, metrics and probes on a
//! second port, logs, traces, and a shutdown that drains. [`launch`] is all that a `main` needs.

mod accept;
mod access;
mod app;
mod args;
mod audit;
mod command_line;
mod docs;
mod entity_tags;
mod error;
mod health;
mod http2;
mod idempotency_key;
mod json_log;
mod launch;
mod metrics;
mod middleware;
mod openapi;
mod ops;
mod overload;
mod propagation;
mod rate_limits;
mod request_context;
mod routes;
mod sampler;
mod secret;
mod server;
mod service_context;
mod telemetry;
mod tls;

pub use access::{Access, CallerSource, Callers, ServiceSecret, ended_session_cookie, session_cookie};
pub use app::{AccessControl, App};
pub use args::{LogFormat, ProcessArgs, ServeArgs};
pub use audit::{AuditSink, AuditTrail};
pub use command_line::{listen_address, loopback_listen_address};
pub use docs::escape_html;
pub use entity_tags::EntityTags;
pub use error::{ApiError, OVERLOADED, chain};
pub use health::{Dependency, HealthBody, Probe};
pub use idempotency_key::{IDEMPOTENCY_KEY_LENGTH, idempotency_fault, idempotency_key};
pub use launch::{launch, stop_signal};
pub use metrics::encode;
pub use middleware::{BODY_LIMIT, Body, Connection, Network, Origin, RouteSettings};
pub use overload::{ComputePool, LimitArgs};
pub use propagation::continue_trace;
pub use rate_limits::{AllowanceSource, Allowances, ClientQuota, LocalCounts, RateArgs};
pub use request_context::{Caller, RequestContext};
pub use routes::Routes;
pub use secret::Secret;
pub use server::{Listeners, serve, serve_all, serve_ops};
pub use service_context::ServiceContext;
pub use tls::TlsArgs;
