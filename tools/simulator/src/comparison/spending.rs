//! What the share of the limit that may be spent costs and saves.

use scaling::Policy;

use super::outcome::outcomes;
use super::page::percent;
use super::{Cell, SPENDING, Scenario, Setting};
use crate::setup::Source;
use crate::trace::Trace;

/// The section of the page: all scenarios in which the limit can be kept, under each share.
pub(super) fn spending(traces: &[Trace], cells: &[Cell]) -> String {
    let usual = Policy::default().spend_percent;
    let mut shares: Vec<u32> = SPENDING.into_iter().chain([usual]).collect();
    shares.sort_unstable();
    let mut text = format!(
        "\n## How much of the limit is spent\n\n`slo.spendPercent` is {usual} unless the owner says otherwise. What other shares \
         give, over all scenarios of this page in which the limit is kept with the default:\n\n\
         | spent | largest share over {{limit}} s | mean p99 | replica-seconds |\n|---:|---:|---:|---:|\n"
    );
    let kept: Vec<&Cell> = traces
        .iter()
        .flat_map(|trace| outcomes(cells, &trace.name))
        .filter(|outcome| {
            outcome.scenario.grace == Scenario::GRACE && outcome.possible() && outcome.in_time()
        })
        .map(|outcome| outcome.ours)
        .collect();
    for share in shares {
        let setting =
            if share == usual { Setting::Ours(Source::Management) } else { Setting::Spending(share) };
        let same = |ours: &&Cell| {
            cells.iter().find(|cell| {
                (&cell.trace, cell.scenario, cell.setting) == (&ours.trace, ours.scenario, setting)
            })
        };
        let with: Vec<&Cell> = kept.iter().filter_map(same).collect();
        let count = with.len().max(1) as f64;
        let over = with.iter().map(|cell| cell.figures.over_percent).fold(0.0, f64::max);
        let p99 = with.iter().map(|cell| cell.figures.p99.as_secs_f64()).sum::<f64>() / count;
        let ratios = with
            .iter()
            .zip(&kept)
            .map(|(cell, ours)| (cell.figures.replica_seconds / ours.figures.replica_seconds.max(1.0)).ln());
        let cost = (ratios.sum::<f64>() / count).exp();
        text += &format!("| {share} % | {} | {p99:.1} s | {cost:.2} × |\n", percent(over));
    }
    text
}
