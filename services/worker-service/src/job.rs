//! What a job is and what becomes of it. Pure: no clock, no randomness, no I/O.

use std::{collections::BTreeMap, time::Duration};

use domain::Preference;
use serde_json::Value;
use wire::Timestamp;

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
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

impl State {
    /// Every state, in the order of a job's life.
    pub const ALL: [State; 5] = [State::Queued, State::Running, State::Succeeded, State::Failed, State::Dead];

    /// Whether nothing more becomes of a job in this state.
    pub fn is_final(self) -> bool {
        matches!(self, State::Succeeded | State::Failed | State::Dead)
    }

    /// Its name on the wire and in the table.
    pub const fn name(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Running => "running",
            State::Succeeded => "succeeded",
            State::Failed => "failed",
            State::Dead => "dead",
        }
    }

    /// The state of that exact name.
    pub fn from_name(name: &str) -> Option<State> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// What is asked for: suggestions for two people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The first person's address.
    pub user_id_1: String,
    /// The second person's address.
    pub user_id_2: String,
    /// Overrides what the two prefer.
    pub preference: Option<Preference>,
}

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// UUID version 7, so that jobs sort by the time of their creation.
    pub job_id: String,
    /// The Case-ID of the request that made it.
    pub case_id: String,
    /// What is asked for.
    pub order: Order,
    /// Headers of the trace that it belongs to.
    pub trace: BTreeMap<String, String>,
    /// Where it is in its life.
    pub state: State,
    /// Attempts that were begun.
    pub attempts: u32,
    /// The suggestions, once it has succeeded.
    pub result: Option<Value>,
    /// Why the last attempt, or the whole job, failed.
    pub error: Option<String>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its last attempt began.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub finished_at: Option<Timestamp>,
    /// When it will be tried again, while it waits for that.
    pub next_attempt_at: Option<Timestamp>,
}

/// How one attempt ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    /// With the suggestions.
    Done(Value),
    /// With an answer that will not change by asking again.
    Refused(String),
    /// With a fault that may pass.
    Faulty(String),
}

/// What becomes of a job after an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It succeeded with this result.
    Succeed(Value),
    /// It failed for good.
    Fail(String),
    /// It is tried again after this pause.
    Retry(String, Duration),
    /// It is given up.
    GiveUp(String),
}

/// How often a job is tried, and how long to wait in between.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Attempts in all, at least 1.
    pub max_attempts: u32,
    /// Pause after the first attempt; it doubles after each further one.
    pub base: Duration,
}

impl RetryPolicy {
    /// Longest pause between two attempts.
    pub const MAX_PAUSE: Duration = Duration::from_secs(300);

    /// What becomes of a job whose attempt number `attempts` (from 1) ended like this; `jitter` is in `0.0..1.0`.
    pub fn judge(&self, attempt: Attempt, attempts: u32, jitter: f64) -> Verdict {
        match attempt {
            Attempt::Done(result) => Verdict::Succeed(result),
            Attempt::Refused(error) => Verdict::Fail(legible(&error)),
            Attempt::Faulty(error) if attempts >= self.max_attempts => Verdict::GiveUp(legible(&error)),
            Attempt::Faulty(error) => Verdict::Retry(legible(&error), self.pause(attempts, jitter)),
        }
    }

    /// The pause after attempt number `attempts`: doubling from the base, between half of that and all of it.
    pub fn pause(&self, attempts: u32, jitter: f64) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let whole = self.base.saturating_mul(1 << doublings).min(Self::MAX_PAUSE);
        whole.mul_f64(0.5 + 0.5 * jitter.clamp(0.0, 1.0))
    }

    /// Whether a job that has begun `attempts` attempts may not even be tried this once more: its earlier attempts
    /// ended without a word, most likely with the process that made them.
    pub fn exhausted(&self, attempts: u32) -> bool {
        attempts > self.max_attempts
    }
}

/// Longest error that is kept, in characters.
const ERROR_LENGTH: usize = 500;

/// What another service said, in a form that can be stored and shown: not too long, without control characters.
fn legible(error: &str) -> String {
    error.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ERROR_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: RetryPolicy = RetryPolicy { max_attempts: 3, base: Duration::from_secs(1) };

    #[test]
    fn a_fault_is_retried_until_the_attempts_are_used_up() {
        let fault = || Attempt::Faulty("away".to_owned());
        assert_eq!(POLICY.judge(fault(), 1, 1.0), Verdict::Retry("away".to_owned(), Duration::from_secs(1)));
        assert_eq!(POLICY.judge(fault(), 2, 1.0), Verdict::Retry("away".to_owned(), Duration::from_secs(2)));
        assert_eq!(POLICY.judge(fault(), 3, 1.0), Verdict::GiveUp("away".to_owned()));
        assert!(!POLICY.exhausted(3) && POLICY.exhausted(4));
    }

    #[test]
    fn an_answer_is_final_at_any_attempt() {
        let refused = Attempt::Refused("unknown".to_owned());
        assert_eq!(POLICY.judge(refused, 1, 0.0), Verdict::Fail("unknown".to_owned()));
        assert_eq!(POLICY.judge(Attempt::Done(Value::Null), 9, 0.0), Verdict::Succeed(Value::Null));
    }

    #[test]
    fn what_others_say_is_made_fit_to_be_stored() {
        let said = format!("a\0b\n{}", "x".repeat(10_000));
        let Verdict::Fail(kept) = POLICY.judge(Attempt::Refused(said), 1, 0.0) else { panic!("not final") };
        assert!(kept.starts_with("a b xx") && kept.len() == 500, "{kept}");
    }

    #[test]
    fn names_are_read_back() {
        for state in State::ALL {
            assert_eq!(State::from_name(state.name()), Some(state));
        }
        assert_eq!(State::from_name("done"), None);
    }

    proptest! {
        #[test]
        fn pauses_double_within_their_bounds(attempts in 1..200_u32, jitter in 0.0..1.0_f64) {
            let pause = POLICY.pause(attempts, jitter);
            prop_assert!(pause >= POLICY.base / 2 && pause <= RetryPolicy::MAX_PAUSE);
            prop_assert!(POLICY.pause(attempts + 1, jitter) >= pause);
            prop_assert!(POLICY.pause(attempts, 0.0) <= pause);
        }
    }
}
