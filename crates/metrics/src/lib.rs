//! Groups of Prometheus metrics, declared in one place each: [`metrics!`].

pub use prometheus;

use prometheus::{
    Error, Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge,
    IntGaugeVec, Opts, core::Collector,
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
            /// The metrics, which no registry knows yet.
            $visible fn new() -> Result<$group, $crate::prometheus::Error> {
                let group = $group {
                    $(
                        $field: <$crate::prometheus::$kind as $crate::Metric>::new(
                            $name,
                            $help.trim(),
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

            /// The metrics, known to `registry`.
            ///
            /// # Errors
            /// When it has one of them already.
            $visible fn register(
                registry: &$crate::prometheus::Registry,
            ) -> Result<$group, $crate::prometheus::Error> {
                let group = $group::new()?;
                registry.register(Box::new(group.clone()))?;
                Ok(group)
            }
        }

        impl $crate::prometheus::core::Collector for $group {
            fn desc(&self) -> Vec<&$crate::prometheus::core::Desc> {
                [$(self.$field.desc()),+].concat()
            }

            fn collect(&self) -> Vec<$crate::prometheus::proto::MetricFamily> {
                [$(self.$field.collect()),+].concat()
            }
        }
    };
}

/// Bucket bounds in seconds that OpenTelemetry's semantic conventions have for requests and messages.
pub const REQUEST_SECONDS: [f64; 14] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// One more in a gauge, until this is dropped.
#[derive(Debug)]
pub struct Counted(IntGauge);

impl Counted {
    pub fn new(gauge: &IntGauge) -> Counted {
        gauge.inc();
        Counted(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A kind of metric that [`metrics!`] can declare.
pub trait Metric: Collector + Clone + Sized + 'static {
    /// A new one; only histograms have `buckets`, and without any they have the usual ones.
    fn new(name: &str, help: &str, labels: &[&str], buckets: &[&[f64]]) -> Result<Self, Error>;
}

macro_rules! metric {
    ($($plain:ident)+; $($with_labels:ident)+) => {
        $(impl Metric for $plain {
            fn new(name: &str, help: &str, _: &[&str], _: &[&[f64]]) -> Result<$plain, Error> {
                $plain::new(name, help)
            }
        })+
        $(impl Metric for $with_labels {
            fn new(name: &str, help: &str, labels: &[&str], _: &[&[f64]]) -> Result<$with_labels, Error> {
                $with_labels::new(Opts::new(name, help), labels)
            }
        })+
    };
}

metric!(Gauge IntCounter IntGauge; GaugeVec IntCounterVec IntGaugeVec);

fn histogram(name: &str, help: &str, buckets: &[&[f64]]) -> HistogramOpts {
    let options = HistogramOpts::new(name, help);
    if buckets.is_empty() { options } else { options.buckets(buckets.concat()) }
}

impl Metric for Histogram {
    fn new(name: &str, help: &str, _: &[&str], buckets: &[&[f64]]) -> Result<Histogram, Error> {
        Histogram::with_opts(histogram(name, help, buckets))
    }
}

impl Metric for HistogramVec {
    fn new(name: &str, help: &str, labels: &[&str], buckets: &[&[f64]]) -> Result<HistogramVec, Error> {
        HistogramVec::new(histogram(name, help, buckets), labels)
    }
}
