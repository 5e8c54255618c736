use k8s_openapi::jiff::Timestamp;
use queue_probe::Probe;
use scaling::{Sample, Scaler};
use tokio::time::Instant;

use crate::{
    resource::{Queue, QueueScaler, QueueScalerStatus},
    secrets::Trust,
};

/// What is kept between the rounds of one object. All of it can be lost: a restart begins with the status of the object
/// and the workers that there are.
#[derive(Default)]
pub struct Memory {
    /// What the decision remembers; made at the first look at the workers.
    pub(crate) scaler: Option<Scaler>,
    /// The way to the broker, with what it was made from.
    pub(crate) line: Option<Line>,
    /// The broker's last answer, and when it came.
    pub(crate) sample: Option<(Sample, Timestamp)>,
    /// The status as it was last written, or found.
    pub(crate) status: QueueScalerStatus,
    /// When it was last written.
    pub(crate) written: Option<Instant>,
}

/// A way to the broker.
pub(crate) struct Line {
    pub(crate) queue: Queue,
    pub(crate) trust: Trust,
    pub(crate) probe: Probe,
    /// The last answer was none, so the Secrets are looked at again before the next question.
    pub(crate) failed: bool,
}

impl Memory {
    /// A beginning, or a beginning anew: what the object's status tells.
    pub fn of(object: &QueueScaler) -> Memory {
        Memory { status: object.status.clone().unwrap_or_default(), ..Memory::default() }
    }

    /// Says goodbye to the broker.
    pub async fn close(self) {
        if let Some(line) = self.line {
            line.probe.close().await;
        }
    }
}
