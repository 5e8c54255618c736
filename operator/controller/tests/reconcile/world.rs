//! A namespace with one queue, its workers and a QueueScaler for them.

use std::time::Duration;

use prometheus::Registry;
use serde_json::{Value, json};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;
use w2meet_operator::{
    Context, Metrics, StepError,
    lease::LeaderTerm,
    resource::{QueueScaler, QueueScalerStatus},
    steps::{ScalerState, reconcile},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path_regex};

use crate::api::Api;

pub(crate) const NAMESPACE: &str = "jobs";
pub(crate) const DEPLOYMENT: &str = "/apis/apps/v1/namespaces/jobs/deployments/worker";
pub(crate) const SCALER: &str = "/apis/scaling.w2meet.dev/v1alpha1/namespaces/jobs/queuescalers/jobs";
pub(crate) const AUTOSCALER: &str = "/apis/autoscaling/v2/namespaces/jobs/horizontalpodautoscalers/cpu";

pub(crate) struct World {
    pub(crate) api: Api,
    pub(crate) broker: MockServer,
    pub(crate) registry: Registry,
    pub(crate) context: Context,
    pub(crate) lost: CancellationToken,
    pub(crate) state: ScalerState,
    pub(crate) now: Duration,
}

impl World {
    /// So many workers, all of them ready, a queue that is empty, and nothing else.
    pub(crate) async fn new(workers: u32) -> World {
        let (api, broker, registry) = (Api::default(), MockServer::start().await, Registry::new());
        let client = api.client(NAMESPACE);
        let lost = CancellationToken::new();
        let term = LeaderTerm::new(lost.clone(), forever());
        let metrics = Metrics::register(&registry).unwrap();
        let context = Context::new(client, "test", term, metrics, Duration::from_secs(5)).unwrap();
        api.put(DEPLOYMENT, deployment(workers));
        api.put(SCALER, scaler("jobs", &broker.uri()));
        let world = World {
            api,
            broker,
            registry,
            context,
            lost,
            state: ScalerState::default(),
            now: Duration::ZERO,
        };
        world.queue(0, 0).await;
        world
    }

    /// One whose broker has answered before.
    pub(crate) async fn answered(workers: u32) -> World {
        let mut world = World::new(workers).await;
        world.round().await.unwrap();
        world
    }

    /// What the broker says from now on.
    pub(crate) async fn queue(&self, ready: u64, unacked: u64) {
        let answer = json!({
            "messages_ready": ready, "messages_unacknowledged": unacked, "consumers": 1,
            "message_stats": { "publish": ready + unacked, "ack": 0, "deliver_get": unacked, "redeliver": 0 },
        });
        self.broker_says(ResponseTemplate::new(200).set_body_json(answer)).await;
    }

    pub(crate) async fn broker_says(&self, answer: ResponseTemplate) {
        self.broker.reset().await;
        Mock::given(path_regex("^/api/queues/")).respond_with(answer).mount(&self.broker).await;
    }

    /// Changes a field of the spec, as its owner does.
    pub(crate) fn set(&self, field: &str, value: Value) {
        let mut object = self.api.get(SCALER).unwrap();
        object["spec"][field] = value;
        object["metadata"]["generation"] = json!(object["metadata"]["generation"].as_i64().unwrap() + 1);
        self.api.put(SCALER, object);
    }

    /// Adds a worker's pod at an address of this machine.
    pub(crate) fn pod(&self, name: &str, ip: &str) {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": { "name": name, "namespace": NAMESPACE, "labels": { "app": "worker" } },
            "spec": { "containers": [] },
            "status": { "phase": "Running", "podIP": ip },
        });
        self.api.put(&pod_path(name), pod);
    }

    /// So many rounds, of which each comes to its end.
    pub(crate) async fn rounds(&mut self, count: usize) {
        for _ in 0..count {
            self.round().await.unwrap();
        }
    }

    /// One round, a poll after the one before.
    pub(crate) async fn round(&mut self) -> Result<(), StepError> {
        self.now += Duration::from_secs(5);
        let object = self.object();
        let series = self.context.metrics.of(NAMESPACE, "jobs");
        reconcile(&self.context, self.now, &object, &mut self.state, &series).await
    }

    /// A new process: nothing is remembered.
    pub(crate) fn restart(&mut self) {
        self.state = ScalerState::of(&self.object());
    }

    pub(crate) fn object(&self) -> QueueScaler {
        serde_json::from_value(self.api.get(SCALER).unwrap()).unwrap()
    }

    pub(crate) fn status(&self) -> QueueScalerStatus {
        self.object().status.unwrap()
    }

    /// `True Answered`, say, of a condition.
    pub(crate) fn condition(&self, kind: &str) -> String {
        let status = self.status();
        let condition = status.conditions.iter().find(|condition| condition.type_ == kind).unwrap();
        format!("{} {}", condition.status, condition.reason)
    }

    pub(crate) fn replicas(&self) -> u64 {
        self.api.get(DEPLOYMENT).unwrap()["spec"]["replicas"].as_u64().unwrap()
    }

    /// Writes to the Deployment or its pods.
    pub(crate) fn touched(&self) -> Vec<String> {
        touched(&self.api)
    }
}

/// Writes to the Deployment or its pods.
pub(crate) fn touched(api: &Api) -> Vec<String> {
    let writes = api.writes().into_iter();
    writes.filter(|line| line.contains("/deployments/") || line.contains("/pods/")).collect()
}

/// A lease that is held for as long as a test runs.
pub(crate) fn forever() -> watch::Receiver<Instant> {
    watch::Sender::new(Instant::now() + Duration::from_secs(3600)).subscribe()
}

pub(crate) fn deployment(workers: u32) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": { "name": "worker", "namespace": NAMESPACE, "generation": 1 },
        "spec": {
            "replicas": workers,
            "selector": { "matchLabels": { "app": "worker" } },
            "template": { "metadata": { "labels": { "app": "worker" } } },
        },
        "status": {
            "observedGeneration": 1, "replicas": workers, "updatedReplicas": workers, "readyReplicas": workers,
        },
    })
}

pub(crate) fn scaler(name: &str, endpoint: &str) -> Value {
    json!({
        "apiVersion": "scaling.w2meet.dev/v1alpha1", "kind": "QueueScaler",
        "metadata": {
            "name": name, "namespace": NAMESPACE, "uid": format!("uid-of-{name}"), "generation": 1,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {
            "targetRef": { "name": "worker" },
            "queue": { "name": "meeting_jobs", "source": "Management", "endpoint": endpoint },
        },
    })
}

pub(crate) fn pod_path(name: &str) -> String {
    format!("/api/v1/namespaces/{NAMESPACE}/pods/{name}")
}
