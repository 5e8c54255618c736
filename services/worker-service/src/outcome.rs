//! What becomes of a job. Pure: no clock, no randomness, no I/O.

use std::time::Duration;

use serde_json::Value;
use service_kit::chain;

#[derive(Clone, Debug, PartialEq)]
pub enum Attempt {
    Done(Value),
    /// With an answer that will not change by asking again.
    Refused(String),
    /// With a fault that may pass.
    Faulty(String),
    /// Not made at all: what it needs is busy or away, which says nothing of this job.
    Deferred(String),
}

/// What becomes of a job after an attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum JobOutcome {
    Succeed(Value),
    Fail(String),
    Retry(String, Duration),
    /// The same for an attempt that was not made.
    Defer(String, Duration),
    GiveUp(String),
}

impl Attempt {
    pub(crate) fn faulty(error: &(dyn std::error::Error + 'static)) -> Attempt {
        Attempt::Faulty(chain(error).to_string())
    }
}

/// How often a job is tried, and how long to wait in between.
#[derive(Clone, Copy, Debug)]
pub struct RetryPolicy {
    /// Attempts in all, at least 1.
    pub max_attempts: u32,
    /// Pause after the first attempt; it doubles after each further one.
    pub base: Duration,
    /// Longest pause.
    pub max_pause: Duration,
}

impl RetryPolicy {
    /// The longest pause of the usual kinds.
    pub const MAX_PAUSE: Duration = Duration::from_secs(300);
    /// The longest pause after an attempt that was not made. Of ten thousand jobs that wait for the same, a hundred are looked
    /// at in a second.
    pub const MAX_DEFERRAL: Duration = Duration::from_secs(120);

    /// What becomes of a job whose attempt number `attempts` (from 1) ended like this; `jitter` is in `0.0..1.0`.
    pub fn outcome(&self, attempt: Attempt, attempts: u32, jitter: f64) -> JobOutcome {
        match attempt {
            Attempt::Done(result) => JobOutcome::Succeed(result),
            Attempt::Refused(error) => JobOutcome::Fail(sanitized(&error)),
            Attempt::Faulty(error) if attempts >= self.max_attempts => JobOutcome::GiveUp(sanitized(&error)),
            Attempt::Faulty(error) => JobOutcome::Retry(sanitized(&error), self.pause(attempts, jitter)),
            Attempt::Deferred(reason) => {
                JobOutcome::Defer(sanitized(&reason), self.pause(attempts, jitter).min(Self::MAX_DEFERRAL))
            }
        }
    }

    /// The pause after attempt number `attempts`: doubling from the base, between half of that and all of it.
    pub fn pause(&self, attempts: u32, jitter: f64) -> Duration {
        let doublings = attempts.saturating_sub(1).min(31);
        let whole = self.base.saturating_mul(1 << doublings).min(self.max_pause);
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
fn sanitized(error: &str) -> String {
    error.chars().map(|c| if c.is_control() { ' ' } else { c }).take(ERROR_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: RetryPolicy =
        RetryPolicy { max_attempts: 3, base: Duration::from_secs(1), max_pause: RetryPolicy::MAX_PAUSE };

    #[test]
    fn a_fault_is_retried_until_the_attempts_are_used_up() {
        let fault = || Attempt::Faulty("unreachable".to_owned());
        assert_eq!(
            POLICY.outcome(fault(), 1, 1.0),
            JobOutcome::Retry("unreachable".to_owned(), Duration::from_secs(1))
        );
        assert_eq!(
            POLICY.outcome(fault(), 2, 1.0),
            JobOutcome::Retry("unreachable".to_owned(), Duration::from_secs(2))
        );
        assert_eq!(POLICY.outcome(fault(), 3, 1.0), JobOutcome::GiveUp("unreachable".to_owned()));
        assert!(!POLICY.exhausted(3) && POLICY.exhausted(4));
    }

    #[test]
    fn an_attempt_that_was_not_made_is_never_the_last() {
        let patient = RetryPolicy { max_pause: Duration::from_secs(900), ..POLICY };
        let busy = || Attempt::Deferred("busy".to_owned());
        let deferred = |seconds| JobOutcome::Defer("busy".to_owned(), Duration::from_secs(seconds));
        assert_eq!(patient.outcome(busy(), 1, 1.0), deferred(1));
        assert_eq!(patient.outcome(busy(), 30, 1.0), deferred(120));
    }

    #[test]
    fn an_answer_is_final_at_any_attempt() {
        let refused = Attempt::Refused("unknown".to_owned());
        assert_eq!(POLICY.outcome(refused, 1, 0.0), JobOutcome::Fail("unknown".to_owned()));
        assert_eq!(POLICY.outcome(Attempt::Done(Value::Null), 9, 0.0), JobOutcome::Succeed(Value::Null));
    }

    #[test]
    fn what_others_say_is_made_fit_to_be_stored() {
        let said = format!("a\0b\n{}", "x".repeat(10_000));
        let JobOutcome::Fail(kept) = POLICY.outcome(Attempt::Refused(said), 1, 0.0) else {
            panic!("not final")
        };
        assert!(kept.starts_with("a b xx") && kept.len() == 500, "{kept}");
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
