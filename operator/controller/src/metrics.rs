use std::{collections::HashMap, sync::Arc, time::Duration};

use metrics::metrics;
use prometheus::{
    GaugeVec,
    core::{Collector, MetricVec, MetricVecBuilder},
};
use scaling::Sample;

use crate::{error::StepError, steps::ReconcileRound};

/// What tells one object's series from another's.
const OBJECT: [&str; 2] = ["namespace", "queuescaler"];
/// Bucket bounds in seconds of the time of a round: a few requests, and a broker that may be slow to answer.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

metrics! {
    /// What the operator measures.
    pub struct Metrics {
        /// 1 while this instance leads
        pub(crate) leader: IntGauge = "queue_scaler_leader";
        /// Time of one round for one object
        pub(crate) rounds: Histogram = "queue_scaler_reconcile_duration_seconds" in BUCKETS;
        /// What went wrong, by category
        errors: IntCounterVec = "queue_scaler_reconcile_errors_total" ["category"];
        /// Decisions by reason
        decisions: IntCounterVec = "queue_scaler_decisions_total" ["namespace", "queuescaler", "reason"];
        /// Messages in the queue: ready or unacked
        messages: GaugeVec = "queue_scaler_queue_messages" ["namespace", "queuescaler", "state"];
        /// Messages that arrive in a second, estimated
        arrivals: GaugeVec = "queue_scaler_arrivals_per_second" ["namespace", "queuescaler"];
        /// Time that a job takes, estimated
        service_time: GaugeVec = "queue_scaler_service_time_seconds" ["namespace", "queuescaler"];
        /// Time that a worker took to start, measured
        startup: GaugeVec = "queue_scaler_startup_seconds" ["namespace", "queuescaler"];
        /// Time that a message coming now will wait
        wait: GaugeVec = "queue_scaler_estimated_wait_seconds" ["namespace", "queuescaler"];
        /// Workers that the queue needs
        desired: GaugeVec = "queue_scaler_desired_replicas" ["namespace", "queuescaler"];
        /// Workers asked for on the target
        current: GaugeVec = "queue_scaler_current_replicas" ["namespace", "queuescaler"];
        /// Time since the broker's last answer
        sample_age: GaugeVec = "queue_scaler_sample_age_seconds" ["namespace", "queuescaler"];
    }
}

impl Metrics {
    /// Counts a fault that belongs to no step of a round.
    pub(crate) fn failed(&self, category: &str) {
        self.errors.with_label_values(&[category]).inc();
    }

    /// The series of one object, which go away with the value.
    pub fn of(&self, namespace: &str, name: &str) -> Series {
        Series { metrics: self.clone(), object: Arc::new([namespace.to_owned(), name.to_owned()]) }
    }
}

/// The series of one object; dropped, they are no longer told, so that nobody reads of an object that is gone.
#[derive(Debug)]
pub struct Series {
    metrics: Metrics,
    object: Arc<[String; 2]>,
}

impl Series {
    fn labels(&self) -> [&str; 2] {
        let [namespace, name] = &*self.object;
        [namespace, name]
    }

    /// Notes what a round saw and decided; `sample` is the broker's last answer and its age.
    pub fn decided(&self, round: &ReconcileRound, sample: Option<(Sample, Duration)>) {
        let (metrics, object) = (&self.metrics, self.labels());
        let estimate = &round.decision.estimate;
        metrics.arrivals.with_label_values(&object).set(estimate.arrivals_per_second);
        metrics.service_time.with_label_values(&object).set(estimate.service_time.as_secs_f64());
        set_or_remove(&metrics.startup, &object, estimate.startup.map(|startup| startup.as_secs_f64()));
        set_or_remove(&metrics.wait, &object, estimate.wait.map(|wait| wait.as_secs_f64()));
        metrics.desired.with_label_values(&object).set(round.decision.desired.into());
        metrics.current.with_label_values(&object).set(round.observed.workers.replicas.into());
        let [namespace, name] = object;
        metrics.decisions.with_label_values(&[namespace, name, &round.decision.reason.to_string()]).inc();
        self.sampled(sample);
    }

    /// Notes a round that ended early.
    pub fn failed(&self, error: &StepError, sample: Option<(Sample, Duration)>) {
        self.metrics.failed(error.category());
        self.sampled(sample);
    }

    fn sampled(&self, sample: Option<(Sample, Duration)>) {
        let Some((sample, age)) = sample else { return };
        let (metrics, [namespace, name]) = (&self.metrics, self.labels());
        set_or_remove(&metrics.messages, &[namespace, name, "ready"], Some(float(sample.ready)));
        set_or_remove(&metrics.messages, &[namespace, name, "unacked"], sample.unacked.map(float));
        metrics.sample_age.with_label_values(&[namespace, name]).set(age.as_secs_f64());
    }
}

/// A value that is not known is not told, rather than told as zero.
fn set_or_remove(gauge: &GaugeVec, labels: &[&str], value: Option<f64>) {
    match value {
        Some(value) => gauge.with_label_values(labels).set(value),
        // It fails only when there is nothing to remove.
        None => drop(gauge.remove_label_values(labels)),
    }
}

/// Exact below 2^53, which no queue reaches.
#[expect(clippy::cast_precision_loss, reason = "no queue holds 2^53 messages")]
fn float(count: u64) -> f64 {
    count as f64
}

impl Drop for Series {
    fn drop(&mut self) {
        let (metrics, object) = (&self.metrics, self.labels());
        remove_object(&metrics.decisions, object);
        for gauge in [
            &metrics.messages,
            &metrics.arrivals,
            &metrics.service_time,
            &metrics.startup,
            &metrics.wait,
            &metrics.desired,
            &metrics.current,
            &metrics.sample_age,
        ] {
            remove_object(gauge, object);
        }
    }
}

/// Removes every series of the object, whatever other labels it has.
fn remove_object<T: MetricVecBuilder>(family: &MetricVec<T>, object: [&str; 2])
where
    MetricVec<T>: Collector,
{
    for series in family.collect().iter().flat_map(|family| family.get_metric()) {
        let labels: HashMap<&str, &str> =
            series.get_label().iter().map(|label| (label.name(), label.value())).collect();
        if OBJECT.iter().zip(object).all(|(label, value)| labels.get(label) == Some(&value)) {
            // It fails only when the series has gone meanwhile.
            drop(family.remove(&labels));
        }
    }
}
