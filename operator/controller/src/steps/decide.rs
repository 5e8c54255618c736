use std::time::Duration;

use k8s_openapi::jiff::Timestamp;
use scaling::{Decision, Observation, Scaler, Seed};

use super::{Applied, ObservedState, ScalerState};
use crate::{error::StepError, policy::policy, resource::QueueScaler};

/// What a round saw, decided and did.
#[derive(Clone, Debug)]
pub struct ReconcileRound {
    pub observed: ObservedState,
    /// How many workers, and why.
    pub decision: Decision,
    pub applied: Applied,
}

/// The step without a client: from what was observed to what should be. `now` is monotonic.
///
/// # Errors
/// When the spec makes no sense, though the API server has let it pass.
pub fn decide(
    now: Duration,
    object: &QueueScaler,
    observed: ObservedState,
    state: &mut ScalerState,
) -> Result<ReconcileRound, StepError> {
    let policy = policy(&object.spec);
    policy.validate().map_err(|error| StepError::InvalidSpec(error.to_string()))?;
    if let Observation::Sample(sample) = &observed.observation {
        state.sample = Some((*sample, Timestamp::now()));
    }
    let learnt = state.status.estimate.as_ref();
    let seed = Seed {
        replicas: observed.workers.replicas,
        service_time: learnt.map(|known| Duration::from_millis(known.service_time_millis)),
        startup: learnt.and_then(|known| Duration::try_from_secs_f64(known.startup_seconds?).ok()),
        answered: state.status.sample.is_some(),
    };
    let scaler = state.scaler.get_or_insert_with(|| Scaler::new(now, seed));
    let decision = scaler.step(now, &policy, &observed.observation, &observed.workers);
    Ok(ReconcileRound { observed, decision, applied: Applied::Unchanged })
}
