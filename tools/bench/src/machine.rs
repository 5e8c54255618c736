//! On what it was measured.

use std::{fs, process::Command, thread};

use anyhow::Context;

/// Debian's packages whose versions matter.
const PACKAGES: [&str; 4] = ["postgresql-[0-9]*", "redis-server", "rabbitmq-server", "wrk"];

/// A line each on the processor, the compiler and the servers.
pub(crate) fn facts() -> anyhow::Result<Vec<String>> {
    let cpu = fs::read_to_string("/proc/cpuinfo")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).context("no model name")?;
    let cores = thread::available_parallelism()?;
    let mut facts = vec![format!("{cores} cores of {}", model.trim_start_matches([' ', '\t', ':']))];
    facts.extend(output("rustc", &["--version"]));
    let packages = output("dpkg-query", &[&["-W", "-f", "${Package} ${Version}\n"], &PACKAGES[..]].concat());
    // What is known but not installed is listed without a version.
    let installed = packages.iter().flat_map(|text| text.lines()).filter(|line| !line.ends_with(' '));
    facts.extend(installed.map(str::to_owned));
    Ok(facts)
}

/// What a program says, if it is there.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|text| !text.is_empty())
}
