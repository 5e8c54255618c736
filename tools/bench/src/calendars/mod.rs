//! Reading a large calendar by `POST /calendars/read`.

mod file;

use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::Value;
use testkit::ServiceProcess;

use crate::{bare::Bare, chain::HopArgs, measure::median, proc, python, stack::Stack};

pub(crate) use file::{EVENTS, RECURRING};

/// Readings in one round.
const READINGS: usize = 10;
const QUESTION: &str =
    "/calendars/read?from=2027-01-04T00:00:00Z&to=2027-03-29T00:00:00Z&time_zone=Europe/Berlin";
const SMALL: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
const PYTHON: &str = include_str!("read.py");
/// The Python that has libraries for calendars, which the tests install.
const PYTHON_WITH_CALENDARS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.venv/calendar/bin/python");

/// Medians over the rounds.
pub(crate) struct CalendarResult {
    pub(crate) mib: f64,
    pub(crate) busy: usize,
    /// Milliseconds of a request, in the middle and at worst, and CPU milliseconds of the service for it.
    pub(crate) p50_ms: f64,
    pub(crate) max_ms: f64,
    pub(crate) cpu_ms: f64,
    /// Milliseconds in which a bare handler takes the same body.
    pub(crate) bare_ms: f64,
    /// MiB by which the service's memory has grown at the most.
    pub(crate) growth_mib: f64,
    /// CPU milliseconds and MiB of icalendar and recurring-ical-events in Python, if they are there.
    pub(crate) python: Option<(f64, f64)>,
}

/// Has services that have read no calendar before read one, one request after the other.
pub(crate) async fn measure(stack: &Stack, rounds: usize) -> anyhow::Result<CalendarResult> {
    let text = file::calendar();
    let (mut p50, mut max, mut cpu, mut growth) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut bare_ms, mut busy) = (Vec::new(), 0);
    for _ in 0..rounds {
        let service = ServiceProcess::start(stack.user_service()).await?;
        let url = format!("{}{QUESTION}", service.url());
        let (reply, _) = ask(&url, SMALL).await?;
        ensure!(reply["events"] == 0, "an empty calendar is {reply}");
        let (memory, before) = (proc::resident_mib(service.pid())?, proc::cpu_seconds(&[service.pid()])?);
        let mut times = Vec::new();
        for _ in 0..READINGS {
            let (reply, ms) = ask(&url, &text).await?;
            ensure!(
                reply["events"] == EVENTS && reply["problems"] == serde_json::json!([]),
                "it is read as {reply}"
            );
            busy = reply["busy"].as_array().context("no busy times")?.len();
            times.push(ms);
        }
        cpu.push((proc::cpu_seconds(&[service.pid()])? - before) * 1e3 / READINGS as f64);
        growth.push(proc::peak_mib(service.pid())? - memory);
        max.push(times.iter().copied().fold(0.0, f64::max));
        p50.push(median(times)?);
        let bare = Bare::start(200, b"{}", &HopArgs::default()).await?;
        ask(bare.base(), &text).await?;
        bare_ms.push(ask(bare.base(), &text).await?.1);
    }
    let python = python::run(PYTHON_WITH_CALENDARS, PYTHON, text.as_bytes()).await?;
    let of_python = |name: &str| python.as_ref().and_then(|answer| answer[name].as_f64());
    Ok(CalendarResult {
        mib: text.len() as f64 / f64::from(1 << 20),
        busy,
        p50_ms: median(p50)?,
        max_ms: median(max)?,
        cpu_ms: median(cpu)?,
        bare_ms: median(bare_ms)?,
        growth_mib: median(growth)?,
        python: of_python("cpu_ms").zip(of_python("mib")),
    })
}

/// The reply to a calendar, and how many milliseconds it took.
async fn ask(url: &str, calendar: &str) -> anyhow::Result<(Value, f64)> {
    let request =
        crate::http_client()?.post(url).header("content-type", "text/calendar").body(calendar.to_owned());
    let started = Instant::now();
    let reply = request.send().await?.error_for_status()?.bytes().await?;
    let ms = started.elapsed().as_secs_f64() * 1e3;
    Ok((serde_json::from_slice(&reply)?, ms))
}
