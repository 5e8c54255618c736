//! Recurrences in calendars by another reading than ours: `recurrences.py` lays out random rules in random zones with
//! recurring-ical-events. `scripts/install-calendar-tools.sh` installs what this needs.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use behaviour::{Form, run};
use tokio::{process::Command, time::timeout};

/// Longest time for all events; the usual is a tenth of it.
const LIMIT: Duration = Duration::from_secs(300);
/// Random events that are compared.
const EVENTS: &str = "800";

#[test]
fn every_rule_recurs_when_others_say_that_it_does() -> anyhow::Result<()> {
    run(Form::Standalone, async |stage| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = folder.join("../../.venv/calendar/bin/python");
        ensure!(python.exists(), "scripts/install-calendar-tools.sh installs what is missing");
        let mut command = Command::new(python);
        command.arg(folder.join("tests/recurrences/recurrences.py")).args([
            stage.api.base(),
            "--events",
            EVENTS,
        ]);
        command.stdin(Stdio::null()).kill_on_drop(true);
        let output = timeout(LIMIT, command.output()).await.context("it takes too long")??;
        let said =
            [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
        ensure!(output.status.success(), "{said}");
        Ok(())
    })
}
