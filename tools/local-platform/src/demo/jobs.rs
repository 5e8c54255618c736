//! The jobs, by the API.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use reqwest::{Client, StatusCode};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

/// Requests under way at the same time.
const AT_ONCE: usize = 64;
const DEADLINE: Duration = Duration::from_secs(30);

/// A job as the API tells it.
#[derive(Debug, Deserialize)]
pub(super) struct Job {
    pub(super) state: String,
    pub(super) attempts: u32,
    created_at: Timestamp,
    started_at: Option<Timestamp>,
}

impl Job {
    /// From the order to the begin of the work.
    pub(super) fn wait(&self) -> Option<Duration> {
        let wait = self.started_at?.duration_since(self.created_at);
        // Clocks of one machine; two processes may read them in the other order.
        Some(Duration::try_from(wait).unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct Page {
    tasks: Vec<Job>,
    next: Option<String>,
}

/// Posts so many jobs as fast as the API takes them, or with a pause between them.
pub(super) async fn post(api: String, count: u32, pause: Duration) -> anyhow::Result<()> {
    let (client, tasks) = (client()?, format!("{api}/tasks"));
    let posts = (0..count).map(|number| {
        let order = json!({"userId1": format!("a{number}@example.com"), "userId2": "b@example.com"});
        let request = client.post(&tasks).json(&order);
        async move {
            sleep(pause * number).await;
            let status = request.send().await.context("a job cannot be posted")?.status();
            ensure!(status == StatusCode::ACCEPTED, "a job was answered with {status}");
            Ok(())
        }
    });
    let at_once = if pause.is_zero() { AT_ONCE } else { count.max(1) as usize };
    stream::iter(posts).buffer_unordered(at_once).try_collect().await
}

pub(super) async fn all(api: String) -> anyhow::Result<Vec<Job>> {
    let client = client()?;
    let (mut jobs, mut after) = (Vec::new(), None::<String>);
    loop {
        let mut request = client.get(format!("{api}/tasks")).query(&[("limit", "100")]);
        if let Some(after) = &after {
            request = request.query(&[("after", after)]);
        }
        let page: Page = request.send().await?.error_for_status()?.json().await?;
        jobs.extend(page.tasks);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(jobs),
        }
    }
}

fn client() -> anyhow::Result<Client> {
    tls_provider::install();
    Ok(Client::builder().timeout(DEADLINE).no_proxy().build()?)
}
