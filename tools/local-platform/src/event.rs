use std::fmt;
use std::time::Duration;

use scaling::{Decision, Observation, Workers};

/// What happens to the workers, for people (by `Display`) and for tests.
#[derive(Clone, Debug)]
pub enum Event {
    /// The queue was looked at.
    Decided { observation: Observation, workers: Workers, decision: Box<Decision> },
    /// A worker takes jobs.
    Ready {
        name: String,
        pid: u32,
        /// Time since it was started.
        after: Duration,
    },
    /// A worker could not be started.
    NotStarted {
        /// Why, with the end of its log.
        reason: String,
    },
    /// A worker was told to finish what it does and to end.
    Leaving {
        name: String,
        /// Jobs that it was at, if it told.
        busy: Option<u64>,
    },
    /// A worker that was told so has ended.
    Left {
        name: String,
        /// How long its jobs took.
        after: Duration,
    },
    /// A worker has ended although nobody told it to.
    Died { name: String },
}

impl Event {
    /// Whether the event is news: a decision that changes nothing while nothing is in the queue is none.
    pub fn is_news(&self) -> bool {
        match self {
            Event::Decided { observation: Observation::Sample(sample), decision, .. } => {
                decision.write || sample.ready > 0 || sample.unacked.unwrap_or(0) > 0
            }
            _ => true,
        }
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Decided { observation, workers, decision } => {
                match observation {
                    Observation::Sample(sample) => {
                        let unacked =
                            sample.unacked.map_or_else(|| "?".to_owned(), |count| count.to_string());
                        write!(f, "queue {:>5} ready {unacked:>4} taken", sample.ready)?;
                    }
                    Observation::Unknown(_) => write!(f, "queue unknown")?,
                }
                let (now, wanted) = (workers.replicas, decision.desired);
                write!(f, " | workers {now} -> {wanted} ({} ready) | ", workers.ready)?;
                write!(f, "{}: {}", decision.reason, decision.message)
            }
            Event::Ready { name, after, .. } => {
                write!(f, "{name} is ready after {:.1} s", after.as_secs_f64())
            }
            Event::NotStarted { reason } => write!(f, "a worker could not be started: {reason}"),
            Event::Leaving { name, busy } => {
                let busy = busy.map_or_else(|| "an unknown number of".to_owned(), |count| count.to_string());
                write!(f, "{name} is told to leave; it is at {busy} jobs")
            }
            Event::Left { name, after } => write!(f, "{name} has left after {:.1} s", after.as_secs_f64()),
            Event::Died { name } => write!(f, "{name} has died; another one takes its place"),
        }
    }
}
