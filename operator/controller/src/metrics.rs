use std::{collections::HashMap, sync::Arc, time::Duration};

use prometheus::{
    GaugeVec, Histogram, HistogramOpts, IntCounterVec, IntGauge, Opts, Registry,
    core::{Collector, MetricVec, MetricVecBuilder},
};
use scaling::Sample;

use crate::{error::StepError, steps::ReconcileRound};

/// What tells one object's series from another's.
const OBJECT: [&str; 2] = ["namespace", "queuescaler"];
/// Bucket bounds in seconds of the time of a round: a few requests, and a broker that may be slow to answer.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// What the operator measures.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// 1 while this instance leads.
    pub(crate) leader: IntGauge,
    /// Seconds that rounds take.
    pub(crate) rounds: Histogram,
    errors: IntCounterVec,
    decisions: IntCounterVec,
    messages: GaugeVec,
    arrivals: GaugeVec,
    service_time: GaugeVec,
    wait: GaugeVec,
    desired: GaugeVec,
    current: GaugeVec,
    sample_age: GaugeVec,
}

impl Metrics {
    /// All of them, in this registry.
    ///
    /// # Errors
    /// When one cannot be registered, which is a fault of this code.
    pub fn register(registry: &Registry) -> Result<Metrics, prometheus::Error> {
        let gauge = |name: &str, help: &str| add(registry, GaugeVec::new(Opts::new(name, help), &OBJECT)?);
        let counter = |name: &str, help: &str, labels: &[&str]| {
            add(registry, IntCounterVec::new(Opts::new(name, help), labels)?)
        };
        let rounds =
            HistogramOpts::new("queue_scaler_reconcile_duration_seconds", "Time of one round for one object");
        let state = Opts::new("queue_scaler_queue_messages", "Messages in the queue: ready or unacked");
        Ok(Metrics {
            leader: add(registry, IntGauge::new("queue_scaler_leader", "1 while this instance leads")?)?,
            rounds: add(registry, Histogram::with_opts(rounds.buckets(BUCKETS.to_vec()))?)?,
            errors: counter(
                "queue_scaler_reconcile_errors_total",
                "What went wrong, by category",
                &["category"],
            )?,
            decisions: counter(
                "queue_scaler_decisions_total",
                "Decisions by reason",
                &[OBJECT[0], OBJECT[1], "reason"],
            )?,
            messages: add(registry, GaugeVec::new(state, &[OBJECT[0], OBJECT[1], "state"])?)?,
            arrivals: gauge(
                "queue_scaler_arrivals_per_second",
                "Messages that arrive in a second, estimated",
            )?,
            service_time: gauge("queue_scaler_service_time_seconds", "Time that a job takes, estimated")?,
            wait: gauge("queue_scaler_estimated_wait_seconds", "Time that a message coming now will wait")?,
            desired: gauge("queue_scaler_desired_replicas", "Workers that the queue needs")?,
            current: gauge("queue_scaler_current_replicas", "Workers asked for on the target")?,
            sample_age: gauge("queue_scaler_sample_age_seconds", "Time since the broker's last answer")?,
        })
    }

    /// Counts a fault that belongs to no step of a round.
    pub(crate) fn failed(&self, category: &str) {
        self.errors.with_label_values(&[category]).inc();
    }

    /// The series of one object, which go away with the value.
    pub fn of(&self, namespace: &str, name: &str) -> Series {
        Series { metrics: self.clone(), object: Arc::new([namespace.to_owned(), name.to_owned()]) }
    }
}

fn add<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, prometheus::Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
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
