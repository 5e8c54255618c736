use std::{error::Error, future::Future, time::Duration};

use retry::Backoff;
use service_kit::chain;
use tokio_util::sync::CancellationToken;
use tracing::warn;

const BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(2));

/// Attempts something until its failure is none that is `temporary`, each of which is logged; `None` when `stopping` came
/// first.
pub(crate) async fn retry_logged<T, E, F>(
    stopping: &CancellationToken,
    attempt: impl Fn() -> F,
    temporary: impl Fn(&E) -> bool,
) -> Option<Result<T, E>>
where
    E: Error + 'static,
    F: Future<Output = Result<T, E>>,
{
    let report = |failure: &E, pause| {
        warn!(error = %chain(failure), ?pause, "not possible just now, will try again");
    };
    BACKOFF.retry(stopping, attempt, temporary, report).await
}
