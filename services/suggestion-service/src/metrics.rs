use metrics::metrics;
use wire::Windows;

/// Seconds: choosing an hour takes a microsecond, ranking the windows of 10,000 people some tens of milliseconds.
const TIMES: [f64; 7] = [0.000_001, 0.000_005, 0.000_025, 0.000_1, 0.001, 0.01, 0.1];

metrics! {
    /// What is measured of suggestions.
    pub(crate) struct SuggestionMetrics {
        /// Answers, by whether there was an hour to propose
        answers: IntCounterVec = "scheduling_suggestions_total" ["outcome"], at 0 for [["found"], ["none"]];
        /// Time of computing what people share, or of choosing from it
        time: Histogram = "scheduling_computation_duration_seconds" in TIMES;
    }
}

impl SuggestionMetrics {
    /// Runs `choose`, times it, and counts whether it found anything.
    pub(crate) fn observe<T>(&self, choose: impl FnOnce() -> Vec<T>) -> Vec<T> {
        let chosen = self.time.observe_closure_duration(choose);
        self.count(chosen.is_empty());
        chosen
    }

    /// Runs `rank`, times it, and counts whether it found any window.
    pub(crate) fn windows<E>(&self, rank: impl FnOnce() -> Result<Windows, E>) -> Result<Windows, E> {
        let ranked = self.time.observe_closure_duration(rank)?;
        self.count(ranked.windows.is_empty());
        Ok(ranked)
    }

    fn count(&self, is_empty: bool) {
        let outcome = if is_empty { "none" } else { "found" };
        self.answers.with_label_values(&[outcome]).inc();
    }
}
