//! Cells as lines of CSV, so that the page can be written again from what it was written from.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use anyhow::anyhow;

use super::Scenario;
use crate::figures::Figures;
use crate::setup::{Count, Source};

/// One setting in one scenario of one trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    pub trace: String,
    /// What surrounds the queue.
    pub scenario: Scenario,
    pub setting: Setting,
    /// All seeds together.
    pub figures: Figures,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// The operator, with its defaults.
    Ours(Source),
    /// KEDA and the HPA, with so many messages per pod.
    Keda(u32, Count),
    /// The operator, with so much of the limit to spend, in per cent, and the management API.
    Spending(u32),
    /// All workers from the first message on.
    Floor,
    /// A scaler that knows all messages beforehand: its replica-seconds alone.
    Least,
}

impl fmt::Display for Setting {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Setting::Ours(Source::Management) => write!(out, "ours management"),
            Setting::Ours(Source::Amqp) => write!(out, "ours amqp"),
            Setting::Keda(messages, Count::Ready) => write!(out, "keda ready {messages}"),
            Setting::Keda(messages, Count::All) => write!(out, "keda all {messages}"),
            Setting::Spending(percent) => write!(out, "ours spending {percent}"),
            Setting::Floor => write!(out, "floor"),
            Setting::Least => write!(out, "least"),
        }
    }
}

impl FromStr for Setting {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Setting> {
        let words: Vec<&str> = text.split(' ').collect();
        Ok(match words[..] {
            ["ours", "management"] => Setting::Ours(Source::Management),
            ["ours", "amqp"] => Setting::Ours(Source::Amqp),
            ["keda", "ready", messages] => Setting::Keda(number(messages)?, Count::Ready),
            ["keda", "all", messages] => Setting::Keda(number(messages)?, Count::All),
            ["ours", "spending", percent] => Setting::Spending(number(percent)?),
            ["floor"] => Setting::Floor,
            ["least"] => Setting::Least,
            _ => return Err(unreadable(text)),
        })
    }
}

const HEAD: &str = "trace,startup_s,prefetch,grace_s,setting,over_percent,p95_s,p99_s,replica_seconds,scale_events,killed,lost";

/// A line of names and one for each cell, rounded: seconds and scale events to a tenth, percentages to a thousandth,
/// replica-seconds to whole ones.
pub fn write_cells(cells: &[Cell]) -> String {
    let mut text = format!("{HEAD}\n");
    for Cell { trace, scenario: Scenario { startup, prefetch, grace }, setting, figures } in cells {
        let (p95, p99) = (figures.p95.as_secs_f64(), figures.p99.as_secs_f64());
        let Figures { over_percent, replica_seconds, scale_events, killed, lost, .. } = figures;
        text +=
            &format!("{trace},{startup},{prefetch},{grace},{setting},{over_percent:.3},{p95:.1},{p99:.1},");
        text += &format!("{replica_seconds:.0},{scale_events:.1},{killed},{lost}\n");
    }
    text
}

/// The opposite of [`write_cells`].
pub fn read_cells(text: &str) -> anyhow::Result<Vec<Cell>> {
    text.lines().skip(1).map(read_cell).collect()
}

fn read_cell(line: &str) -> anyhow::Result<Cell> {
    let fields: Vec<&str> = line.split(',').collect();
    let [trace, startup, prefetch, grace, setting, over, p95, p99, seconds, events, killed, lost] =
        fields[..]
    else {
        return Err(unreadable(line));
    };
    let seconds_of = |text| anyhow::Ok(Duration::from_secs_f64(number::<f64>(text)?.max(0.0)));
    Ok(Cell {
        trace: trace.to_owned(),
        scenario: Scenario { startup: number(startup)?, prefetch: number(prefetch)?, grace: number(grace)? },
        setting: setting.parse()?,
        figures: Figures {
            over_percent: number(over)?,
            p95: seconds_of(p95)?,
            p99: seconds_of(p99)?,
            replica_seconds: number(seconds)?,
            scale_events: number(events)?,
            killed: number(killed)?,
            lost: number(lost)?,
        },
    })
}

fn number<T: FromStr>(text: &str) -> anyhow::Result<T> {
    text.parse().map_err(|_| unreadable(text))
}

fn unreadable(text: &str) -> anyhow::Error {
    anyhow!("{text:?} is no part of a line of figures")
}
