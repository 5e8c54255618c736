//! docs/scaling.md, from the figures.

use super::outcome::{NEAR, Outcome, SHARE, outcomes};
use super::spending::spending;
use super::{Cell, LIMIT, MAX_REPLICAS, MESSAGES_PER_POD, SEEDS, Scenario, Setting, Soak};
use crate::setup::{Count, Source};
use crate::trace::Trace;

const OPENING: &str = include_str!("opening.txt");
const WHERE_NOT: &str = include_str!("where-not.txt");
const METHOD: &str = include_str!("method.txt");

/// The page. `cells` are those of [`super::compare`] over these traces with [`SEEDS`] seeds.
pub fn page(traces: &[Trace], cells: &[Cell], soak: &Soak) -> String {
    let mut page = OPENING.to_owned();
    page += &claims(traces, cells);
    page += &format!("\n{WHERE_NOT}\n## The traces\n");
    for trace in traces {
        page += &section(trace, cells);
    }
    page += &long_grace(cells);
    page += &amqp(traces, cells);
    page += &spending(traces, cells);
    page += &soaked(soak);
    page += &format!("\n{METHOD}");
    let words = [
        ("{limit}", LIMIT.as_secs().to_string()),
        ("{max}", MAX_REPLICAS.to_string()),
        ("{seeds}", SEEDS.to_string()),
        ("{cheapest}", cheapest(traces, cells)),
        ("{sweep}", MESSAGES_PER_POD.map(|messages| messages.to_string()).join(", ")),
    ];
    words.iter().fold(page, |page, (word, value)| page.replace(word, value))
}

/// The lowest cost of a setting of KEDA with a share below [`SHARE`] against ours, of all scenarios where both are
/// below it.
fn cheapest(traces: &[Trace], cells: &[Cell]) -> String {
    let outcomes = traces
        .iter()
        .flat_map(|trace| usual(cells, &trace.name))
        .filter(|outcome| outcome.possible() && outcome.in_time());
    let times = outcomes.filter_map(|outcome| {
        Some(outcome.good_rival()?.figures.replica_seconds / outcome.ours.figures.replica_seconds.max(1.0))
    });
    format!("{:.2} ×", times.fold(f64::INFINITY, f64::min))
}

fn usual<'a>(cells: &'a [Cell], trace: &str) -> Vec<Outcome<'a>> {
    let outcomes = outcomes(cells, trace).into_iter();
    outcomes.filter(|outcome| outcome.scenario.grace == Scenario::GRACE).collect()
}

fn claims(traces: &[Trace], cells: &[Cell]) -> String {
    let mut table = format!(
        "\n| trace | < {SHARE:.0} % over {} s | no job killed | below every KEDA setting with the same share | below every KEDA setting with < {SHARE:.0} % | within {NEAR} × of the least |\n|---|---|---|---|---|---|\n",
        LIMIT.as_secs()
    );
    for trace in traces {
        let outcomes = usual(cells, &trace.name);
        let possible: Vec<&Outcome<'_>> = outcomes.iter().filter(|outcome| outcome.possible()).collect();
        let in_time = possible.iter().filter(|outcome| outcome.in_time()).count();
        let kill_none = outcomes.iter().filter(|outcome| outcome.kills_none()).count();
        let same = possible.iter().filter(|outcome| outcome.below(outcome.rival())).count();
        // A rival that does not exist is no merit of who is late, too.
        let good = possible.iter().filter(|outcome| outcome.in_time() && outcome.below(outcome.good_rival()));
        let good = good.count();
        let row = [
            format!("[{0}](#{0})", trace.name),
            held(in_time, possible.len()),
            held(kill_none, outcomes.len()),
            held(same, possible.len()),
            held(good, possible.len()),
            near(&possible),
        ];
        table += &format!("| {} |\n", row.join(" | "));
    }
    table
}

/// In how many scenarios the cost lies near the least, and the largest of all.
fn near(possible: &[&Outcome<'_>]) -> String {
    let near = possible.iter().filter(|outcome| outcome.over_least() <= NEAR).count();
    let most = possible.iter().map(|outcome| outcome.over_least()).fold(0.0, f64::max);
    format!("{}: up to {most:.2} ×", held(near, possible.len()))
}

fn held(held: usize, of: usize) -> String {
    match (held, of) {
        (_, 0) => "not possible".to_owned(),
        _ if held == of => format!("yes, {held} of {of}"),
        _ => format!("**{held} of {of}**"),
    }
}

fn section(trace: &Trace, cells: &[Cell]) -> String {
    let name = &trace.name;
    let mut text =
        format!("\n### {name}\n\n{}\n\n![{name}](scaling/{name}.svg)\n\n{TABLE_HEAD}", trace.about);
    for outcome in usual(cells, name) {
        text += &line(&outcome);
    }
    text
}

const TABLE_HEAD: &str = "\
| start-up | prefetch | over {limit} s | least possible | p95 | p99 | replica-seconds | over the least | scale events | killed | cheapest KEDA with the same share | cheapest KEDA with < 1 % | KEDA at N = {limit} |
|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---|---|---|
";

fn line(outcome: &Outcome<'_>) -> String {
    let Scenario { startup, prefetch, .. } = outcome.scenario;
    let ours = &outcome.ours.figures;
    let plain = outcome.keda.iter().find(|cell| cell.setting == Setting::Keda(30, Count::Ready));
    let row = [
        format!("{startup} s"),
        prefetch.to_string(),
        percent(ours.over_percent),
        percent(outcome.floor.figures.over_percent),
        format!("{:.1} s", ours.p95.as_secs_f64()),
        format!("{:.1} s", ours.p99.as_secs_f64()),
        format!("{:.0}", ours.replica_seconds),
        format!("{:.2} ×", outcome.over_least()),
        format!("{:.1}", ours.scale_events),
        ours.killed.to_string(),
        against(outcome.rival(), ours.replica_seconds),
        against(outcome.good_rival(), ours.replica_seconds),
        plain.map_or(String::new(), |cell| {
            let times = cell.figures.replica_seconds / ours.replica_seconds.max(1.0);
            format!("{} over, {times:.2} ×{}", percent(cell.figures.over_percent), killed(cell))
        }),
    ];
    format!("| {} |\n", row.join(" | "))
}

/// A setting of KEDA by its cost against ours.
fn against(rival: Option<&Cell>, ours: f64) -> String {
    let Some(rival) = rival else { return "none".to_owned() };
    let times = rival.figures.replica_seconds / ours.max(1.0);
    format!("{}: {times:.2} ×{}", rule(rival.setting), killed(rival))
}

pub(super) fn percent(value: f64) -> String {
    if value > 0.0 && value < 0.01 { "< 0.01 %".to_owned() } else { format!("{value:.2} %") }
}

fn killed(cell: &Cell) -> String {
    if cell.figures.killed == 0 { String::new() } else { format!(", {} killed", cell.figures.killed) }
}

fn rule(setting: Setting) -> String {
    match setting {
        Setting::Keda(messages, Count::Ready) => format!("N = {messages}, ready"),
        Setting::Keda(messages, Count::All) => format!("N = {messages}, all"),
        other => other.to_string(),
    }
}

fn long_grace(cells: &[Cell]) -> String {
    let outcomes = outcomes(cells, "long-jobs").into_iter();
    let long = outcomes.filter(|outcome| outcome.scenario.grace == Scenario::LONG_GRACE);
    let mut text = format!(
        "\n### Long jobs with a grace period of {} s\n\nThe same trace, with workers that may finish their job.\n\n{TABLE_HEAD}",
        Scenario::LONG_GRACE
    );
    text.extend(long.map(|outcome| line(&outcome)));
    text
}

fn amqp(traces: &[Trace], cells: &[Cell]) -> String {
    let mut text = "\n## Reading by AMQP alone\n\nA passive declaration tells the ready messages and nothing else; what \
                    comes and what runs has to be guessed. Start-up 8 s, prefetch 1.\n\n\
                    | trace | over {limit} s | p99 | replica-seconds | against the management API | killed |\n\
                    |---|---:|---:|---:|---:|---:|\n"
        .to_owned();
    let scenario = Scenario { startup: 8, prefetch: 1, grace: Scenario::GRACE };
    for trace in traces {
        let find = |source| {
            let setting = Setting::Ours(source);
            cells
                .iter()
                .find(|cell| cell.trace == trace.name && cell.scenario == scenario && cell.setting == setting)
        };
        if let (Some(amqp), Some(management)) = (find(Source::Amqp), find(Source::Management)) {
            let figures = &amqp.figures;
            let times = figures.replica_seconds / management.figures.replica_seconds.max(1.0);
            text += &format!(
                "| {} | {} | {:.1} s | {:.0} | {times:.2} × | {} |\n",
                trace.name,
                percent(figures.over_percent),
                figures.p99.as_secs_f64(),
                figures.replica_seconds,
                figures.killed
            );
        }
    }
    text
}

fn soaked(soak: &Soak) -> String {
    let Soak { queues, polls, bytes_early, bytes_late, slowest_ms } = soak;
    format!(
        "\n## Many queues\n\n{queues} queues with loads of their own, polled {polls} times each (a day, 5 s apart): the \
         decision code holds {bytes_early} bytes for a queue after half of the polls and {bytes_late} after the last. The \
         slowest poll of all queues took less than {slowest_ms} ms of CPU.\n"
    )
}
