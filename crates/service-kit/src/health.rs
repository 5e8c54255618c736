use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use axum::{Extension, Json, http::StatusCode};
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use crate::RequestContext;

/// One thing that a service asks, and how it answered just now.
#[derive(Clone, Debug)]
pub struct Dependency {
    /// Its name in `/health`.
    pub name: &'static str,
    /// Without it the service cannot do its job; otherwise it does it with less (`degraded`).
    pub essential: bool,
    /// How long it took to answer, or why it did not: some words for everybody. Causes, addresses and the names of hosts
    /// belong into the log.
    pub answer: Result<Duration, String>,
}

#[async_trait]
pub trait Probe: Send + Sync + 'static {
    /// Asks everything that the service depends on, at the same time, each with a deadline of about a second; `context` goes
    /// along where the dependency is a service.
    async fn dependencies(&self, context: &RequestContext) -> Vec<Dependency>;

    /// Whether requests should be sent here; the reason in words if not.
    async fn ready(&self) -> Result<(), String>;
}

/// The body of `GET /health`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct HealthBody {
    case_id: String,
    service: &'static str,
    status: Status,
    dependencies: BTreeMap<&'static str, DependencyBody>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Status {
    /// Everything answers.
    Healthy,
    /// Something does not answer without which the service still does its job.
    Degraded,
    /// Something does not answer without which it cannot.
    Unhealthy,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct DependencyBody {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_time_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// What the health handler needs to know of its service.
#[derive(Clone)]
pub(crate) struct HealthState {
    name: &'static str,
    probe: Arc<dyn Probe>,
    latest: Arc<Mutex<Option<Report>>>,
}

type Report = (Instant, Vec<Dependency>);

/// For so long what dependencies have answered is told to whoever asks: they are not asked more often when more people
/// want to know.
const SHARED_FOR: Duration = Duration::from_millis(250);

impl HealthState {
    pub(crate) fn new(name: &'static str, probe: Arc<dyn Probe>) -> HealthState {
        HealthState { name, probe, latest: Arc::default() }
    }

    /// Who asks while others are being answered waits for the same answer.
    async fn dependencies(&self, context: &RequestContext) -> Vec<Dependency> {
        let mut latest = self.latest.lock().await;
        if let Some((asked, dependencies)) = latest.as_ref()
            && asked.elapsed() < SHARED_FOR
        {
            return dependencies.clone();
        }
        let dependencies = self.probe.dependencies(context).await;
        *latest = Some((Instant::now(), dependencies.clone()));
        dependencies
    }
}

/// How the service and what it depends on are.
#[utoipa::path(get, path = "/health", tag = "operations", responses(
    (status = 200, description = "The service does its job, though perhaps degraded", body = HealthBody),
    (status = 503, description = "The service cannot do its job", body = HealthBody),
))]
pub(crate) async fn health(
    Extension(state): Extension<HealthState>,
    context: RequestContext,
) -> (StatusCode, Json<HealthBody>) {
    let dependencies = state.dependencies(&context).await;
    let failed = |essential| dependencies.iter().any(|d| d.answer.is_err() && d.essential == essential);
    let (code, status) = match (failed(true), failed(false)) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, Status::Unhealthy),
        (false, true) => (StatusCode::OK, Status::Degraded),
        (false, false) => (StatusCode::OK, Status::Healthy),
    };
    let body = HealthBody {
        case_id: context.case_id().to_string(),
        service: state.name,
        status,
        dependencies: dependencies
            .into_iter()
            .map(|dependency| (dependency.name, dependency.into()))
            .collect(),
    };
    (code, Json(body))
}

impl From<Dependency> for DependencyBody {
    fn from(dependency: Dependency) -> DependencyBody {
        match dependency.answer {
            Ok(took) => {
                let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
                let response_time_ms = Some(f64::from(micros) / 1000.0);
                DependencyBody { status: Status::Healthy, response_time_ms, error: None }
            }
            Err(error) => {
                DependencyBody { status: Status::Unhealthy, response_time_ms: None, error: Some(error) }
            }
        }
    }
}
