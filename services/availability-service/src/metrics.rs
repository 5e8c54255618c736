use metrics::metrics;

/// People in one question: a pair, small groups, and up to the largest that is allowed.
const SIZES: [f64; 7] = [2.0, 3.0, 5.0, 10.0, 25.0, 50.0, 100.0];
/// Seconds: a pair takes some tenths of a microsecond, a large group some microseconds.
const TIMES: [f64; 7] = [0.000_001, 0.000_005, 0.000_025, 0.000_1, 0.001, 0.01, 0.1];

metrics! {
    /// What is measured of computing what people share.
    pub(crate) struct GroupMetrics {
        /// People in one question
        size: Histogram = "scheduling_group_size" in SIZES;
        /// Time of computing what people share, or of choosing from it
        time: Histogram = "scheduling_computation_duration_seconds" in TIMES;
    }
}

impl GroupMetrics {
    /// Runs `compute` for a group of `people` and times it.
    pub(crate) fn observe<T>(&self, people: usize, compute: impl FnOnce() -> T) -> T {
        self.size.observe(f64::from(u32::try_from(people).unwrap_or(u32::MAX)));
        self.time.observe_closure_duration(compute)
    }
}
