//! The tables of databases of different sizes.

use super::{Report, goal, grouped, table};
use crate::sizes::SizeRow;

/// The p50 of the smallest database times this may not be exceeded.
const GROWTH_GOAL: f64 = 1.1;

impl Report {
    pub(super) fn sizes_table(&self) -> Option<String> {
        let line = |row: &SizeRow| {
            let growth = goal(format!("{:.2}", row.growth), row.growth <= GROWTH_GOAL);
            let [service, postgres] = row.cpu;
            format!(
                "| {} | {} | {:.2} | {:.2} | {growth} | {service:.2} | {postgres:.2} |",
                row.title,
                grouped(row.size.into()),
                row.p50_ms,
                row.p95_ms
            )
        };
        let lines: Vec<String> = self.sizes.rows.iter().map(line).collect();
        let head = "request, one at a time | people and polls | p50 ms | p95 ms | of the smallest (goal: ≤ 1.1) | \
                    user-service, CPU s per 1,000 | PostgreSQL";
        table("Databases of different sizes", head, &lines)
    }

    pub(super) fn stored_table(&self) -> Option<String> {
        let lines = self.sizes.stored.iter().flat_map(|(size, tables)| {
            tables.iter().map(move |stored| {
                let each = |bytes: i64| grouped(bytes as f64 / stored.rows.max(1) as f64);
                format!(
                    "| {} | {} | {} | {} | {} | {:.1} |",
                    grouped((*size).into()),
                    stored.table,
                    grouped(stored.rows as f64),
                    each(stored.table_bytes),
                    each(stored.index_bytes),
                    (stored.table_bytes + stored.index_bytes) as f64 / 1e6
                )
            })
        });
        let head = "people and polls | table | rows | bytes a row | in indices | MB in all";
        table("What is stored", head, &lines.collect::<Vec<_>>())
    }
}
