//! The import: every person of an input is posted to `POST /users`, many at once, and then every poll is made.
//!
//! It may be run again after any interruption: a person who is stored already counts as stored, and a poll that was made
//! was written down. A poll on which it broke off is made again.

mod client;
mod input;
mod line;
mod polls;
mod progress;
mod schedules;

use std::{io, num::NonZeroUsize, path::PathBuf, pin::pin, time::Duration};

use anyhow::Context;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use url::Url;

use client::{Client, Outcome};
pub use input::{Entry, People, Place, read, read_file};
use line::Line;
pub use polls::{ImportedParticipant, ImportedPoll};
use polls::{ImportedPolls, PollOutcome};
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
    /// Where polls are written down that were made; those that stand there are not made again. Without it nowhere.
    pub imported_polls: Option<PathBuf>,
}

/// What became of the people of an import that got through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// People and polls that are new.
    pub created: u64,
    /// People and polls that were stored already with the same content.
    pub unchanged: u64,
    /// People who were stored with other content, which is replaced.
    pub replaced: u64,
    /// People and polls that were refused, in the order of the input.
    pub refused: Vec<Refusal>,
}

/// A person or a poll that was not stored.
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
    let made = &ImportedPolls::read(target.imported_polls.as_deref())?;
    let client = &Client::new(target)?;
    let sent = people
        .map(|entry| async move {
            let entry = entry.context("cannot read the people")?;
            let place = entry.place;
            let outcome = match Line::of(entry.body) {
                // Its participants may be people who come later.
                Ok(Line::Poll(poll)) => return Ok(Err((place, poll))),
                Ok(Line::Person(person)) => {
                    client.deliver(&person, progress).await.with_context(|| place.to_string())?
                }
                Err(fault) => Outcome::Refused(fault),
            };
            anyhow::Ok(Ok((place, outcome)))
        })
        .buffer_unordered(concurrency);
    let mut sent = pin!(sent);
    let mut summary = Summary::default();
    let mut polls = Vec::new();
    while let Some(done) = sent.try_next().await? {
        match done {
            Ok((place, outcome)) => summary.count(place, outcome, progress),
            Err(poll) => polls.push(poll),
        }
    }
    let sent = stream::iter(&polls)
        .map(|(place, poll)| async move {
            let outcome = client.poll(poll, made, progress).await.with_context(|| place.to_string())?;
            anyhow::Ok((*place, outcome))
        })
        .buffer_unordered(concurrency);
    let mut sent = pin!(sent);
    while let Some((place, outcome)) = sent.try_next().await? {
        let outcome = match outcome {
            PollOutcome::Other(outcome) => outcome,
            PollOutcome::Made(poll) => {
                made.add(&poll)?;
                Outcome::Created
            }
        };
        summary.count(place, outcome, progress);
    }
    summary.refused.sort_unstable();
    Ok(summary)
}

impl Summary {
    fn count(&mut self, place: Place, outcome: Outcome, progress: &Progress) {
        match outcome {
            Outcome::Created => self.created += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Replaced => self.replaced += 1,
            Outcome::Refused(reason) => {
                let refusal = Refusal { place, reason };
                progress.refused(&refusal);
                self.refused.push(refusal);
            }
        }
        progress.done_one();
    }
}
