//! The import: every line of a file is posted to `POST /users`, many at once.
//!
//! It may be run again after any interruption, since a person who is stored already counts as stored.

mod client;
mod progress;

use std::{io, num::NonZeroUsize, pin::pin, time::Duration};

use anyhow::Context;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use tokio::io::AsyncBufRead;
use tokio::io::AsyncBufReadExt;
use url::Url;

use client::{Client, Outcome};
pub use progress::Progress;

/// Where people go, and how hard to try.
#[derive(Clone, Debug)]
pub struct Target {
    /// Base URL of the platform or of a user-service.
    pub url: Url,
    /// How many people are on their way at once.
    pub concurrency: NonZeroUsize,
    /// How long one person may take, with all the attempts after transport errors and 502, 503 and 504.
    pub deadline: Duration,
}

/// What became of the people of an import that got through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// People who are new.
    pub created: u64,
    /// People who were stored already with the same content.
    pub unchanged: u64,
    /// Lines that were refused, in the order of the input.
    pub refused: Vec<Refusal>,
}

/// A line that was not stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Its number in the input, from 1.
    pub line: u64,
    /// Why, in the service's words.
    pub reason: String,
}

/// One person on the way in: the number of the line, from 1, and its bytes, which are the request's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the line, from 1.
    pub number: u64,
    /// The body of the request.
    pub body: Vec<u8>,
}

/// The lines of `input` that are not blank.
pub fn lines(input: impl AsyncBufRead + Unpin) -> impl Stream<Item = io::Result<Line>> {
    let numbered = stream::try_unfold((input.split(b'\n'), 1), async |(mut segments, number)| {
        let line = segments.next_segment().await?.map(|body| Line { number, body });
        Ok(line.map(|line| (line, (segments, number + 1))))
    });
    numbered.try_filter(|line| std::future::ready(!line.body.iter().all(u8::is_ascii_whitespace)))
}

/// Sends all `lines`; `progress` is told of each one as it is done.
///
/// # Errors
/// When the input cannot be read, and when somebody could not be delivered within the deadline, since then
/// the rest is likely to share that fate. What was stored before that stays stored.
pub async fn import(
    lines: impl Stream<Item = io::Result<Line>>,
    target: Target,
    progress: &Progress,
) -> anyhow::Result<Summary> {
    let concurrency = target.concurrency.get();
    let client = &Client::new(target)?;
    let sent = lines
        .map(|line| async move {
            let line = line.context("cannot read the people")?;
            let outcome = client.deliver(line.body).await.with_context(|| format!("line {}", line.number))?;
            anyhow::Ok((line.number, outcome))
        })
        .buffer_unordered(concurrency);
    let mut sent = pin!(sent);
    let mut summary = Summary::default();
    while let Some((line, outcome)) = sent.try_next().await? {
        match outcome {
            Outcome::Created => summary.created += 1,
            Outcome::Unchanged => summary.unchanged += 1,
            Outcome::Refused(reason) => {
                let refusal = Refusal { line, reason };
                progress.refused(&refusal);
                summary.refused.push(refusal);
            }
        }
        progress.done_one();
    }
    summary.refused.sort_unstable();
    Ok(summary)
}
