//! What it costs to be seen: the same requests to services that trace nothing, as much as by default, and more.

use anyhow::Context;

use crate::{
    bare::Bare,
    chain::HopArgs,
    measure::{self, Figures, RunSettings},
    scenario,
    stack::{Stack, Traces},
};

/// What is traced, in words, as a share, and by limit: by default first. Each is on services of its own.
pub(crate) const SAMPLINGS: [(&str, f64, Option<u32>); 3] = [
    ("traces as by default", 1.0, None),
    ("a tenth of all", 0.1, Some(u32::MAX)),
    ("all", 1.0, Some(u32::MAX)),
];
/// What is asked: the fastest request, and the one with most spans.
const ASKED: [&str; 2] = ["cached-read", "suggestion"];
const CONNECTIONS: u32 = 16;
/// The differences are small: rather many measurements than long ones.
const MOST_SECONDS: u64 = 2;
const TIMES_ROUNDS: usize = 4;
/// Stacks without traces. The same processes started twice differ by some hundredths; how far these do says what a
/// difference means.
const UNTRACED: usize = 2;

/// One kind of request.
pub(crate) struct Telemetry {
    pub(crate) title: &'static str,
    /// Without traces, and the share of the average of all without.
    pub(crate) off: Vec<(Figures, f64)>,
    /// With traces, as in [`SAMPLINGS`], and the share of the same average.
    pub(crate) on: Vec<(Figures, f64)>,
}

/// Measures by turns, with a collector that takes everything and does nothing with it.
pub(crate) async fn measure(settings: &RunSettings) -> anyhow::Result<Vec<Telemetry>> {
    let collector = Bare::start(200, b"{}", &HopArgs::default()).await?;
    let traces =
        SAMPLINGS.map(|(_, ratio, limit)| Traces { endpoint: collector.base().to_owned(), ratio, limit });
    let mut stacks = Vec::new();
    for _ in 0..UNTRACED {
        stacks.push(Stack::start(false).await?);
    }
    for traces in traces {
        stacks.push(Stack::start_of(false, Some(traces), None).await?);
    }
    let settings = RunSettings {
        seconds: settings.seconds.min(MOST_SECONDS),
        rounds: settings.rounds * TIMES_ROUNDS,
        ..settings.clone()
    };
    let mut measured = Vec::new();
    let all: Vec<&Stack> = stacks.iter().collect();
    // Everybody is stored in every stack.
    let emails = stacks.first().context("there is a stack")?.emails();
    for scenario in scenario::all(emails).into_iter().filter(|scenario| ASKED.contains(&scenario.name)) {
        let mut off = measure::by_turns(&all, UNTRACED, &scenario, CONNECTIONS, &settings).await?;
        let on = off.split_off(UNTRACED);
        measured.push(Telemetry { title: scenario.title, off, on });
    }
    Ok(measured)
}
