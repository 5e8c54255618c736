//! One round for one object: observe → decide → apply → report. The middle one knows no client.

mod apply;
mod choose;
mod decide;
mod observe;
mod state;

use std::time::Duration;

pub use apply::Applied;
use choose::{Departure, departure, to_pause};
pub use decide::{ReconcileRound, decide};
pub use observe::{ObservedState, is_rollout, startup};
pub use state::ScalerState;

use crate::{context::Context, error::StepError, metrics::Series, poll::age, report, resource::QueueScaler};

/// Looks at the queue and the workers, decides, writes what was decided, and reports. `now` is monotonic, from any start.
///
/// # Errors
/// What kept the round from its end. It has been reported, unless this instance does not lead any more.
pub async fn reconcile(
    context: &Context,
    now: Duration,
    object: &QueueScaler,
    state: &mut ScalerState,
    series: &Series,
) -> Result<(), StepError> {
    let outcome = round(context, now, object, state).await;
    if let Ok(round) = &outcome {
        series.decided(round, state.sample.map(|(sample, time)| (sample, age(time))));
    }
    if let Err(StepError::LeaseLost) = outcome {
        return outcome.map(drop);
    }
    let reported = report::report(context, object, state, outcome.as_ref()).await;
    outcome?;
    reported
}

async fn round(
    context: &Context,
    now: Duration,
    object: &QueueScaler,
    state: &mut ScalerState,
) -> Result<ReconcileRound, StepError> {
    let observed = observe::observe(context, object, state).await?;
    let mut round = decide(now, object, observed, state)?;
    round.applied = apply::apply(context, object, &round).await?;
    Ok(round)
}
