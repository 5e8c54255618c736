//! One round for one object: observe → decide → apply → report. The middle one knows no client.

mod apply;
mod decide;
mod memory;
mod observe;

use std::time::Duration;

pub use apply::{Applied, deletion_cost};
pub use decide::{Round, decide};
pub use memory::Memory;
pub use observe::{Seen, is_rollout};

use crate::{context::Context, error::StepError, metrics::Series, poll::age, report, resource::QueueScaler};

/// Looks at the queue and the workers, decides, writes what was decided, and reports. `now` is monotonic, from any start.
///
/// # Errors
/// What kept the round from its end. It has been reported, unless this instance does not lead any more.
pub async fn reconcile(
    context: &Context,
    now: Duration,
    object: &QueueScaler,
    memory: &mut Memory,
    series: &Series,
) -> Result<(), StepError> {
    let outcome = round(context, now, object, memory).await;
    if let Ok(round) = &outcome {
        series.decided(round, memory.sample.map(|(sample, time)| (sample, age(time))));
    }
    if let Err(StepError::LeaseLost) = outcome {
        return outcome.map(drop);
    }
    let reported = report::report(context, object, memory, outcome.as_ref()).await;
    outcome?;
    reported
}

async fn round(
    context: &Context,
    now: Duration,
    object: &QueueScaler,
    memory: &mut Memory,
) -> Result<Round, StepError> {
    let seen = observe::observe(context, object, memory).await?;
    let mut round = decide(now, object, seen, memory)?;
    round.applied = apply::apply(context, object, &round).await?;
    Ok(round)
}
