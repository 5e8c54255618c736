//! A trace run once under the operator, poll by poll.

use std::time::Duration;

use scaling::{Policy, Reason};

use crate::load::Load;
use crate::setup::{Scaling, Setup, Source};
use crate::simulation::simulate;
use crate::trace::Trace;

/// For the last messages to be done and the workers to leave one by one.
const AFTERWARDS: Duration = Duration::from_secs(300);

/// What the operator saw and decided at one poll.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Since the start.
    pub time: Duration,
    /// Messages that wait; None when the broker did not answer.
    pub ready: Option<u64>,
    /// Messages that workers hold; None when the broker did not answer or its answer has no such field.
    pub unacked: Option<u64>,
    /// What the queue needs.
    pub desired: u32,
    /// What the Deployment had before.
    pub replicas: u32,
    pub reason: Reason,
    /// The decision in a sentence.
    pub message: String,
}

/// What the operator would have done with this trace under this policy, reading the management API, until the workers
/// are no longer needed. The workers have the policy's prefetch and concurrency; the rest is the setup's.
pub fn replay(trace: &Trace, policy: &Policy, setup: &Setup) -> Vec<Row> {
    let setup = Setup { prefetch: policy.prefetch, concurrency: policy.concurrency, ..setup.clone() };
    let scaling = Scaling::Ours { policy: Box::new(policy.clone()), source: Source::Management };
    let mut load = Load::draw(trace, setup.seed);
    load.length += policy.scale_to_zero_after + AFTERWARDS;
    simulate(&load, &scaling, &setup).rows
}
