//! Traces in files: CSV with the columns `second,publishes` and, if wanted, `service_ms`.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, anyhow, bail, ensure};

use crate::trace::{Second, Trace};

/// A trace beyond this is a mistake in the file: a second that is a date, say.
const LONGEST: u64 = 7 * 24 * 3600;
/// So is a second with more messages.
const MOST: u64 = 1_000_000;

/// Reads a trace from a file; see [`parse_trace`].
pub fn read_trace(path: &Path, service: Duration) -> anyhow::Result<Trace> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    parse_trace(&name, &text, service)
}

/// Reads a trace from a text of lines `second,publishes[,service_ms]`. A first line of words is skipped; seconds that
/// are not named have no publishes; `service` is the service time where the line has none.
pub fn parse_trace(name: &str, text: &str, service: Duration) -> anyhow::Result<Trace> {
    let mut seconds: Vec<Second> = Vec::new();
    let quiet = Second { publishes: 0.0, service, poison: 0.0, mails: 0.0 };
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || (line == 1 && content.starts_with(|first: char| first.is_ascii_alphabetic()))
        {
            continue;
        }
        let (second, values) =
            values(content, service).map_err(|problem| anyhow!("line {line}: {problem}"))?;
        let second = second as usize;
        if second < seconds.len() {
            bail!("line {line}: second {second} comes after second {}", seconds.len() - 1);
        }
        seconds.resize(second, quiet);
        seconds.push(values);
    }
    ensure!(!seconds.is_empty(), "the trace has no seconds");
    Ok(Trace {
        name: name.to_owned(),
        about: "Read from a file.".to_owned(),
        seconds,
        exact: true,
        spread: 0.0,
        hint: service,
        outages: Vec::new(),
    })
}

fn values(line: &str, service: Duration) -> Result<(u64, Second), String> {
    let fields: Vec<&str> = line.split(',').map(str::trim).collect();
    let (second, publishes, service_ms) = match fields[..] {
        [second, publishes] => (second, publishes, None),
        [second, publishes, service_ms] => (second, publishes, Some(service_ms)),
        _ => return Err(format!("expected second,publishes[,service_ms] and not {line:?}")),
    };
    let service = match service_ms {
        Some(text) => Duration::from_millis(whole("service_ms", text, u64::from(u32::MAX))?),
        None => service,
    };
    let publishes = whole("publishes", publishes, MOST)? as f64;
    Ok((whole("second", second, LONGEST)?, Second { publishes, service, poison: 0.0, mails: 0.0 }))
}

fn whole(field: &str, text: &str, most: u64) -> Result<u64, String> {
    let number: Option<u64> = text.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| format!("{field}: {text:?} is no whole number from 0 to {most}"))
}
