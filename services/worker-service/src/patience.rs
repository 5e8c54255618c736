use std::{error::Error, future::Future, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use service_kit::chain;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Shortest and longest pause between two attempts, before jitter.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

/// Attempts something again and again while its failure is one that `passes`, and gives how that ended; `None` when
/// `stopping` came first.
pub(crate) async fn patiently<T, E, F>(
    stopping: &CancellationToken,
    attempt: impl Fn() -> F,
    passes: impl Fn(&E) -> bool,
) -> Option<Result<T, E>>
where
    E: Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let mut pauses = ExponentialBuilder::default()
        .with_min_delay(PAUSES.0)
        .with_max_delay(PAUSES.1)
        .without_max_times()
        .with_jitter()
        .build();
    loop {
        let failure = match attempt().await {
            Err(failure) if passes(&failure) => failure,
            ended => return Some(ended),
        };
        let pause = pauses.next().unwrap_or(PAUSES.1);
        warn!(error = %chain(&failure), ?pause, "not possible just now, will try again");
        stopping.run_until_cancelled(sleep(pause)).await?;
    }
}
