//! The load generator: wrk, with a script that sends prepared requests.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::Stdio,
};

use anyhow::{Context, bail};
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::Command;

const SCRIPT: &str = include_str!("requests.lua");
/// In a body, this becomes a number that no other request has.
pub(crate) const NUMBER: &str = "############";
/// Numbers that one run may use up.
const NUMBERS_PER_RUN: u64 = 100_000_000;

/// A request to be sent again and again.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    /// JSON, in which [`NUMBER`] may stand; empty for none.
    pub(crate) body: String,
    /// Headers besides `Content-Type`.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl Request {
    pub(crate) fn get(path: String) -> Request {
        Request { method: "GET", path, body: String::new(), headers: Vec::new() }
    }

    pub(crate) fn post(path: &str, body: String) -> Request {
        Request { method: "POST", path: path.to_owned(), body, headers: Vec::new() }
    }

    pub(crate) fn put(path: String, body: String) -> Request {
        Request { method: "PUT", path, body, headers: Vec::new() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: String) -> Request {
        self.headers.push((name, value));
        self
    }
}

/// What wrk counted in one run.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) requests: u64,
    micros: u64,
    /// Connections that failed and replies that did not come in time.
    unanswered: u64,
    /// Replies with a status from 400.
    refused: u64,
    p50_micros: u64,
    p99_micros: u64,
}

impl Outcome {
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / (self.micros as f64 / 1e6)
    }

    pub(crate) fn p50_ms(&self) -> f64 {
        self.p50_micros as f64 / 1e3
    }

    pub(crate) fn p99_ms(&self) -> f64 {
        self.p99_micros as f64 / 1e3
    }

    pub(crate) fn errors(&self) -> u64 {
        self.unanswered + self.refused
    }
}

/// Sends requests through wrk, in one thread so that it leaves most of the machine to what is measured.
pub(crate) struct Generator {
    directory: TempDir,
    runs: u64,
}

impl Generator {
    pub(crate) fn new() -> anyhow::Result<Generator> {
        let directory = tempfile::tempdir()?;
        std::fs::write(directory.path().join("requests.lua"), SCRIPT)?;
        Ok(Generator { directory, runs: 0 })
    }

    /// Sends `requests` to `base` over `connections` for `seconds`.
    pub(crate) async fn run(
        &mut self,
        base: &str,
        requests: &[Request],
        connections: u32,
        seconds: u64,
    ) -> anyhow::Result<Outcome> {
        self.runs += 1;
        let list = self.directory.path().join("requests.txt");
        write_list(&list, requests)?;
        let mut command = Command::new("wrk");
        command.args(["--threads", "1", "--timeout", "10s"]);
        command.args(["--connections", &connections.to_string(), "--duration", &format!("{seconds}s")]);
        command.arg("--script").arg(self.directory.path().join("requests.lua")).arg(base);
        command.arg("--").arg(&list).arg((self.runs * NUMBERS_PER_RUN).to_string());
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
        let output = output.context("cannot run wrk; get it by `apt-get install wrk` (as root)")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let Some(result) = text.lines().find_map(|line| line.strip_prefix("RESULT ")) else {
            bail!("wrk gave no result: {text}{}", String::from_utf8_lossy(&output.stderr));
        };
        serde_json::from_str(result).with_context(|| format!("wrk's result {result} cannot be read"))
    }
}

fn write_list(path: &Path, requests: &[Request]) -> anyhow::Result<()> {
    let mut list = BufWriter::new(File::create(path)?);
    for Request { method, path, body, headers } in requests {
        write!(list, "{method}\t{path}\t")?;
        for (name, value) in headers {
            write!(list, "{name}: {value}\x1f")?;
        }
        writeln!(list, "\t{body}")?;
    }
    Ok(list.flush()?)
}
