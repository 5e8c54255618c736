use std::time::Instant;

use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts, Registry};

/// Seconds: choosing takes some microseconds at most.
const TIMES: [f64; 7] = [0.000_001, 0.000_005, 0.000_025, 0.000_1, 0.001, 0.01, 0.1];

/// What is measured of suggestions.
#[derive(Clone, Debug)]
pub(crate) struct SuggestionMetrics {
    found: IntCounter,
    none: IntCounter,
    time: Histogram,
}

impl SuggestionMetrics {
    /// Registers `scheduling_suggestions_total{outcome}` and `scheduling_computation_duration_seconds`.
    pub(crate) fn register(registry: &Registry) -> Result<SuggestionMetrics, prometheus::Error> {
        let answers = IntCounterVec::new(
            Opts::new("scheduling_suggestions_total", "Answers, by whether there was an hour to propose"),
            &["outcome"],
        )?;
        let time = HistogramOpts::new(
            "scheduling_computation_duration_seconds",
            "Time of computing what people share, or of choosing from it",
        );
        let time = Histogram::with_opts(time.buckets(TIMES.to_vec()))?;
        registry.register(Box::new(answers.clone()))?;
        registry.register(Box::new(time.clone()))?;
        let of = |outcome| answers.with_label_values(&[outcome]);
        Ok(SuggestionMetrics { found: of("found"), none: of("none"), time })
    }

    /// Runs `choose`, times it, and counts whether it found anything.
    pub(crate) fn observe<T>(&self, choose: impl FnOnce() -> Vec<T>) -> Vec<T> {
        let start = Instant::now();
        let chosen = choose();
        self.time.observe(start.elapsed().as_secs_f64());
        let answers = if chosen.is_empty() { &self.none } else { &self.found };
        answers.inc();
        chosen
    }
}
