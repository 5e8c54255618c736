use std::time::Duration;

use scaling::{Fallback, Policy, ScaleDown};

use crate::model::secs;

#[test]
fn the_defaults_make_sense() {
    assert_eq!(Policy::default().validate(), Ok(()));
}

/// What is said of the default policy after a change.
fn fault(change: impl FnOnce(&mut Policy)) -> Option<String> {
    let mut policy = Policy::default();
    change(&mut policy);
    policy.validate().err().map(|fault| fault.to_string())
}

#[test]
fn a_fault_names_the_field_the_value_and_what_to_use() {
    let down = ScaleDown::default();
    let cases = [
        (fault(|p| p.concurrency = 0), "worker.concurrency: 0 is too small; use at least 1"),
        (
            fault(|p| p.concurrency = 4),
            "worker.prefetch: 1 is too small; use at least 4, the worker.concurrency",
        ),
        (
            fault(|p| p.service_time_hint = Duration::ZERO),
            "worker.serviceTimeHintMillis: 0 is too small; use more",
        ),
        (fault(|p| p.max_replicas = 0), "maxReplicas: 0 is too small; use at least 1"),
        (fault(|p| p.min_replicas = 11), "maxReplicas: 10 is too small; use at least 11, the minReplicas"),
        (fault(|p| p.poll = Duration::ZERO), "pollSeconds: 0 is too small; use more"),
        (fault(|p| p.max_wait = secs(9)), "slo.maxWaitSeconds: 9 is less than two polls; use at least 10"),
        (fault(|p| p.spend_percent = 101), "slo.spendPercent: 101 is out of range; use 10 to 100"),
        (fault(|p| p.spend_percent = 9), "slo.spendPercent: 9 is out of range; use 10 to 100"),
        (
            fault(|p| p.scale_down = ScaleDown { max_percent: 0, ..down }),
            "scaleDown.maxPercent: 0 is out of range; use 1 to 100",
        ),
        (
            fault(|p| p.fallback = Some(Fallback { after_failures: 0, replicas: 2 })),
            "fallback.afterFailures: 0 is too small; use at least 1",
        ),
    ];
    for (said, expected) in cases {
        assert_eq!(said.as_deref(), Some(expected));
    }
}
