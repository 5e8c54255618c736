use std::time::Duration;

use k8s_openapi::NamespaceResourceScope;
use kube::{
    Api, Client, Resource, ResourceExt,
    runtime::events::{Recorder, Reporter},
};
use tokio::time::{Instant, timeout};

use crate::{
    claims::Claims, error::StepError, lease::LeaderTerm, metrics::Metrics, resource::QueueScaler,
    worker_client::WorkerClient,
};

/// The name under which the operator writes fields, reports Events and is found in logs.
pub const NAME: &str = "w2meet-operator";

/// Longest time for one request to the API server.
const API_DEADLINE: Duration = Duration::from_secs(10);

/// What every round has in common, for as long as this instance leads.
#[derive(Clone)]
pub struct Context {
    pub client: Client,
    pub recorder: Recorder,
    pub term: LeaderTerm,
    pub metrics: Metrics,
    pub claims: Claims,
    pub workers: WorkerClient,
    /// Longest time for the rounds under way to end when the process stops.
    pub grace: Duration,
    started: Instant,
}

impl Context {
    /// A context whose clock starts now; `identity` stands in Events.
    pub fn new(
        client: Client,
        identity: &str,
        term: LeaderTerm,
        metrics: Metrics,
        grace: Duration,
    ) -> anyhow::Result<Context> {
        let reporter = Reporter { controller: NAME.to_owned(), instance: Some(identity.to_owned()) };
        Ok(Context {
            recorder: Recorder::new(client.clone(), reporter),
            client,
            term,
            metrics,
            claims: Claims::default(),
            workers: WorkerClient::new()?,
            grace,
            started: Instant::now(),
        })
    }

    /// Monotonic time since this context was made.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    /// The objects of a kind in the namespace of this one.
    pub(crate) fn beside<K>(&self, object: &QueueScaler) -> Api<K>
    where
        K: Resource<Scope = NamespaceResourceScope, DynamicType = ()>,
    {
        Api::namespaced(self.client.clone(), &object.namespace().unwrap_or_default())
    }

    /// Reads from the API server, within the deadline.
    pub(crate) async fn read<T>(
        &self,
        doing: &'static str,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, StepError> {
        match timeout(API_DEADLINE, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(source)) => Err(StepError::Api { doing, source: Box::new(source) }),
            Err(_elapsed) => Err(StepError::Timeout { doing, limit: API_DEADLINE }),
        }
    }

    /// Writes to the API server, within the deadline, if this instance still leads.
    pub(crate) async fn write<T>(
        &self,
        doing: &'static str,
        request: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, StepError> {
        self.term.check()?;
        self.read(doing, request).await
    }
}
