//! What it costs to be seen: the same requests to services that trace nothing, a tenth, and everything.

use anyhow::Context;

use crate::{
    bare::Bare,
    measure::{self, Effort, Figures},
    scenario,
    stack::{Stack, Traces},
};

/// Shares of the traces that are exported, each on services of its own.
pub(crate) const RATIOS: [f64; 2] = [0.1, 1.0];
/// What is asked: the fastest request, and the one with most spans.
const ASKED: [&str; 2] = ["cached-read", "suggestion"];
const CONNECTIONS: u32 = 16;

/// One kind of request.
pub(crate) struct Telemetry {
    pub(crate) title: &'static str,
    pub(crate) off: Figures,
    /// With traces, by their share as in [`RATIOS`].
    pub(crate) on: Vec<Figures>,
}

/// Measures by turns, with a collector that takes everything and does nothing with it.
///
/// # Errors
/// When a stack does not start, or a request is not answered as it should be.
pub(crate) async fn measure(effort: &Effort) -> anyhow::Result<Vec<Telemetry>> {
    let collector = Bare::start(200, b"{}").await?;
    let traces = RATIOS.map(|ratio| Traces { endpoint: collector.base().to_owned(), ratio });
    let mut stacks = vec![Stack::start(false).await?];
    for traces in traces {
        stacks.push(Stack::start_traced(false, Some(traces)).await?);
    }
    let mut measured = Vec::new();
    // Everybody is stored in every stack.
    let emails = stacks.first().context("there is a stack")?.emails();
    for scenario in scenario::all(emails).into_iter().filter(|scenario| ASKED.contains(&scenario.name)) {
        let mut figures = measure::by_turns(&stacks, &scenario, CONNECTIONS, effort).await?;
        let on = figures.split_off(1);
        let off = figures.pop().context("nothing was measured")?;
        measured.push(Telemetry { title: scenario.title, off, on });
    }
    Ok(measured)
}
