//! The tables, as Markdown, and their place in a document.

mod callers;
mod chain;
mod mails_and_calendars;
mod sizes;

use std::fmt::Write;

use anyhow::Context;

use crate::{
    calendars::CalendarResult,
    callers::CallersResult,
    changes::ChangeResult,
    drain::Drain,
    listeners::ListenersResult,
    mails::{MailsResult, Rendering, SuggestionsBesideMails},
    measure::{Beside, Figures, Row},
    overload::Load,
    scenario::{Goal, Original, Scenario},
    sizes::SizesResult,
    starts::Start,
    telemetry::{SAMPLINGS, Telemetry},
};

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// The connections at which the original system was measured.
const COMPARED_AT: u32 = 16;
const DRAIN_ORIGINAL: Original = Original { per_second: Some(9.0), cpu: Some(107.0) };
/// Jobs per second to be reached.
const DRAIN_GOAL: f64 = 1_000.0;
/// Milliseconds from start to ready, to stay below.
const READY_GOAL: f64 = 300.0;
/// Resident MiB, to stay below.
const MEMORY_GOAL: f64 = 25.0;
/// Milliseconds until the last of those who listen has heard of an answer, and KiB for each of them, to stay below.
const LISTENING_GOAL: f64 = 1_000.0;
const LISTENER_GOAL: f64 = 20.0;
/// Share of what the build before does per second, to be reached.
const BESIDE_GOAL: f64 = 0.9;

/// Share of the requests per second without traces, to be reached with them.
const TELEMETRY_GOAL: f64 = 0.95;

/// Everything that was measured; what was not asked for is missing.
#[derive(Default)]
pub(crate) struct Report {
    pub(crate) facts: Vec<String>,
    pub(crate) scenarios: Vec<(Scenario, Vec<Row>)>,
    pub(crate) drain: Option<Drain>,
    pub(crate) changes: Vec<ChangeResult>,
    pub(crate) listeners: Option<ListenersResult>,
    pub(crate) starts: Vec<Start>,
    pub(crate) telemetry: Vec<Telemetry>,
    pub(crate) overload: Vec<Load>,
    pub(crate) beside: Vec<Beside>,
    pub(crate) mails: Option<MailsResult>,
    pub(crate) suggestions_beside_mails: Option<SuggestionsBesideMails>,
    pub(crate) rendering: Vec<Rendering>,
    pub(crate) calendar: Option<CalendarResult>,
    pub(crate) callers: Vec<CallersResult>,
    pub(crate) sizes: SizesResult,
}

impl Report {
    /// The tables with a heading each.
    pub(crate) fn markdown(&self) -> String {
        let sections = [
            self.comparison(),
            self.all_rows(),
            self.chain_table(),
            self.changes(),
            self.listeners_table(),
            self.mails_table(),
            self.suggestions_beside_mails_table(),
            self.rendering_table(),
            self.calendar_table(),
            self.callers_table(),
            self.sizes_table(),
            self.stored_table(),
            self.beside(),
            self.overload(),
            self.starts(),
            self.telemetry(),
            self.facts(),
        ];
        sections.into_iter().flatten().collect::<Vec<_>>().join("\n")
    }

    fn comparison(&self) -> Option<String> {
        let mut lines = Vec::new();
        for (scenario, rows) in &self.scenarios {
            if let Some(row) = rows.iter().find(|row| row.connections == COMPARED_AT) {
                let goals = goals(&scenario.goal, &scenario.original, &row.ours, row.share);
                lines.push(compared(
                    scenario.title,
                    row.ours.per_second,
                    row.ours.cpu,
                    &scenario.original,
                    &goals,
                ));
            }
        }
        if let Some(drain) = &self.drain {
            let title = format!("drain of {} queued jobs, one consumer", grouped(drain.jobs as f64));
            let goal = goal(format!("≥ {} jobs/s", grouped(DRAIN_GOAL)), drain.per_second >= DRAIN_GOAL);
            lines.push(compared(&title, drain.per_second, drain.cpu, &DRAIN_ORIGINAL, &goal));
        }
        let head = format!(
            "At {COMPARED_AT} connections | per second | original | times | CPU s per 1,000 | original | times less | goal"
        );
        table("Beside the original system", &head, &lines)
    }

    fn all_rows(&self) -> Option<String> {
        let lines: Vec<String> = self
            .scenarios
            .iter()
            .flat_map(|(scenario, rows)| rows.iter().map(|row| line(scenario.title, row)))
            .collect();
        let head = "request | connections | per second | bare | share | p50 ms | p99 ms | bare p50 | bare p99 \
                    | CPU s per 1,000 | bare | errors";
        table("Beside a bare handler", head, &lines)
    }

    fn changes(&self) -> Option<String> {
        let line = |row: &ChangeResult| {
            let p99 = format!("{:.1}", row.p99_ms);
            // The goal is about the connections at which everything is compared.
            let p99 = match row.goal.filter(|_| row.connections == COMPARED_AT) {
                Some(most) => goal(format!("{p99} (goal: ≤ {most})"), row.p99_ms <= most),
                None => p99,
            };
            format!(
                "| {} | {} | {} | {:.1} | {p99} |",
                row.title,
                row.connections,
                grouped(row.per_second),
                row.p50_ms,
            )
        };
        let head =
            "question | connections | changes and questions per second | p50 of the question, ms | p99, ms";
        table("After a change", head, &self.changes.iter().map(line).collect::<Vec<_>>())
    }

    fn listeners_table(&self) -> Option<String> {
        let line = |row: &ListenersResult| {
            let last = goal(format!("{:.0}", row.last_ms), row.last_ms <= LISTENING_GOAL);
            let memory = goal(format!("{:.1}", row.kib_each), row.kib_each <= LISTENER_GOAL);
            format!("| {} | {:.0} | {last} | {memory} |", grouped(row.listeners as f64), row.first_ms)
        };
        let head = format!(
            "listeners on one replica | ms from an answer to the first | to the last (goal: ≤ {LISTENING_GOAL}) \
             | KiB each (goal: ≤ {LISTENER_GOAL})"
        );
        table("Listening to a poll", &head, &self.listeners.iter().map(line).collect::<Vec<_>>())
    }

    fn beside(&self) -> Option<String> {
        let line = |row: &Beside| {
            format!(
                "| {} | {} | {} | {} | {} | {:.3} | {:.3} |",
                row.title,
                row.connections,
                grouped(row.before.per_second),
                grouped(row.now.per_second),
                goal(format!("{:.2}", row.share), row.share >= BESIDE_GOAL),
                row.before.cpu,
                row.now.cpu,
            )
        };
        let head = format!(
            "request | connections | per second before | now | share (goal: ≥ {BESIDE_GOAL}) \
             | CPU s per 1,000 before | now"
        );
        table("Beside another build", &head, &self.beside.iter().map(line).collect::<Vec<_>>())
    }

    fn overload(&self) -> Option<String> {
        let line = |load: &Load| {
            format!(
                "| {} | {} | {} | {} | {:.1} | {:.0} % | {:.0} % | {} |",
                load.title,
                load.build,
                grouped(load.offered),
                grouped(load.answered),
                load.p99_ms,
                load.refused * 100.0,
                load.failed * 100.0,
                goal(grouped(load.blamed as f64), load.blamed == 0),
            )
        };
        let head = "load | build | asked per second | answered per second | p99 of these, ms | refused with 503 \
                    | other errors | replies that call a healthy store or service unavailable";
        // Builds beside each other for each load.
        let mut lines: Vec<&Load> = self.overload.iter().collect();
        lines.sort_by_key(|load| self.overload.iter().position(|other| other.place == load.place));
        table("More than it can do", head, &lines.into_iter().map(line).collect::<Vec<_>>())
    }

    fn starts(&self) -> Option<String> {
        let line = |start: &Start| {
            let ready = goal(format!("{:.0}", start.ready_ms), start.ready_ms < READY_GOAL);
            let memory = goal(format!("{:.1}", start.idle_mib), start.idle_mib < MEMORY_GOAL);
            format!("| {} | {ready} | {memory} |", start.name)
        };
        let head = format!(
            "program | start to ready, ms (goal: < {READY_GOAL}) | resident while idle, MiB (goal: < {MEMORY_GOAL})"
        );
        table("Start and memory", &head, &self.starts.iter().map(line).collect::<Vec<_>>())
    }

    fn telemetry(&self) -> Option<String> {
        let line = |row: &Telemetry| {
            let mut cells = vec![row.title.to_owned()];
            for (figures, share) in &row.off {
                cells.extend([
                    grouped(figures.per_second),
                    format!("{share:.2}"),
                    format!("{:.4}", figures.cpu),
                ]);
            }
            for ((figures, share), (_, _, limit)) in row.on.iter().zip(SAMPLINGS) {
                let text = format!("{share:.2}");
                // The goal is about what runs by default.
                let share = if limit.is_none() { goal(text, *share >= TELEMETRY_GOAL) } else { text };
                cells.extend([share, format!("{:.4}", figures.cpu)]);
            }
            format!("| {} |", cells.join(" | "))
        };
        let mut head = vec![format!("At {COMPARED_AT} connections")];
        for which in ["no traces", "once more"] {
            head.extend([format!("per second, {which}"), "share".to_owned(), "CPU s per 1,000".to_owned()]);
        }
        for (sampling, _, limit) in SAMPLINGS {
            let goal = if limit.is_none() { format!(" (goal: ≥ {TELEMETRY_GOAL})") } else { String::new() };
            head.extend([format!("share with {sampling}{goal}"), "CPU s per 1,000".to_owned()]);
        }
        table("What traces cost", &head.join(" | "), &self.telemetry.iter().map(line).collect::<Vec<_>>())
    }

    fn facts(&self) -> Option<String> {
        let list: String = self.facts.iter().map(|fact| format!("- {fact}\n")).collect();
        (!list.is_empty()).then(|| format!("### Measured on\n\n{list}"))
    }
}

/// The line of the long table.
pub(crate) fn line(title: &str, Row { connections, ours, bare, share, .. }: &Row) -> String {
    let errors = ours.errors + bare.errors;
    format!(
        "| {title} | {connections} | {} | {} | {share:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.3} | {:.3} | {} |",
        grouped(ours.per_second),
        grouped(bare.per_second),
        ours.p50_ms,
        ours.p99_ms,
        bare.p50_ms,
        bare.p99_ms,
        ours.cpu,
        bare.cpu,
        if errors == 0 { "0".to_owned() } else { format!("**{errors}**") },
    )
}

fn compared(title: &str, per_second: f64, cpu: f64, original: &Original, goals: &str) -> String {
    let known = |value: Option<f64>, text: &dyn Fn(f64) -> String| value.map_or_else(|| "–".to_owned(), text);
    format!(
        "| {title} | {} | {} | {} | {cpu:.3} | {} | {} | {goals} |",
        grouped(per_second),
        known(original.per_second, &grouped),
        known(original.per_second, &|value| format!("{:.0}", per_second / value)),
        known(original.cpu, &|value| value.to_string()),
        known(original.cpu, &|value| format!("{:.0}", value / cpu)),
    )
}

fn goals(wanted: &Goal, original: &Original, ours: &Figures, share: f64) -> String {
    let mut goals = Vec::new();
    if let (Some(times), Some(before)) = (wanted.times, original.per_second) {
        goals.push(goal(format!("≥ {times} times"), ours.per_second >= times * before));
    }
    if let Some(cpu) = wanted.cpu {
        goals.push(goal(format!("≤ {cpu} CPU s"), ours.cpu <= cpu));
    }
    if let Some(least) = wanted.of_bare {
        goals.push(goal(format!("≥ {least} of bare ({share:.2})"), share >= least));
    }
    if let Some(least) = wanted.per_second {
        goals.push(goal(format!("≥ {} a second", grouped(least)), ours.per_second >= least));
    }
    if let Some(most) = wanted.p99 {
        goals.push(goal(format!("p99 ≤ {most} ms"), ours.p99_ms <= most));
    }
    goals.join(", ")
}

fn goal(text: String, reached: bool) -> String {
    if reached { format!("{text} ✓") } else { format!("**{text} ✗**") }
}

/// A table with this head, whose columns are separated by ` | `; none without lines.
fn table(title: &str, head: &str, lines: &[String]) -> Option<String> {
    let rule = "|---".repeat(head.split(" | ").count());
    (!lines.is_empty()).then(|| format!("### {title}\n\n| {head} |\n{rule}|\n{}\n", lines.join("\n")))
}

/// A whole number with commas between thousands.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The document with `tables` between its markers instead of what was there.
pub(crate) fn insert(document: &str, tables: &str) -> anyhow::Result<String> {
    let (before, rest) =
        document.split_once(BEGIN).with_context(|| format!("the document has no {BEGIN}"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("the document has no {END}"))?;
    let mut text = String::new();
    write!(text, "{before}{BEGIN}\n\n{}\n\n{END}{after}", tables.trim())?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_grouped() {
        let values = [0.4, 999.0, 1_000.0, 1_234_567.0];
        assert_eq!(values.map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn tables_replace_what_is_between_the_markers_and_nothing_else() {
        let document = format!("# Title\n{BEGIN}\nold\n{END}\nend\n");
        let once = insert(&document, "new\n").unwrap();
        assert_eq!(once, format!("# Title\n{BEGIN}\n\nnew\n\n{END}\nend\n"));
        assert_eq!(insert(&once, "new").unwrap(), once);
        assert!(insert("nothing", "new").is_err());
    }

    #[test]
    fn errors_and_missed_goals_stand_out() {
        let figures = Figures { per_second: 1_500.0, p50_ms: 1.0, p99_ms: 2.0, cpu: 0.5, errors: 0 };
        let ours = Figures { errors: 3, ..figures };
        let row = Row { connections: 16, ours, bare: figures, share: 1.0, chain: None };
        assert!(line("read", &row).ends_with("| **3** |"));
        let original = Original { per_second: Some(100.0), cpu: Some(1.0) };
        let wanted = Goal { times: Some(10.0), cpu: Some(0.1), ..Goal::default() };
        assert_eq!(goals(&wanted, &original, &figures, 1.0), "≥ 10 times ✓, **≤ 0.1 CPU s ✗**");
    }
}
