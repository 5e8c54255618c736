//! What the HPA controller does with one external metric of the target type AverageValue, without a `behavior` section.
//!
//! Source: `pkg/controller/podautoscaler` of Kubernetes: `GetExternalPerPodMetricReplicas`, `stabilizeRecommendation`
//! and `convertDesiredReplicasWithRules`. An external metric belongs to no pod, so the rules for pods that are not Ready
//! or have no metric do not enter; a metric that cannot be had leaves the target as it is.

use std::time::Duration;

/// The target as the controller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// `spec.replicas`.
    pub spec: u32,
    /// `status.replicas`: pods that exist and are not being deleted, Ready or not.
    pub status: u32,
}

/// The controller's memory of one HPA, and its settings.
#[derive(Debug, Clone)]
pub struct Hpa {
    /// Messages per pod; at least 1.
    target: f64,
    min: u32,
    max: u32,
    recommendations: Vec<(Duration, u32)>,
}

impl Hpa {
    /// Between two looks at the target.
    pub const SYNC: Duration = Duration::from_secs(15);
    /// `--horizontal-pod-autoscaler-downscale-stabilization`.
    pub const WINDOW: Duration = Duration::from_secs(300);
    /// `--horizontal-pod-autoscaler-tolerance`.
    pub const TOLERANCE: f64 = 0.1;

    /// An HPA that aims at `messages_per_pod` and stays within `min` and `max`.
    pub fn new(messages_per_pod: u32, min: u32, max: u32) -> Hpa {
        Hpa { target: f64::from(messages_per_pod), min, max, recommendations: Vec::new() }
    }

    /// One sync at the time `now`: the replicas that the target should have. `metric` is the number of messages; None
    /// when it could not be read.
    pub fn sync(&mut self, now: Duration, target: Target, metric: Option<u64>) -> u32 {
        if self.recommendations.is_empty() {
            self.recommendations.push((now, target.spec));
        }
        // An HPA whose minimum is not 0 is switched off by a target of 0.
        if target.spec == 0 && self.min != 0 {
            return 0;
        }
        if target.spec > self.max {
            return self.max;
        }
        if target.spec < self.min {
            return self.min;
        }
        let Some(metric) = metric else { return target.spec };
        let proposed = self.stabilized(now, self.proposal(target.status, metric as f64));
        // Doubled at most, but four may always be reached.
        let limit = self.max.min((2 * target.spec).max(4));
        if proposed < self.min { self.min } else { proposed.min(limit) }
    }

    /// Within the tolerance the pods that there are, else as many as hold the target each.
    fn proposal(&self, pods: u32, metric: f64) -> u32 {
        let ratio = metric / (self.target * f64::from(pods));
        if (1.0 - ratio).abs() > Self::TOLERANCE { (metric / self.target).ceil() as u32 } else { pods }
    }

    /// The highest proposal of the window; the new one is remembered in place of one that has left it.
    fn stabilized(&mut self, now: Duration, proposal: u32) -> u32 {
        let cutoff = now.saturating_sub(Self::WINDOW);
        let recent = self.recommendations.iter().filter(|(time, _)| *time >= cutoff);
        let highest = recent.map(|(_, replicas)| *replicas).fold(proposal, u32::max);
        match self.recommendations.iter().rposition(|(time, _)| *time < cutoff) {
            Some(old) => self.recommendations[old] = (now, proposal),
            None => self.recommendations.push((now, proposal)),
        }
        highest
    }
}
