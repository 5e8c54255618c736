//! What a job is. Pure: no clock, no randomness, no I/O.

use std::collections::BTreeMap;

use serde_json::Value;
use wire::Timestamp;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    /// Waiting for its first attempt, or for the next one.
    Queued,
    /// A consumer is at it.
    Running,
    /// Done; the result is stored.
    Succeeded,
    /// Done, with a definite negative answer: asking again would not help.
    Failed,
    /// Given up; its message is in the dead-letter queue.
    Dead,
}

impl JobState {
    pub const ALL: [JobState; 5] =
        [JobState::Queued, JobState::Running, JobState::Succeeded, JobState::Failed, JobState::Dead];

    /// Whether nothing more becomes of a job in this state.
    pub fn is_final(self) -> bool {
        matches!(self, JobState::Succeeded | JobState::Failed | JobState::Dead)
    }

    /// Its name on the wire and in the table.
    pub const fn name(self) -> &'static str {
        match self {
            JobState::Queued => "queued",
            JobState::Running => "running",
            JobState::Succeeded => "succeeded",
            JobState::Failed => "failed",
            JobState::Dead => "dead",
        }
    }

    pub fn from_name(name: &str) -> Option<JobState> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct JobOrder {
    /// The name of its kind, see [`crate::JobKind::NAME`].
    pub kind: String,
    pub payload: Value,
    /// Jobs of a higher one are published first.
    pub priority: u8,
}

impl JobOrder {
    /// The least priority of what is published at once, and delivered first where the broker knows that.
    pub const URGENT: u8 = 5;

    pub fn is_urgent(&self) -> bool {
        self.priority >= Self::URGENT
    }

    /// Whether both ask for the same; a release may have changed the priority of a kind.
    pub fn asks_the_same_as(&self, other: &JobOrder) -> bool {
        self.kind == other.kind && self.payload == other.payload
    }
}

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// UUID version 7, so that jobs sort by the time of their creation.
    pub job_id: String,
    /// The account that has ordered it; none where nobody was signed in.
    pub owner: Option<String>,
    pub case_id: String,
    pub order: JobOrder,
    /// Headers of the trace that it belongs to.
    pub trace: BTreeMap<String, String>,
    pub state: JobState,
    /// Attempts that were begun.
    pub attempts: u32,
    /// What its kind gives, once it has succeeded.
    pub result: Option<Value>,
    /// Why the last attempt, or the whole job, failed.
    pub error: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    /// When it will be tried again, while it waits for that.
    pub next_attempt_at: Option<Timestamp>,
}

impl Job {
    /// Whether it is about two people by their addresses, as all jobs were before there were kinds.
    pub fn is_of_pair(&self) -> bool {
        self.order.payload.get("userId1").is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for state in JobState::ALL {
            assert_eq!(JobState::from_name(state.name()), Some(state));
        }
        assert_eq!(JobState::from_name("done"), None);
    }
}
