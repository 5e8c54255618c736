use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use scaling::{Decision, Observation, Scaler, Seed};

use super::{Applied, Memory, Seen};
use crate::{error::StepError, policy::policy, resource::QueueScaler};

/// What a round saw, decided and did.
#[derive(Clone, Debug)]
pub struct Round {
    /// The queue and the workers.
    pub seen: Seen,
    /// How many workers, and why.
    pub decision: Decision,
    /// What became of it.
    pub applied: Applied,
}

/// The step without a client: from what was seen to what should be. `now` is monotonic.
///
/// # Errors
/// When the spec makes no sense, though the API server has let it pass.
pub fn decide(
    now: Duration,
    object: &QueueScaler,
    seen: Seen,
    memory: &mut Memory,
) -> Result<Round, StepError> {
    let policy = policy(&object.spec);
    policy.validate().map_err(|error| StepError::InvalidSpec(error.to_string()))?;
    if let Observation::Sample(sample) = &seen.observation {
        memory.sample = Some((*sample, Timestamp::now()));
    }
    let learnt =
        memory.status.estimate.as_ref().map(|known| Duration::from_millis(known.service_time_millis));
    let seed = Seed { replicas: seen.workers.replicas, service_time: learnt };
    let scaler = memory.scaler.get_or_insert_with(|| Scaler::new(now, seed));
    let decision = scaler.step(now, &policy, &seen.observation, &seen.workers);
    Ok(Round { seen, decision, applied: Applied::Unchanged })
}
