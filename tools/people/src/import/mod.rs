//! The import: every person of an input is posted to `POST /users`, many at once.
//!
//! It may be run again after any interruption, since a person who is stored already counts as stored.

mod client;
mod input;
mod progress;

use std::{io, num::NonZeroUsize, pin::pin, time::Duration};

use anyhow::Context;
use futures::{Stream, StreamExt, TryStreamExt};
use url::Url;

use client::{Client, Outcome};
pub use input::{Entry, People, Place, read, read_file};
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
    /// Whether people who are stored with other content are replaced.
    pub replace: bool,
}

/// What became of the people of an import that got through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub created: u64,
    /// People who were stored already with the same content.
    pub unchanged: u64,
    /// People who were stored with other content, which is replaced.
    pub replaced: u64,
    /// People who were refused, in the order of the input.
    pub refused: Vec<Refusal>,
}

/// A person who was not stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal {
    /// Where it stands in the input.
    pub place: Place,
    /// Why, in the service's words.
    pub reason: String,
}

/// Sends all `people`; `progress` is told of each one as it is done.
///
/// # Errors
/// When the input cannot be read, and when somebody could not be delivered within the deadline, since then
/// the rest is likely to share that fate. What was stored before that stays stored.
pub async fn import(
    people: impl Stream<Item = io::Result<Entry>>,
    target: Target,
    progress: &Progress,
) -> anyhow::Result<Summary> {
    let concurrency = target.concurrency.get();
    let client = &Client::new(target)?;
    let sent = people
        .map(|entry| async move {
            let entry = entry.context("cannot read the people")?;
            let outcome =
                client.deliver(entry.body, progress).await.with_context(|| entry.place.to_string())?;
            anyhow::Ok((entry.place, outcome))
        })
        .buffer_unordered(concurrency);
    let mut sent = pin!(sent);
    let mut summary = Summary::default();
    while let Some((place, outcome)) = sent.try_next().await? {
        match outcome {
            Outcome::Created => summary.created += 1,
            Outcome::Unchanged => summary.unchanged += 1,
            Outcome::Replaced => summary.replaced += 1,
            Outcome::Refused(reason) => {
                let refusal = Refusal { place, reason };
                progress.refused(&refusal);
                summary.refused.push(refusal);
            }
        }
        progress.done_one();
    }
    summary.refused.sort_unstable();
    Ok(summary)
}
