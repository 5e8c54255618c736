//! Groups of Prometheus metrics, declared in one place each: [`metrics!`].

pub use prometheus;

use prometheus::{
    Error, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, Registry, core::Collector,
};

/// Declares a struct of metrics and its `register`, which makes them known to a registry and fails when it has one of
/// them already. What stands above a field is the metric's help; behind it come the name, the labels of a `Vec`, and
/// the bucket bounds of a histogram. What stands behind `at 0 for` is there from the beginning: a counter that appears at 1
/// has not grown as far as Prometheus can tell. Clones count together.
///
/// ```
/// metrics::metrics! {
///     /// What is measured of visits.
///     pub struct VisitMetrics {
///         /// Visits, by who came
///         visits: IntCounterVec = "visits_total" ["who"], at 0 for [["ada"], ["bob"]];
///         /// Time that one took
///         duration: Histogram = "visit_duration_seconds" in [0.1, 1.0];
///     }
/// }
/// let registry = metrics::prometheus::Registry::new();
/// let metrics = VisitMetrics::register(&registry)?;
/// metrics.visits.with_label_values(&["ada"]).inc();
/// assert!(VisitMetrics::register(&registry).is_err());
/// # Ok::<(), metrics::prometheus::Error>(())
/// ```
#[macro_export]
macro_rules! metrics {
    (
        $(#[$attribute:meta])*
        $visible:vis struct $group:ident {
            $(
                #[doc = $help:literal]
                $field_visible:vis $field:ident: $kind:ident = $name:literal
                    $([$($label:expr),+])? $(in $buckets:expr)? $(, at 0 for $values:expr)?;
            )+
        }
    ) => {
        $(#[$attribute])*
        #[derive(Clone, Debug)]
        $visible struct $group {
            $(
                #[doc = $help]
                $field_visible $field: $crate::prometheus::$kind,
            )+
        }

        impl $group {
            /// Makes the metrics known to `registry`.
            ///
            /// # Errors
            /// When it has one of them already.
            $visible fn register(
                registry: &$crate::prometheus::Registry,
            ) -> Result<$group, $crate::prometheus::Error> {
                let group = $group {
                    $(
                        $field: $crate::register(
                            registry,
                            $name,
                            $help,
                            &[$($($label),+)?],
                            &[$(&$buckets[..])?],
                        )?,
                    )+
                };
                $($(for values in $values {
                    group.$field.with_label_values(&values);
                })?)+
                Ok(group)
            }
        }
    };
}

/// A kind of metric that [`metrics!`] can declare.
pub trait Metric: Collector + Clone + Sized + 'static {
    /// A new one; only histograms have `buckets`, and without any they have the usual ones.
    ///
    /// # Errors
    /// When a name is not one for Prometheus.
    fn new(name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> Result<Self, Error>;
}

/// Makes a metric and has `registry` know it.
///
/// # Errors
/// When a name is not one for Prometheus, or known already.
pub fn register<M: Metric>(
    registry: &Registry,
    name: &str,
    help: &str,
    labels: &[&str],
    buckets: &[&[f64]],
) -> Result<M, Error> {
    let metric = M::new(name, help.trim(), labels, &buckets.concat())?;
    registry.register(Box::new(metric.clone()))?;
    Ok(metric)
}

macro_rules! metric {
    ($($plain:ident)+; $($with_labels:ident)+) => {
        $(impl Metric for $plain {
            fn new(name: &str, help: &str, _: &[&str], _: &[f64]) -> Result<$plain, Error> {
                $plain::new(name, help)
            }
        })+
        $(impl Metric for $with_labels {
            fn new(name: &str, help: &str, labels: &[&str], _: &[f64]) -> Result<$with_labels, Error> {
                $with_labels::new(Opts::new(name, help), labels)
            }
        })+
    };
}

metric!(Gauge IntCounter IntGauge; GaugeVec IntCounterVec IntGaugeVec);

fn histogram(name: &str, help: &str, buckets: &[f64]) -> HistogramOpts {
    let options = HistogramOpts::new(name, help);
    if buckets.is_empty() { options } else { options.buckets(buckets.to_vec()) }
}

impl Metric for Histogram {
    fn new(name: &str, help: &str, _: &[&str], buckets: &[f64]) -> Result<Histogram, Error> {
        Histogram::with_opts(histogram(name, help, buckets))
    }
}

impl Metric for HistogramVec {
    fn new(name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> Result<HistogramVec, Error> {
        HistogramVec::new(histogram(name, help, buckets), labels)
    }
}
