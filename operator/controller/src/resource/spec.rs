use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{QueueScalerStatus, defaults};

/// What the owner of a queue asks for.
#[derive(CustomResource, KubeSchema, Clone, Debug, PartialEq, Deserialize, Serialize)]
#[kube(
    group = "scaling.w2meet.dev",
    version = "v1alpha1",
    kind = "QueueScaler",
    doc = "Keeps as many workers as a RabbitMQ queue needs for no message to wait longer than it may.",
    namespaced,
    shortname = "qs",
    status = "QueueScalerStatus",
    derive = "PartialEq",
    printcolumn = r#"{"name": "Queue", "type": "string", "jsonPath": ".spec.queue.name"}"#,
    printcolumn = r#"{"name": "Ready", "type": "integer", "jsonPath": ".status.sample.ready", "description": "Messages that wait"}"#,
    printcolumn = r#"{"name": "Unacked", "type": "integer", "jsonPath": ".status.sample.unacked", "description": "Messages that workers hold"}"#,
    printcolumn = r#"{"name": "Current", "type": "integer", "jsonPath": ".status.currentReplicas", "description": "Workers asked for"}"#,
    printcolumn = r#"{"name": "Desired", "type": "integer", "jsonPath": ".status.desiredReplicas", "description": "Workers that the queue needs"}"#,
    printcolumn = r#"{"name": "Wait", "type": "number", "jsonPath": ".status.estimate.waitSeconds", "description": "Seconds that a message coming now will wait"}"#,
    printcolumn = r#"{"name": "Reason", "type": "string", "jsonPath": ".status.reason", "description": "Why so many"}"#,
    printcolumn = r#"{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}"#
)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.minReplicas <= self.maxReplicas")
        .message("minReplicas must not be above maxReplicas"),
    validation = Rule::new("self.slo.maxWaitSeconds >= 2 * self.pollSeconds")
        .message("slo.maxWaitSeconds must be at least twice pollSeconds"),
    validation = Rule::new("self.worker.prefetch >= self.worker.concurrency")
        .message("worker.prefetch must be at least worker.concurrency"),
    validation = Rule::new("!has(self.fallback) || self.fallback.replicas <= self.maxReplicas")
        .message("fallback.replicas must not be above maxReplicas")
)]
pub struct QueueScalerSpec {
    /// What is scaled. It cannot be changed.
    #[x_kube(validation = Rule::new("self == oldSelf").message("targetRef cannot be changed; make another QueueScaler"))]
    pub target_ref: TargetRef,

    /// Where the work waits.
    pub queue: Queue,

    /// How long messages may wait.
    #[serde(default)]
    pub slo: Slo,

    /// What one worker does.
    #[serde(default)]
    pub worker: Worker,

    /// Fewest workers; with 0 there is none while there is no work.
    #[serde(default = "defaults::min_replicas")]
    #[schemars(range(max = 1000))]
    pub min_replicas: u32,

    /// Most workers.
    #[serde(default = "defaults::max_replicas")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_replicas: u32,

    /// Seconds between two looks at the queue.
    #[serde(default = "defaults::poll_seconds")]
    #[schemars(range(min = 1, max = 300))]
    pub poll_seconds: u32,

    /// How workers are taken away.
    #[serde(default)]
    pub scale_down: ScaleDown,

    /// Seconds without a message waiting, held or published until the last worker goes, if minReplicas is 0.
    #[serde(default = "defaults::scale_to_zero_after_seconds")]
    #[schemars(range(min = 0, max = 86400))]
    pub scale_to_zero_after_seconds: u32,

    /// What to do while a broker that has answered before does not; without it the number of workers stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<Fallback>,

    /// Compute and report, and write nothing: somebody scales by hand.
    #[serde(default)]
    pub paused: bool,

    /// Compute and report, and write nothing: to see what would be done.
    #[serde(default)]
    pub dry_run: bool,
}

/// What is scaled, in the namespace of the QueueScaler.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TargetRef {
    /// Kind of what is scaled.
    #[serde(default)]
    pub kind: TargetKind,

    /// Its name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// What can be scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
pub enum TargetKind {
    /// A Deployment of apps/v1.
    #[default]
    Deployment,
}

/// Where the work waits.
#[derive(KubeSchema, Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.source != 'Amqp' || self.endpoint.matches('^amqps?://[^/@?#, ]+/?( *, *amqps?://[^/@?#, ]+/?)*$')")
        .message("queue.endpoint of the source Amqp is amqp://HOST:PORT or amqps://HOST:PORT, without credentials; several are separated by commas"),
    validation = Rule::new("self.source == 'Amqp' || self.endpoint.matches('^https?://[^@?#, ]+( *, *https?://[^@?#, ]+)*$')")
        .message("queue.endpoint of the sources Management and Prometheus is http://HOST:PORT or https://HOST:PORT, without credentials; several are separated by commas")
)]
pub struct Queue {
    /// The broker's virtual host.
    #[serde(default = "defaults::vhost")]
    #[schemars(length(min = 1, max = 255))]
    pub vhost: String,

    /// The queue's name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,

    /// How the broker is asked.
    #[serde(default)]
    pub source: Source,

    /// Where it is asked: amqp://HOST:5672 or amqps://HOST:5671 for Amqp, http://HOST:15672 for Management,
    /// http://HOST:15692 of every node for Prometheus. Several are separated by commas.
    #[schemars(length(min = 1, max = 2048))]
    pub endpoint: String,

    /// Secret with the keys username and password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_secret_ref: Option<SecretRef>,

    /// Secret with the key ca.crt: the authority, in PEM, that the broker's certificate comes from. Without it the system's are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_secret_ref: Option<SecretRef>,
}

/// How the broker is asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Source {
    /// By AMQP itself, which every broker speaks. It tells waiting messages and consumers only.
    #[default]
    Amqp,
    /// By the HTTP API of the management plugin, which tells everything, for the whole cluster.
    Management,
    /// By /metrics/detailed of the Prometheus plugin, node by node.
    Prometheus,
}

/// A Secret in the namespace of the QueueScaler.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretRef {
    /// The Secret's name.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
}

/// How long messages may wait.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Slo {
    /// Longest time in seconds from a message's arrival until a worker begins with it.
    #[schemars(range(min = 2, max = 86400))]
    pub max_wait_seconds: u32,

    /// Percent of that time that may be used up to need fewer workers; the rest is for what nobody foresees. Less means shorter waits and more workers.
    #[schemars(range(min = 10, max = 100))]
    pub spend_percent: u32,
}

/// What one worker does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Worker {
    /// Jobs that a worker does at the same time.
    #[schemars(range(min = 1, max = 10000))]
    pub concurrency: u32,

    /// Messages that the broker gives a worker ahead of their acknowledgement.
    #[schemars(range(min = 1, max = 65535))]
    pub prefetch: u32,

    /// Milliseconds that a job takes, as a first guess; the real time is learnt.
    #[schemars(range(min = 1, max = 86400000))]
    pub service_time_hint_millis: u32,

    /// Port of a worker's /metrics, whose messaging_process_active tells its jobs in flight, and of its /pause.
    #[schemars(range(min = 1, max = 65535))]
    pub metrics_port: u16,
}

/// How workers are taken away.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct ScaleDown {
    /// Seconds that are looked back: the largest need within them counts.
    #[schemars(range(min = 0, max = 3600))]
    pub window_seconds: u32,

    /// Seconds between two steps.
    #[schemars(range(min = 0, max = 3600))]
    pub interval_seconds: u32,

    /// Most workers, in percent, that one step takes away.
    #[schemars(range(min = 1, max = 100))]
    pub max_percent: u32,
}

/// What to do while the broker does not answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fallback {
    /// Looks in a row without an answer after which it applies.
    #[schemars(range(min = 1, max = 1000))]
    pub after_failures: u32,

    /// Workers to have at least then; it never takes any away.
    #[schemars(range(min = 1, max = 1000))]
    pub replicas: u32,
}
