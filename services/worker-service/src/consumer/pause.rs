//! A time in which no message is taken: who is about to end this process asks for it, so that no job begins in between.

use std::sync::Arc;

use tokio::{
    sync::watch,
    time::{Duration, Instant, sleep_until},
};
use tracing::info;

/// How long no messages are taken after it was asked for. Longer than Kubernetes needs from the change of a Deployment to
/// the end of its pods, and short enough that a worker which nobody ends is not missed.
pub(super) const PAUSE: Duration = Duration::from_secs(30);

/// The pause of one consumer. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Pause(Arc<watch::Sender<State>>);

#[derive(Debug, Default)]
struct State {
    /// The end of the pause that was asked for last.
    until: Option<Instant>,
    /// The consumer takes messages.
    taking: bool,
}

impl Pause {
    /// Begins a pause, or its time anew. Returns once no message is taken any more; what was taken before is counted as
    /// in flight by then.
    pub async fn begin(&self) {
        let now = Instant::now();
        let mut goes_on = false;
        self.0.send_modify(|state| {
            goes_on = state.until.is_some_and(|until| until > now);
            state.until = Some(now + PAUSE);
        });
        if !goes_on {
            info!(seconds = PAUSE.as_secs(), "no messages are taken for a while, as was asked for");
        }
        // It fails only when the sender is gone, which `self` holds.
        let _ = self.0.subscribe().wait_for(|state| !state.taking).await;
    }

    /// Returns when there is no pause. From then on until what it returns is dropped, messages may be taken.
    pub(super) async fn over(&self) -> Taking {
        loop {
            let now = Instant::now();
            let mut end = None;
            // In one step, so that a pause which begins just now either waits for the consumer or is waited for by it.
            self.0.send_modify(|state| {
                end = state.until.filter(|until| *until > now);
                if end.is_none() {
                    *state = State { until: None, taking: true };
                }
            });
            match end {
                Some(end) => sleep_until(end).await,
                None => return Taking(self.clone()),
            }
        }
    }
}

/// That messages are taken, until this is dropped.
pub(super) struct Taking(Pause);

impl Taking {
    /// Returns when a pause was asked for.
    pub(super) async fn interrupted(&self) {
        let Taking(Pause(state)) = self;
        let _ = state.subscribe().wait_for(|state| state.until.is_some()).await;
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        let Taking(Pause(state)) = self;
        state.send_modify(|state| state.taking = false);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_pause_has_begun_once_nothing_is_taken() {
        let pause = Pause::default();
        let taking = pause.over().await;
        let mut begin = Box::pin(pause.begin());
        assert_eq!((&mut begin).now_or_never(), None, "a message could still be taken");
        taking.interrupted().now_or_never().unwrap();
        drop(taking);
        begin.now_or_never().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_further_call_begins_the_time_anew() {
        let (pause, start) = (Pause::default(), Instant::now());
        pause.begin().await;
        let over = pause.over();
        tokio::time::advance(Duration::from_secs(20)).await;
        pause.begin().await;
        over.await;
        assert!(start.elapsed() >= PAUSE + Duration::from_secs(20), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_that_is_over_interrupts_nothing() {
        let pause = Pause::default();
        pause.begin().await;
        let taking = pause.over().await;
        assert_eq!(taking.interrupted().now_or_never(), None);
    }
}
