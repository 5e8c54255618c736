//! Traces in files: CSV with the columns `second,publishes` and, if wanted, `service_ms`.

use std::path::Path;
use std::time::Duration;

use crate::trace::{Second, Trace};

/// Why a file is no trace.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// It could not be read.
    #[error("cannot read {path}")]
    Read {
        /// As it was given.
        path: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A line is not `second,publishes[,service_ms]`.
    #[error("line {line}: {problem}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// It has no lines but the first.
    #[error("the trace has no seconds")]
    Empty,
}

/// A trace beyond this is a mistake in the file: a second that is a date, say.
const LONGEST: u64 = 7 * 24 * 3600;
/// So is a second with more messages.
const MOST: u64 = 1_000_000;

/// Reads a trace from a file; see [`parse_trace`].
pub fn read_trace(path: &Path, service: Duration) -> Result<Trace, TraceError> {
    let named = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|source| TraceError::Read { path: named, source })?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    parse_trace(&name, &text, service)
}

/// Reads a trace from a text of lines `second,publishes[,service_ms]`. A first line of words is skipped; seconds that
/// are not named have no publishes; `service` is the service time where the line has none.
pub fn parse_trace(name: &str, text: &str, service: Duration) -> Result<Trace, TraceError> {
    let mut seconds: Vec<Second> = Vec::new();
    let quiet = Second { publishes: 0.0, service, poison: 0.0 };
    for (line, content) in (1..).zip(text.lines()) {
        let content = content.trim();
        if content.is_empty() || (line == 1 && content.starts_with(|first: char| first.is_ascii_alphabetic()))
        {
            continue;
        }
        let (second, values) =
            values(content, service).map_err(|problem| TraceError::Line { line, problem })?;
        let second = second as usize;
        if second < seconds.len() {
            let problem = format!("second {second} comes after second {}", seconds.len() - 1);
            return Err(TraceError::Line { line, problem });
        }
        seconds.resize(second, quiet);
        seconds.push(values);
    }
    if seconds.is_empty() {
        return Err(TraceError::Empty);
    }
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
    Ok((whole("second", second, LONGEST)?, Second { publishes, service, poison: 0.0 }))
}

fn whole(field: &str, text: &str, most: u64) -> Result<u64, String> {
    let number: Option<u64> = text.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| format!("{field}: {text:?} is no whole number from 0 to {most}"))
}
