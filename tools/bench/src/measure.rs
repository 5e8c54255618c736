//! One scenario at one number of connections: ours and the bare handler by turns.

use anyhow::{Context, bail, ensure};

use crate::{
    bare::Bare,
    chain::{Chain, HopArgs},
    load::{Generator, NUMBER, Outcome, Request},
    proc,
    scenario::Scenario,
    stack::{Part, Stack},
};

/// How long and how often.
#[derive(Clone, Debug)]
pub(crate) struct RunSettings {
    /// Length of one measurement in seconds.
    pub(crate) seconds: u64,
    /// Length of the warm-up before each, in seconds.
    pub(crate) warm_up: u64,
    /// Measurements of each; the median counts.
    pub(crate) rounds: usize,
    pub(crate) connections: Vec<u32>,
}

/// Medians over the rounds, each figure for itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Figures {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    /// CPU seconds of all parts per 1,000 requests; the load generator is none of them.
    pub(crate) cpu: f64,
    /// Requests of all rounds that were not answered as they should have been.
    pub(crate) errors: u64,
}

/// A line of the table.
pub(crate) struct Row {
    pub(crate) connections: u32,
    pub(crate) ours: Figures,
    pub(crate) bare: Figures,
    /// Of the bare handler's requests per second, see [`share`].
    pub(crate) share: f64,
    /// Of the bare chain, if the scenario has one, and the share of its requests per second.
    pub(crate) chain: Option<(Figures, f64)>,
}

/// Measures a scenario at each number of connections; `told` gets each row as it is done.
pub(crate) async fn measure(
    stack: &Stack,
    scenario: &Scenario,
    settings: &RunSettings,
    mut told: impl FnMut(&Row),
) -> anyhow::Result<Vec<Row>> {
    let base = stack.url(scenario.target)?;
    let reply = try_out(base, scenario).await?;
    let bare = Bare::start(scenario.status, &reply, &HopArgs::default()).await?;
    let chain = Chain::start(stack, scenario.name, scenario.status, &reply).await?;
    let stores = [Part::Postgres, Part::Redis, Part::RabbitMq];
    let stores: Vec<Part> = scenario.parts.iter().copied().filter(|part| stores.contains(part)).collect();
    let (our_parts, baseline) = (stack.roots(scenario.parts), [bare.pid()?]);
    let mut generator = Generator::new()?;
    let mut rows = Vec::new();
    for &connections in &settings.connections {
        let (mut our_samples, mut bare_samples, mut chain_samples) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..settings.rounds {
            let mut run =
                Run { generator: &mut generator, requests: &scenario.requests, connections, settings };
            our_samples.push(run.sample(base, &our_parts).await?);
            bare_samples.push(run.sample(bare.base(), &baseline).await?);
            if let Some(chain) = &chain {
                let processes = [chain.pids()?, stack.roots(&stores)].concat();
                chain_samples.push(run.sample(chain.base()?, &processes).await?);
            }
        }
        let (ours, bare) = (figures(&our_samples)?, figures(&bare_samples)?);
        let row = Row {
            connections,
            ours,
            bare,
            share: share(&our_samples, bare_samples.iter().map(Sample::per_second))?,
            chain: match &chain {
                None => None,
                Some(_) => {
                    let share = share(&our_samples, chain_samples.iter().map(Sample::per_second))?;
                    Some((figures(&chain_samples)?, share))
                }
            },
        };
        told(&row);
        rows.push(row);
    }
    Ok(rows)
}

/// Measures a scenario on several stacks by turns, at one number of connections; in the order of the stacks, the figures
/// and the share of what the first `alike` of them did per second on average.
pub(crate) async fn by_turns(
    stacks: &[&Stack],
    alike: usize,
    scenario: &Scenario,
    connections: u32,
    settings: &RunSettings,
) -> anyhow::Result<Vec<(Figures, f64)>> {
    let mut generator = Generator::new()?;
    let mut turns: Vec<(usize, &Stack, Vec<Sample>)> =
        stacks.iter().enumerate().map(|(place, stack)| (place, *stack, Vec::new())).collect();
    for round in 0..settings.rounds {
        for (_, stack, samples) in &mut turns {
            let base = stack.url(scenario.target)?;
            let mut run =
                Run { generator: &mut generator, requests: &scenario.requests, connections, settings };
            samples.push(run.sample(base, &stack.roots(scenario.parts)).await?);
        }
        // There and back, from another one each time: nobody is always first, or always behind the same one.
        turns.reverse();
        if round % 2 == 1 {
            turns.rotate_left(1);
        }
    }
    turns.sort_unstable_by_key(|(place, ..)| *place);
    let samples: Vec<Vec<Sample>> = turns.into_iter().map(|(.., samples)| samples).collect();
    let baselines = samples.get(..alike).context("there are not as many stacks")?;
    let of_round = |round: usize| {
        let rates = baselines.iter().filter_map(|samples| samples.get(round)).map(Sample::per_second);
        rates.sum::<f64>() / alike as f64
    };
    let baseline: Vec<f64> = (0..settings.rounds).map(of_round).collect();
    samples.iter().map(|samples| Ok((figures(samples)?, share(samples, baseline.iter().copied())?))).collect()
}

/// A request on two builds.
pub(crate) struct Beside {
    pub(crate) title: &'static str,
    pub(crate) connections: u32,
    pub(crate) before: Figures,
    pub(crate) now: Figures,
    /// Of what the build before does per second, see [`share`].
    pub(crate) share: f64,
}

/// Measures a scenario on another build and on this one by turns, at each number of connections.
pub(crate) async fn beside(
    other: &Stack,
    this: &Stack,
    scenario: &Scenario,
    settings: &RunSettings,
) -> anyhow::Result<Vec<Beside>> {
    let mut rows = Vec::new();
    for &connections in &settings.connections {
        let measured = by_turns(&[other, this], 1, scenario, connections, settings).await?;
        let [(before, _), (now, share)] = measured[..] else { bail!("two builds were measured") };
        rows.push(Beside { title: scenario.title, connections, before, now, share });
    }
    Ok(rows)
}

struct Run<'a> {
    generator: &'a mut Generator,
    requests: &'a [Request],
    connections: u32,
    settings: &'a RunSettings,
}

struct Sample {
    outcome: Outcome,
    cpu_seconds: f64,
}

impl Sample {
    fn per_second(&self) -> f64 {
        self.outcome.per_second()
    }
}

impl Run<'_> {
    async fn sample(&mut self, base: &str, processes: &[u32]) -> anyhow::Result<Sample> {
        self.generator.run(base, self.requests, self.connections, self.settings.warm_up).await?;
        let before = proc::cpu_seconds(processes)?;
        let outcome =
            self.generator.run(base, self.requests, self.connections, self.settings.seconds).await?;
        Ok(Sample { outcome, cpu_seconds: proc::cpu_seconds(processes)? - before })
    }
}

/// The body of the reply to the scenario's first request.
async fn try_out(base: &str, scenario: &Scenario) -> anyhow::Result<Vec<u8>> {
    let request = scenario.requests.first().context("a scenario without requests")?;
    let url = format!("{base}{}", request.path);
    let http = crate::http_client()?;
    let body = request.body.replace(NUMBER, &"0".repeat(NUMBER.len()));
    let response = http.request(request.method.parse()?, &url).body(body);
    let response =
        request.headers.iter().fold(response, |response, (name, value)| response.header(*name, value));
    let response = response.header("content-type", "application/json").send().await?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    let text = String::from_utf8_lossy(&body);
    ensure!(status == scenario.status, "{} {url} gave {status}: {text}", request.method);
    Ok(body.to_vec())
}

fn figures(samples: &[Sample]) -> anyhow::Result<Figures> {
    let of = |figure: &dyn Fn(&Sample) -> f64| median(samples.iter().map(figure).collect());
    Ok(Figures {
        per_second: of(&Sample::per_second)?,
        p50_ms: of(&|sample| sample.outcome.p50_ms())?,
        p99_ms: of(&|sample| sample.outcome.p99_ms())?,
        cpu: of(&|sample| sample.cpu_seconds * 1_000.0 / sample.outcome.requests as f64)?,
        errors: samples.iter().map(|sample| sample.outcome.errors()).sum(),
    })
}

/// What one did per second as a share of what another did in the same round, in the middle of the rounds: what made the
/// machine slow or quick in a round did so to both.
fn share(one: &[Sample], other: impl Iterator<Item = f64>) -> anyhow::Result<f64> {
    median(one.iter().zip(other).map(|(one, other)| one.per_second() / other).collect())
}

/// The middle of the values, the lower one of two.
pub(crate) fn median(mut values: Vec<f64>) -> anyhow::Result<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().context("nothing was measured")
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]).unwrap(), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]).unwrap(), 2.0);
        assert!(median(Vec::new()).is_err());
    }
}
