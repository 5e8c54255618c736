//! What is asked about a poll right after somebody has changed their answer, so that nothing that is kept is of use.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures::future::try_join_all;
use reqwest::Client;

use crate::{
    measure::{RunSettings, median},
    poll::{Participant, Poll},
    stack::{Part, Stack},
};

/// A question after a change, at one number of connections: medians over the rounds.
pub(crate) struct ChangeResult {
    pub(crate) title: &'static str,
    pub(crate) connections: u32,
    /// Changes with the question after each.
    pub(crate) per_second: f64,
    /// Milliseconds of the question alone.
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// Milliseconds for the greatest of these, if there is a goal.
    pub(crate) goal: Option<f64>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    HeatMap,
    Windows,
}

impl Question {
    async fn ask(self, http: &Client, stack: &Stack, poll: &Poll) -> anyhow::Result<()> {
        let id = &poll.id;
        let request = match self {
            Question::HeatMap => http.get(format!("{}/polls/{id}/heatmap", stack.url(Part::Availability)?)),
            Question::Windows => {
                http.post(format!("{}/polls/{id}/suggestions", stack.url(Part::Suggestion)?))
            }
        };
        request.send().await?.error_for_status()?.bytes().await?;
        Ok(())
    }
}

/// Measures a question about a poll at each number of connections.
pub(crate) async fn measure(
    stack: &Stack,
    (title, question, goal): (&'static str, Question, Option<f64>),
    poll: &Poll,
    settings: &RunSettings,
) -> anyhow::Result<Vec<ChangeResult>> {
    let mut rows = Vec::new();
    for &connections in &settings.connections {
        let (mut rates, mut p50, mut p99) = (Vec::new(), Vec::new(), Vec::new());
        run(stack, question, poll, connections, settings.warm_up).await?;
        for _ in 0..settings.rounds {
            let mut times = run(stack, question, poll, connections, settings.seconds).await?;
            times.sort_unstable();
            let at = |percent: usize| {
                let time = times.get((times.len() * percent / 100).min(times.len().saturating_sub(1)));
                time.map(|time| time.as_secs_f64() * 1e3).context("nothing was asked")
            };
            rates.push(times.len() as f64 / settings.seconds as f64);
            p50.push(at(50)?);
            p99.push(at(99)?);
        }
        rows.push(ChangeResult {
            title,
            connections,
            per_second: median(rates)?,
            p50_ms: median(p50)?,
            p99_ms: median(p99)?,
            goal,
        });
    }
    Ok(rows)
}

/// How long each question took, each after a change by whoever asks it.
async fn run(
    stack: &Stack,
    question: Question,
    poll: &Poll,
    connections: u32,
    seconds: u64,
) -> anyhow::Result<Vec<Duration>> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let (http, connections) = (crate::http_client()?, usize::try_from(connections)?);
    let asking = (0..connections).map(async |first| {
        let own: Vec<&Participant> = poll.participants.iter().skip(first).step_by(connections).collect();
        let mut times = Vec::new();
        for participant in own.iter().cycle() {
            if Instant::now() >= until {
                break;
            }
            participant.put(&http, stack.url(Part::Users)?).await?;
            let asked = Instant::now();
            question.ask(&http, stack, poll).await?;
            times.push(asked.elapsed());
        }
        anyhow::Ok(times)
    });
    Ok(try_join_all(asking).await?.concat())
}
