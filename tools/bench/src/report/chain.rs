//! The table beside a bare chain.

use super::{COMPARED_AT, Report, goal, grouped, table};

/// Share of what the chain does per second, to be reached at 16 connections.
const CHAIN_GOAL: f64 = 0.6;

impl Report {
    pub(super) fn chain_table(&self) -> Option<String> {
        let mut lines = Vec::new();
        for (scenario, rows) in &self.scenarios {
            for row in rows {
                let Some((chain, share)) = &row.chain else { continue };
                lines.push(format!(
                    "| {} | {} | {} | {} | {} | {:.3} | {:.3} | {} |",
                    scenario.title,
                    row.connections,
                    grouped(row.ours.per_second),
                    grouped(chain.per_second),
                    beside(*share, row.connections == COMPARED_AT),
                    row.ours.cpu,
                    chain.cpu,
                    chain.errors
                ));
            }
        }
        lines.extend(self.drain.iter().map(|drain| {
            format!(
                "| drain of {} jobs | – | {} | {} | {} | {:.3} | – | 0 |",
                grouped(drain.jobs as f64),
                grouped(drain.per_second),
                grouped(drain.chain_per_second),
                beside(drain.chain_share, true),
                drain.cpu
            )
        }));
        let head = format!(
            "request | connections | per second | chain | share (goal at {COMPARED_AT}: ≥ {CHAIN_GOAL}) \
             | CPU s per 1,000 | chain | errors of the chain"
        );
        table("Beside a bare chain", &head, &lines)
    }
}

fn beside(share: f64, compared: bool) -> String {
    let text = format!("{share:.2}");
    if compared { goal(text, share >= CHAIN_GOAL) } else { text }
}
