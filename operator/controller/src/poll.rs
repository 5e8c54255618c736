use std::{sync::Arc, time::Duration};

use k8s_openapi::jiff::Timestamp;
use kube::ResourceExt;
use retry::Backoff;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::{
    context::Context,
    metrics::Series,
    resource::QueueScaler,
    steps::{ScalerState, reconcile},
};

/// The pauses after rounds that ended early.
const BACKOFF: Backoff = Backoff::new(Duration::from_secs(5), Duration::from_secs(120));

/// Looks after one object until `stopping`, or until nobody changes it any more: round after round, at once when its spec
/// has changed. What is measured of the object goes away with this future, however it ends.
pub(crate) async fn poll(
    context: Context,
    mut object: watch::Receiver<Arc<QueueScaler>>,
    stopping: CancellationToken,
) {
    let first = object.borrow().clone();
    let series = context.metrics.of(&first.namespace().unwrap_or_default(), &first.name_any());
    let (mut state, mut pauses) = (ScalerState::of(&first), BACKOFF.pauses());
    loop {
        let began = Instant::now();
        let current = object.borrow_and_update().clone();
        let pause = match round(&context, &current, &mut state, &series).await {
            true => {
                pauses = BACKOFF.pauses();
                Duration::from_secs(current.spec.poll_seconds.into())
            }
            false => pauses.next().unwrap_or(BACKOFF.longest),
        };
        tokio::select! {
            biased;
            () = stopping.cancelled() => break,
            changed = object.changed() => if changed.is_err() { break } else { pauses = BACKOFF.pauses() },
            () = sleep_until(began + pause) => (),
        }
    }
    state.close().await;
}

/// One round; whether it came to its end.
async fn round(
    context: &Context,
    object: &Arc<QueueScaler>,
    state: &mut ScalerState,
    series: &Series,
) -> bool {
    let began = Instant::now();
    let outcome = reconcile(context, context.now(), object, state, series).await;
    context.metrics.rounds.observe(began.elapsed().as_secs_f64());
    if let Err(error) = &outcome {
        let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
        series.failed(error, state.sample.map(|(sample, time)| (sample, age(time))));
        warn!(namespace, name, %error, "a round ended early");
    }
    outcome.is_ok()
}

/// Time since then; zero if the clock was set back.
pub(crate) fn age(time: Timestamp) -> Duration {
    Timestamp::now().duration_since(time).try_into().unwrap_or_default()
}
