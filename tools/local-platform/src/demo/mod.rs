//! Many jobs at once for a real broker and real worker processes: how long do they wait, and is each done once?

mod figures;
mod jobs;
mod mails;
mod platform;

pub use figures::Figures;
pub use platform::DemoPlatform;

use std::time::Duration;

use anyhow::{Context, bail};
use scaling::{Observation, Policy, ScaleDown};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::event::Event;
use figures::Timeline;

/// Longer than any of it should take.
const LIMIT: Duration = Duration::from_secs(300);

/// Pause between jobs that are posted beside mails.
pub const BETWEEN: Duration = Duration::from_millis(100);

/// The same decision as on a cluster, but in a hurry to leave, so that nobody has to watch for ten minutes.
pub fn policy(concurrency: u32, job_time: Duration) -> Policy {
    Policy {
        concurrency,
        prefetch: concurrency,
        service_time_hint: job_time,
        poll: Duration::from_secs(2),
        scale_down: ScaleDown {
            window: Duration::from_secs(10),
            interval: Duration::from_secs(5),
            ..ScaleDown::default()
        },
        scale_to_zero_after: Duration::from_secs(10),
        ..Policy::default()
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Jobs that somebody waits for, posted at once where there are no mails, and otherwise [`BETWEEN`] each other.
    pub jobs: u32,
    /// Mails, all ordered in the beginning.
    pub mails: u32,
}

/// Brings a load while there is no worker, and watches until all is done and all workers have left. `watch` gets everything
/// that happens, with the time since the beginning.
///
/// # Errors
/// When something fails, or it has not come to its end after five minutes.
pub async fn run(
    platform: &DemoPlatform,
    policy: Policy,
    load: Load,
    watch: impl FnMut(Duration, &Event),
) -> anyhow::Result<Figures> {
    let stop = CancellationToken::new();
    let (sender, events) = mpsc::unbounded_channel();
    let running = tokio::spawn(platform.autoscaler(policy, sender)?.run(stop.clone()));
    let acted = timeout(LIMIT, act(platform, load, events, watch)).await;
    stop.cancel();
    running.await.context("the scaling has failed")?;
    acted.with_context(|| format!("it did not come to its end within {LIMIT:?}"))?
}

async fn act(
    platform: &DemoPlatform,
    load: Load,
    mut events: mpsc::UnboundedReceiver<Event>,
    mut watch: impl FnMut(Duration, &Event),
) -> anyhow::Result<Figures> {
    // RabbitMQ takes some seconds until it can tell of a new queue.
    while !matches!(events.recv().await, Some(Event::Decided { observation: Observation::Sample(_), .. })) {}
    let mut timeline = Timeline::begin(Instant::now());
    platform.mails.order(load.mails);
    let pause = if load.mails == 0 { Duration::ZERO } else { BETWEEN };
    let posting = jobs::post(platform.api(), load.jobs, pause);
    tokio::pin!(posting);
    let mut posted = false;
    while !(posted && timeline.all_have_left()) {
        tokio::select! {
            outcome = &mut posting, if !posted => {
                outcome?;
                timeline.posted();
                posted = true;
            }
            event = events.recv() => {
                let Some(event) = event else { bail!("the scaling has ended by itself") };
                watch(timeline.note(&event), &event);
            }
        }
    }
    let jobs = jobs::all(platform.api()).await?;
    let (sent, sent_again) = platform.mails.sent();
    let figures = timeline.figures(load.jobs, &jobs, platform.computed().await);
    Ok(Figures { mails: load.mails, sent, sent_again, ..figures })
}
