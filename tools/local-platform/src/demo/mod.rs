//! Many jobs at once for a real broker and real worker processes: how long do they wait, and is each done once?

mod figures;
mod jobs;
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

/// Posts `jobs` jobs at once while there is no worker, and watches until all are done and all workers have left.
/// `watch` gets everything that happens, with the time since the first job was posted.
///
/// # Errors
/// When something fails, or it has not come to its end after five minutes.
pub async fn run(
    platform: &DemoPlatform,
    policy: Policy,
    jobs: u32,
    watch: impl FnMut(Duration, &Event),
) -> anyhow::Result<Figures> {
    let stop = CancellationToken::new();
    let (sender, events) = mpsc::unbounded_channel();
    let running = tokio::spawn(platform.autoscaler(policy, sender)?.run(stop.clone()));
    let acted = timeout(LIMIT, act(platform, jobs, events, watch)).await;
    stop.cancel();
    running.await.context("the scaling has failed")?;
    acted.with_context(|| format!("it did not come to its end within {LIMIT:?}"))?
}

async fn act(
    platform: &DemoPlatform,
    count: u32,
    mut events: mpsc::UnboundedReceiver<Event>,
    mut watch: impl FnMut(Duration, &Event),
) -> anyhow::Result<Figures> {
    // RabbitMQ takes some seconds until it can tell of a new queue.
    while !matches!(events.recv().await, Some(Event::Decided { observation: Observation::Sample(_), .. })) {}
    let mut timeline = Timeline::begin(Instant::now());
    let posting = jobs::post(platform.api(), count);
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
    Ok(timeline.figures(count, &jobs, platform.computed().await))
}
