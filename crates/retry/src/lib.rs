//! The pauses between attempts at something that fails for now, and the loop around them.

use std::{future::Future, time::Duration};

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

pub use backon::ExponentialBackoff as Pauses;

/// How long to wait between attempts: the pause doubles from the shortest to the longest. Jitter adds up to as much
/// again, so that many who failed at the same time do not come back at the same time.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// The pause after the first attempt, before jitter.
    pub shortest: Duration,
    /// The longest pause, before jitter.
    pub longest: Duration,
}

impl Backoff {
    pub const fn new(shortest: Duration, longest: Duration) -> Backoff {
        Backoff { shortest, longest }
    }

    /// The pauses, without end.
    pub fn pauses(self) -> Pauses {
        ExponentialBuilder::new()
            .with_min_delay(self.shortest)
            .with_max_delay(self.longest)
            .with_jitter()
            .without_max_times()
            .build()
    }

    /// Attempts something again and again while its failure is `temporary`, and gives how that ended; `None` when
    /// `stopping` came in a pause: an attempt is never broken off. `report` gets each temporary failure and the pause that follows it.
    pub async fn retry<T, E, F: Future<Output = Result<T, E>>>(
        self,
        stopping: &CancellationToken,
        mut attempt: impl FnMut() -> F,
        temporary: impl Fn(&E) -> bool,
        report: impl Fn(&E, Duration),
    ) -> Option<Result<T, E>> {
        let mut pauses = self.pauses();
        loop {
            let failure = match attempt().await {
                Err(failure) if temporary(&failure) => failure,
                ended => return Some(ended),
            };
            let pause = pauses.next().unwrap_or(self.longest);
            report(&failure, pause);
            stopping.run_until_cancelled(sleep(pause)).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(1));

    #[test]
    fn pauses_double_up_to_the_longest_and_never_end() {
        let pauses: Vec<Duration> = BACKOFF.pauses().take(50).collect();
        for (pause, least) in pauses.iter().zip([100, 200, 400, 800, 1_000, 1_000]) {
            let least = Duration::from_millis(least);
            assert!((least..=least * 2).contains(pause), "{pauses:?}");
        }
        assert_eq!(pauses.len(), 50);
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_until_it_succeeds_fails_for_good_or_is_stopped() {
        let stopping = CancellationToken::new();
        let (attempts, reported) = (Cell::new(0), RefCell::new(Vec::new()));
        let attempt = async |end: Result<&'static str, i32>| {
            attempts.set(attempts.get() + 1);
            if attempts.get() < 3 { Err(-attempts.get()) } else { end }
        };
        let report = |failure: &i32, _pause| reported.borrow_mut().push(*failure);
        let temporary = |failure: &i32| *failure < 0;
        assert_eq!(
            BACKOFF.retry(&stopping, || attempt(Ok("done")), temporary, report).await,
            Some(Ok("done"))
        );
        assert_eq!(*reported.borrow(), [-1, -2]);

        assert_eq!(BACKOFF.retry(&stopping, || attempt(Err(7)), temporary, report).await, Some(Err(7)));

        let stop = |_: &i32, _| stopping.cancel();
        let never = BACKOFF.retry(&stopping, || attempt(Err(-9)), temporary, stop).await;
        assert_eq!((never, attempts.get()), (None, 5));
    }
}
