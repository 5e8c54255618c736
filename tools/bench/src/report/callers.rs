//! The table of what callers cost.

use super::{Report, goal, grouped, table};
use crate::callers::CallersResult;

/// CPU seconds per 1,000 requests that looking up who asks, and counting units, may cost at most.
const GOALS: [Option<f64>; 4] = [None, None, Some(0.01), Some(0.005)];

impl Report {
    pub(super) fn callers_table(&self) -> Option<String> {
        let line = |(row, wanted): (&CallersResult, Option<f64>)| {
            let text = format!("{:.4}", row.more_cpu);
            let more = match wanted {
                Some(most) => goal(format!("{text} (goal: ≤ {most})"), row.more_cpu <= most),
                None => text,
            };
            format!("| {} | {} | {:.4} | {more} |", row.title, grouped(row.per_second), row.cpu)
        };
        let lines: Vec<String> = self.callers.iter().zip(GOALS).map(line).collect();
        let head = "`GET /users/users/{email}` through the public port | per second | CPU s of user-service per 1,000 | more than the line before";
        table("What access and limits cost", head, &lines)
    }
}
