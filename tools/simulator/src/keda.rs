//! What KEDA itself decides: between no worker and one, at its own polls. All else it leaves to the HPA.
//!
//! Source: `RequestScale` in `pkg/scaling/executor` of KEDA.

use std::time::Duration;

/// What the trigger said at a poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// There are more messages than `activationValue`, which is 0.
    Active,
    Inactive,
    /// The broker could not be asked.
    Failed,
}

impl Trigger {
    /// From the number of messages; None when it could not be read.
    pub fn of(metric: Option<u64>) -> Trigger {
        match metric {
            Some(0) => Trigger::Inactive,
            Some(_) => Trigger::Active,
            None => Trigger::Failed,
        }
    }
}

/// What KEDA remembers of one ScaledObject with a minimum of 0.
#[derive(Debug, Clone, Default)]
pub struct Keda {
    last_active: Option<Duration>,
}

impl Keda {
    /// `pollingInterval`.
    pub const POLL: Duration = Duration::from_secs(30);
    /// `cooldownPeriod`.
    pub const COOLDOWN: Duration = Duration::from_secs(300);

    /// One poll at the time `now`: what `spec.replicas` should be.
    pub fn poll(&mut self, now: Duration, spec: u32, trigger: Trigger) -> u32 {
        match trigger {
            Trigger::Active => {
                self.last_active = Some(now);
                spec.max(1)
            }
            Trigger::Failed => spec,
            Trigger::Inactive => {
                let cooling = self.last_active.is_some_and(|active| active + Self::COOLDOWN >= now);
                if cooling { spec } else { 0 }
            }
        }
    }
}
