//! What dies is started again, as a cluster would do it.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use retry::Backoff;
use testkit::Distributed;
use tokio::time::{Instant, sleep_until};

use super::log;
use super::stores::Stores;

/// A part that dies again and again is started more and more seldom.
const PAUSES: Backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(15));
/// A part that has run for so long before it died is started as if it had never died before.
const WELL: Duration = Duration::from_secs(60);

/// Starts parts again for ever, and says so.
pub(super) async fn keep_running(
    platform: &mut Distributed,
    stores: &mut Stores,
    directory: &Path,
) -> anyhow::Result<()> {
    let mut parts: HashMap<String, Part> = HashMap::new();
    loop {
        let due = parts.iter().filter_map(|(name, part)| Some((part.due?, name.clone()))).min();
        let is_down = |name: &str| parts.get(name).is_some_and(|part| part.due.is_some());
        tokio::select! {
            ended = first_to_end(platform, stores, &is_down) => {
                let name = ended?;
                let pause = parts.entry(name.clone()).or_default().pause();
                let log = log(directory, &name);
                println!("restart | {name} has ended, and is started in {pause:.1?}; its log is {}", log.display());
            }
            Some(name) = is_due(due) => {
                let part = parts.entry(name.clone()).or_default();
                match restart(platform, stores, &name).await {
                    Ok(()) => {
                        part.started();
                        println!("restart | {name} runs again");
                    }
                    Err(error) => {
                        let (pause, error) = (part.pause(), format!("{error:#}"));
                        let error = error.lines().next().unwrap_or_default();
                        println!("restart | {name} does not start: {error}; it is tried again in {pause:.1?}");
                    }
                }
            }
        }
    }
}

/// How a part has fared.
struct Part {
    pauses: Box<dyn Iterator<Item = Duration>>,
    started: Option<Instant>,
    /// When it is started again, while it is down.
    due: Option<Instant>,
}

impl Default for Part {
    fn default() -> Part {
        Part { pauses: Box::new(PAUSES.pauses()), started: None, due: None }
    }
}

impl Part {
    /// How long it stays down.
    fn pause(&mut self) -> Duration {
        if self.started.take().is_some_and(|started| started.elapsed() >= WELL) {
            self.pauses = Box::new(PAUSES.pauses());
        }
        let pause = self.pauses.next().unwrap_or(PAUSES.longest);
        self.due = Some(Instant::now() + pause);
        pause
    }

    fn started(&mut self) {
        (self.started, self.due) = (Some(Instant::now()), None);
    }
}

async fn is_due(due: Option<(Instant, String)>) -> Option<String> {
    let (instant, name) = due?;
    sleep_until(instant).await;
    Some(name)
}

async fn first_to_end(
    platform: &Distributed,
    stores: &Stores,
    is_down: &impl Fn(&str) -> bool,
) -> anyhow::Result<String> {
    tokio::select! {
        name = platform.first_to_end(is_down) => name,
        name = stores.first_to_end(is_down) => name.map(str::to_owned),
    }
}

async fn restart(platform: &mut Distributed, stores: &mut Stores, name: &str) -> anyhow::Result<()> {
    match name {
        "postgresql" => stores.postgres.restart().await,
        "redis" => stores.redis.restart().await,
        "rabbitmq" => stores.rabbitmq.restart().await,
        name => platform.restart(name).await,
    }
}
