use std::time::Duration;

/// What the owner of a queue asks for. [`Policy::default`] is what the resource's defaults say.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// The longest that a message may wait for a worker; at least two polls.
    pub max_wait: Duration,
    /// How many jobs one worker does at the same time; at least 1.
    pub concurrency: u32,
    /// How many messages one worker holds unacknowledged; at least `concurrency`.
    pub prefetch: u32,
    /// How long a job takes as far as the owner knows; what is measured soon outweighs it. Above zero.
    pub service_time_hint: Duration,
    /// Never fewer workers; 0 allows none at all.
    pub min_replicas: u32,
    /// Never more workers; at least 1 and at least `min_replicas`.
    pub max_replicas: u32,
    /// The time between two polls; above zero.
    pub poll: Duration,
    /// How much of `max_wait` the decision may use up, in percent: 10 to 100. The rest is for what it cannot foresee.
    pub spend_percent: u32,
    pub scale_down: ScaleDown,
    /// The last worker leaves when nothing came, waited or ran for so long.
    pub scale_to_zero_after: Duration,
    /// What to do when the broker stays silent; it only ever raises.
    pub fallback: Option<Fallback>,
    /// Compute and report, write nothing: the owner scales by hand.
    pub paused: bool,
    /// Compute and report, write nothing: the owner wants to see first.
    pub dry_run: bool,
}

/// How workers leave: slowly, because a worker too many costs less than a job that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScaleDown {
    /// The largest need of so long is what counts.
    pub window: Duration,
    /// The least time between two steps down.
    pub interval: Duration,
    /// The largest part of the workers that leaves in one step, in percent: 1 to 100. One may always leave.
    pub max_percent: u32,
}

/// How many workers there should at least be while the broker tells nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fallback {
    /// After so many unknown observations in a row; at least 1.
    pub after_failures: u32,
    /// So many workers, if there are fewer and `max_replicas` allows it.
    pub replicas: u32,
}

/// A value that makes no sense, with the field in the spelling of the resource.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct PolicyError {
    /// Such as `scaleDown.maxPercent`.
    pub field: &'static str,
    /// The value, and what it should be.
    pub problem: String,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_wait: Duration::from_secs(30),
            concurrency: 1,
            prefetch: 1,
            service_time_hint: Duration::from_secs(1),
            min_replicas: 0,
            max_replicas: 10,
            poll: Duration::from_secs(5),
            spend_percent: 80,
            scale_down: ScaleDown::default(),
            scale_to_zero_after: Duration::from_secs(300),
            fallback: None,
            paused: false,
            dry_run: false,
        }
    }
}

impl Default for ScaleDown {
    fn default() -> Self {
        Self { window: Duration::from_secs(15), interval: Duration::from_secs(10), max_percent: 50 }
    }
}

impl Policy {
    /// # Errors
    ///
    /// The first field whose value makes no sense.
    pub fn validate(&self) -> Result<(), PolicyError> {
        at_least("worker.concurrency", self.concurrency, 1, "")?;
        at_least("worker.prefetch", self.prefetch, self.concurrency, ", the worker.concurrency")?;
        above_zero("worker.serviceTimeHintMillis", self.service_time_hint)?;
        at_least("maxReplicas", self.max_replicas, 1, "")?;
        at_least("maxReplicas", self.max_replicas, self.min_replicas, ", the minReplicas")?;
        above_zero("pollSeconds", self.poll)?;
        if self.max_wait < self.poll.saturating_mul(2) {
            return Err(PolicyError {
                field: "slo.maxWaitSeconds",
                problem: format!(
                    "{} is less than two polls; use at least {}",
                    self.max_wait.as_secs_f64(),
                    self.poll.as_secs_f64() * 2.0
                ),
            });
        }
        percent("slo.spendPercent", self.spend_percent, 10, 100)?;
        percent("scaleDown.maxPercent", self.scale_down.max_percent, 1, 100)?;
        if let Some(fallback) = self.fallback {
            at_least("fallback.afterFailures", fallback.after_failures, 1, "")?;
        }
        Ok(())
    }

    /// The wait that may be used up, in seconds, above 0.
    pub(crate) fn allowance(&self) -> f64 {
        let share = f64::from(self.spend_percent.clamp(10, 100)) / 100.0;
        (share * self.max_wait.as_secs_f64()).max(1e-3)
    }
}

fn at_least(field: &'static str, value: u32, least: u32, what: &str) -> Result<(), PolicyError> {
    if value >= least {
        return Ok(());
    }
    Err(PolicyError { field, problem: format!("{value} is too small; use at least {least}{what}") })
}

fn percent(field: &'static str, value: u32, least: u32, most: u32) -> Result<(), PolicyError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(PolicyError { field, problem: format!("{value} is out of range; use {least} to {most}") })
}

fn above_zero(field: &'static str, value: Duration) -> Result<(), PolicyError> {
    if !value.is_zero() {
        return Ok(());
    }
    Err(PolicyError { field, problem: "0 is too small; use more".to_owned() })
}
