use k8s_openapi::jiff::Timestamp;
use queue_probe::Probe;
use scaling::{Sample, Scaler};
use tokio::time::Instant;

use crate::{
    resource::{Queue, QueueScaler, QueueScalerStatus},
    secrets::BrokerSecrets,
};

/// What is kept between the rounds of one object. All of it can be lost: a restart begins with the status of the object
/// and the workers that there are.
#[derive(Default)]
pub struct ScalerState {
    /// What the decision remembers; made at the first look at the workers.
    pub(crate) scaler: Option<Scaler>,
    /// The way to the broker, with what it was made from.
    pub(crate) broker: Option<BrokerConnection>,
    /// The broker's last answer, and when it came.
    pub(crate) sample: Option<(Sample, Timestamp)>,
    /// How many workers were ready at the last look; with a change of it another one may tell how long its start took.
    pub(crate) ready_workers: Option<u32>,
    /// The status as it was last written, or found.
    pub(crate) status: QueueScalerStatus,
    /// When it was last written.
    pub(crate) written: Option<Instant>,
}

pub(crate) struct BrokerConnection {
    pub(crate) queue: Queue,
    pub(crate) secrets: BrokerSecrets,
    pub(crate) probe: Probe,
    /// The last answer was none, so the Secrets are looked at again before the next question.
    pub(crate) failed: bool,
}

impl ScalerState {
    /// A beginning, or a beginning anew: what the object's status tells.
    pub fn of(object: &QueueScaler) -> ScalerState {
        ScalerState { status: object.status.clone().unwrap_or_default(), ..ScalerState::default() }
    }

    pub async fn close(self) {
        if let Some(connection) = self.broker {
            connection.probe.close().await;
        }
    }
}
