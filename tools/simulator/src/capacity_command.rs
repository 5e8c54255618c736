use std::fmt::Write;
use std::time::Duration;

use scaling::Policy;
use simulator::capacity::{Cost, Need, PARTS, PEAK_CREATIONS, Part, Rates, needs, stored_bytes};
use simulator::{Figures, Load, Row, Scaling, Setup, Source, hpa_week, simulate, week_of_mails};

/// CPU milliseconds, measured with a million polls stored (docs/performance.md), of mails and heat maps with fewer. A first answer is
/// that of somebody who joins, which is assumed to cost as much again as an answer. A read is a read of the poll and a
/// question for its heat map; what the other parts have of the latter is counted at availability-service.
const COSTS: [Cost; 5] = [
    Cost { part: Part::Users, creation: 0.16, answer: 2.0 * 0.35, read: 0.18, mail: 0.42 },
    Cost { part: Part::Availability, creation: 0.0, answer: 0.0, read: 0.074, mail: 0.0 },
    Cost { part: Part::Worker, creation: 0.0, answer: 0.0, read: 0.0, mail: 0.61 },
    Cost { part: Part::RabbitMq, creation: 0.0, answer: 0.0, read: 0.0, mail: 0.30 },
    Cost { part: Part::Postgres, creation: 0.15, answer: 2.0 * 0.47, read: 0.28, mail: 0.99 },
];
/// Bytes of a row with its share of the indices, measured with a million polls.
const POLL: f64 = 529.0;
const PARTICIPANT: f64 = 417.0;
const ANSWER: f64 = 532.0;

/// Share of its cores that a replica or a server may use at the peak.
const BUSY: f64 = 0.5;
/// Mails that one worker sends at a time, as by default, and workers at most.
const CONNECTIONS: u32 = 20;
const MOST_WORKERS: u32 = 40;
/// Millicores that a pod requests and replicas at most: as the charts have them, and as such a load needs them.
const REQUESTS: [(u32, u32); 2] = [(50, 6), (500, 12)];

/// The tables of docs/capacity.md.
pub(crate) fn capacity_tables() -> anyhow::Result<String> {
    let mut text = String::new();
    writeln!(
        text,
        "| part | busy cores at the peak | replicas or shards | busy cores on average |\n|---|---:|---:|---:|"
    )?;
    let peak = of(PEAK_CREATIONS);
    for (peak, mean) in peak.iter().zip(of(PEAK_CREATIONS / 10.0)) {
        let count = match peak.part.is_replicated() {
            true => format!("{} of one core", peak.count),
            false => format!("{} of 8 cores", peak.count),
        };
        writeln!(text, "| {} | {:.2} | {count} | {:.2} |", peak.part.name(), peak.cores, mean.cores)?;
    }
    writeln!(text, "\n| polls are kept for | on the disk of PostgreSQL |\n|---|---:|")?;
    for days in [30.0, 90.0, 365.0] {
        let gigabytes = stored_bytes(POLL, PARTICIPANT, ANSWER, days) / 1e9;
        writeln!(text, "| {days} days | {gigabytes:.0} GB |")?;
    }
    text.push('\n');
    text.push_str(&workers()?);
    writeln!(
        text,
        "\n| HPA of | request, most replicas | most that it has | replica-hours | time in which pods use more than they request |\n|---|---|---:|---:|---:|"
    )?;
    for part in PARTS.into_iter().filter(|part| part.is_replicated() && *part != Part::Worker) {
        for (request, most) in REQUESTS {
            let week = hpa_week(part, &COSTS, request, 2, most);
            writeln!(
                text,
                "| {} | {request}m, {most} | {} | {:.0} | {:.2} % |",
                part.name(),
                week.most,
                week.replica_hours,
                week.over_percent
            )?;
        }
    }
    Ok(text)
}

fn of(creations: f64) -> Vec<Need> {
    let cores = |part: Part| if part.is_replicated() { 1.0 } else { 8.0 };
    needs(Rates::of_creations(creations), &COSTS, cores, BUSY)
}

/// The week's mails under the operator.
fn workers() -> anyhow::Result<String> {
    let trace = week_of_mails();
    let policy = Policy {
        concurrency: CONNECTIONS,
        prefetch: CONNECTIONS,
        max_replicas: MOST_WORKERS,
        service_time_hint: trace.hint,
        ..Policy::default()
    };
    let setup = Setup { prefetch: CONNECTIONS, concurrency: CONNECTIONS, ..Setup::default() };
    let limit = policy.max_wait;
    let scaling = Scaling::Ours { policy: Box::new(policy), source: Source::Management };
    let load = Load::draw(&trace, setup.seed);
    let run = simulate(&load, &scaling, &setup);
    let mut text = String::new();
    writeln!(text, "| day | fewest workers | on average | most |\n|---|---:|---:|---:|")?;
    for (day, name) in
        (0..).zip(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
    {
        let replicas: Vec<u32> = run.rows.iter().filter(|row| on(row, day)).map(|row| row.replicas).collect();
        let mean = replicas.iter().map(|count| f64::from(*count)).sum::<f64>() / replicas.len().max(1) as f64;
        let (least, most) = (replicas.iter().min(), replicas.iter().max());
        let (least, most) = (least.copied().unwrap_or_default(), most.copied().unwrap_or_default());
        writeln!(text, "| {name} | {least} | {mean:.1} | {most} |")?;
    }
    let hours = run.replica_seconds / 3_600.0;
    let figures = Figures::of(&[run], limit);
    writeln!(
        text,
        "\n{} mails; over {} s waited {:.3} %, p95 {:.1} s, p99 {:.1} s; {hours:.0} replica-hours, {:.0} changes, {} killed, {} lost.",
        load.jobs.len(),
        limit.as_secs(),
        figures.over_percent,
        figures.p95.as_secs_f64(),
        figures.p99.as_secs_f64(),
        figures.scale_events,
        figures.killed,
        figures.lost
    )?;
    Ok(text)
}

fn on(row: &Row, day: u64) -> bool {
    let start = Duration::from_secs(day * 86_400);
    (start..start + Duration::from_secs(86_400)).contains(&row.time)
}
