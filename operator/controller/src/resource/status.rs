use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the operator saw and did.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct QueueScalerStatus {
    /// metadata.generation of the spec that this status answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_generation: Option<i64>,

    /// Workers asked for on the target, as it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_replicas: Option<u32>,

    /// Workers that the queue needs; while paused or dryRun, what would be asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desired_replicas: Option<u32>,

    /// Why so many: Backlog, SteadyLoad, BusyFloor, Hold, Idle, Limited or Paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,

    /// The broker's last answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,

    /// What was worked out from the answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,

    /// When the number of workers was last changed by the operator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_scale_time: Option<Time>,

    /// Ready, BrokerReachable, ScalingActive, Limited, PoisonSuspected and Conflict.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["type"]))]
    pub conditions: Vec<Condition>,
}

/// The broker's last answer.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// Messages that wait.
    pub ready: u64,

    /// Messages that workers hold; absent when the source cannot tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unacked: Option<u64>,

    /// Consumers of the queue.
    pub consumers: u64,

    /// When it answered.
    pub time: Time,
}

/// What was worked out from the answers.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Messages that arrive in a minute.
    pub arrivals_per_minute: f64,

    /// Milliseconds that a job takes.
    pub service_time_millis: u64,

    /// Seconds that a worker takes from its creation until it is ready; absent until one has shown it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup_seconds: Option<f64>,

    /// Seconds that a message coming now will wait; absent while that is unknown or there is no worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<f64>,
}

/// The types of the conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConditionType {
    /// Everything that scaling needs is there.
    Ready,
    /// The broker answered, with everything that is needed.
    BrokerReachable,
    /// What is decided is also written.
    ScalingActive,
    /// More is needed than maxReplicas allows, or than starts.
    Limited,
    /// The same messages seem to come again and again.
    PoisonSuspected,
    /// Somebody else scales the same target.
    Conflict,
}

impl ConditionType {
    /// All, in the order of the status.
    pub const ALL: [ConditionType; 6] = [
        ConditionType::Ready,
        ConditionType::BrokerReachable,
        ConditionType::ScalingActive,
        ConditionType::Limited,
        ConditionType::PoisonSuspected,
        ConditionType::Conflict,
    ];

    /// The word in `conditions[].type`.
    pub fn as_str(self) -> &'static str {
        match self {
            ConditionType::Ready => "Ready",
            ConditionType::BrokerReachable => "BrokerReachable",
            ConditionType::ScalingActive => "ScalingActive",
            ConditionType::Limited => "Limited",
            ConditionType::PoisonSuspected => "PoisonSuspected",
            ConditionType::Conflict => "Conflict",
        }
    }

    /// Whether True is how it should be.
    pub fn good(self) -> bool {
        matches!(self, ConditionType::Ready | ConditionType::BrokerReachable | ConditionType::ScalingActive)
    }
}
