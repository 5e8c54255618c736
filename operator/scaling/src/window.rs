use std::collections::VecDeque;
use std::time::Duration;

/// The largest need of the last while. Only values that can still become the largest are kept, so it is
/// small: newest last, each smaller than the one before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window {
    needs: VecDeque<(Duration, f64)>,
}

impl Window {
    /// Adds a need as of `now` and answers the largest of the last `width`.
    pub(crate) fn push(&mut self, now: Duration, need: f64, width: Duration) -> f64 {
        while self.needs.back().is_some_and(|&(_, other)| other <= need) {
            self.needs.pop_back();
        }
        self.needs.push_back((now, need));
        while self.needs.front().is_some_and(|&(at, _)| now.saturating_sub(at) > width) {
            self.needs.pop_front();
        }
        self.needs.front().map_or(need, |&(_, largest)| largest)
    }

    pub(crate) fn newest(&self) -> Option<f64> {
        self.needs.back().map(|&(_, need)| need)
    }
}
