//! The README's tour, as it stands there: its commands are typed into a shell beside a running platform, and print what
//! the README says.

mod alike;
mod shell;
mod tour;

use std::time::Duration;

use anyhow::{Context, ensure};
use behaviour::{Stage, eventually, in_both_forms};
use jiff::{Timestamp, ToSpan, civil::date, tz::TimeZone};
use serde_json::Value;
use testkit::Platform;

use alike::Names;
use shell::Shell;
use tour::{Step, steps};

/// Longest wait for a job that the tour has ordered.
const SOON: Duration = Duration::from_secs(20);
/// The last day about which the tour asks.
const LAST_DATE: jiff::civil::Date = date(2028, 3, 13);

in_both_forms![the_tour_prints_what_the_readme_says];

async fn the_tour_prints_what_the_readme_says(stage: &Stage) -> anyhow::Result<()> {
    let until = LAST_DATE.to_zoned(TimeZone::UTC)?.checked_add(1.month())?.timestamp();
    ensure!(Timestamp::now() < until, "calendars are kept for a month: the tour needs later dates");
    let steps = steps(include_str!("../../../../README.md"), &["A first meeting", "A group's meeting"]);
    ensure!(steps.iter().filter(|step| step.prints.is_some()).count() >= 6, "the tour was not found");
    let mut shell = Shell::start(stage.api.base())?;
    let mut names = Names::default();
    if let Some(Platform::Distributed(platform)) = &stage.platform {
        names.stand_for("meeting_jobs", platform.queue_name());
    }
    for step in steps {
        take(&mut shell, &mut names, &step).await.with_context(|| step.commands.clone())?;
    }
    Ok(())
}

/// Runs the commands of a step. What only reads is repeated until it comes to what it reads: a job takes a moment.
async fn take(shell: &mut Shell, names: &mut Names, step: &Step) -> anyhow::Result<()> {
    if step.only_reads() {
        return eventually("what the README prints", SOON, async || {
            compare(names, step, &shell.run(&step.commands).await?)
        })
        .await;
    }
    let printed = shell.run(&step.commands).await?;
    compare(names, step, &printed)
}

fn compare(names: &mut Names, step: &Step, printed: &str) -> anyhow::Result<()> {
    let printed_values = values(printed).with_context(|| printed.to_owned())?;
    for value in &printed_values {
        ensure!(value.get("detail").is_none(), "the platform refuses: {value}");
    }
    let Some(expected) = &step.prints else { return Ok(()) };
    let expected = values(expected).context("the README's JSON")?;
    ensure!(expected.len() == printed_values.len(), "{} replies: {printed}", printed_values.len());
    for (expected, printed) in expected.iter().zip(&printed_values) {
        let attempt = names.clone();
        names
            .alike(expected, printed)
            .inspect_err(|_| *names = attempt)
            .with_context(|| printed.to_string())?;
    }
    Ok(())
}

/// JSON values that stand one after the other.
fn values(text: &str) -> Result<Vec<Value>, serde_json::Error> {
    serde_json::Deserializer::from_str(text).into_iter().collect()
}
