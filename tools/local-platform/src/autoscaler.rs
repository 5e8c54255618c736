use std::time::Duration;

use queue_probe::{Probe, Target};
use scaling::{Policy, Scaler, Seed};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::event::Event;
use crate::pool::Pool;

/// Longest wait for an answer of the broker.
const DEADLINE: Duration = Duration::from_secs(3);

/// Looks at a queue again and again, and starts and stops workers as the decision says.
pub struct Autoscaler {
    policy: Policy,
    probe: Probe,
    pool: Pool,
    scaler: Scaler,
    begin: Instant,
    events: mpsc::UnboundedSender<Event>,
}

impl Autoscaler {
    /// One that begins without workers; what happens goes to `events`.
    pub fn new(
        policy: Policy,
        target: Target,
        pool: Pool,
        events: mpsc::UnboundedSender<Event>,
    ) -> anyhow::Result<Autoscaler> {
        policy.validate()?;
        let probe = Probe::new(target)?;
        let scaler = Scaler::new(Duration::ZERO, Seed::default());
        Ok(Autoscaler { policy, probe, pool, scaler, begin: Instant::now(), events })
    }

    /// Runs until it is told to stop; then all workers are told to leave, and it ends with the last of them.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut polls = interval(self.policy.poll);
        polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => break,
                event = self.pool.next_event() => self.tell(event),
                _ = polls.tick() => self.poll().await,
            }
        }
        self.pool.stop().await;
        self.probe.close().await;
    }

    async fn poll(&mut self) {
        let observation = self.probe.observe(DEADLINE).await;
        let workers = self.pool.workers().await;
        let decision = self.scaler.step(self.begin.elapsed(), &self.policy, &observation, &workers);
        let to = if decision.write { decision.desired } else { workers.replicas };
        self.tell(Event::Decided { observation, workers, decision: Box::new(decision) });
        // Also when nothing changes: a worker that was still starting at the last step may be too many.
        self.pool.scale(to).await;
    }

    fn tell(&self, event: Event) {
        // Whoever does not listen any more does not want to know.
        let _ = self.events.send(event);
    }
}
