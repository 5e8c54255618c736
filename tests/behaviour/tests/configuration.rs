//! That docs/configuration.md says of every setting what `--help` says.

use std::{fs, path::Path, process::Command};

use anyhow::Context;
use testkit::Binary;

const SERVICES: [(Binary, &str); 4] = [
    (Binary::UserService, "## user-service"),
    (Binary::AvailabilityService, "## availability-service"),
    (Binary::SuggestionService, "## suggestion-service"),
    (Binary::WorkerService, "## worker-service"),
];
const STANDALONE: (Binary, &str) = (Binary::W2meet, "## w2meet, all in one process");
const COMMON: &str = "## Every service";

#[test]
fn the_page_of_settings_says_what_help_says() -> anyhow::Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let page = fs::read_to_string(page)?;
    let first = settings(SERVICES[0].0)?;
    let mut common = first;
    for (program, _) in &SERVICES[1..] {
        let others = settings(*program)?;
        common.retain(|row| others.contains(row));
    }
    check(&page, COMMON, &common)?;
    for (program, heading) in SERVICES.into_iter().chain([STANDALONE]) {
        let mut own = settings(program)?;
        own.retain(|row| !common.contains(row));
        check(&page, heading, &own)?;
    }
    Ok(())
}

/// Compares the table under a heading.
fn check(page: &str, heading: &str, expected: &[String]) -> anyhow::Result<()> {
    let section = page.lines().skip_while(|line| *line != heading).skip(1);
    let section = section.take_while(|line| !line.starts_with("## "));
    let rows: Vec<&str> = section.filter(|line| line.starts_with("| `")).collect();
    assert!(!expected.is_empty(), "{heading}: no setting was found");
    assert_eq!(rows, expected, "under {heading:?} should stand:\n{}\n", expected.join("\n"));
    Ok(())
}

/// A row of the table for each setting of a program, in the order of its help.
fn settings(program: Binary) -> anyhow::Result<Vec<String>> {
    let output = Command::new(program.path()?).arg("--help").env_clear().output()?;
    let help = String::from_utf8(output.stdout)?;
    let options = help.split("\nOptions:\n").nth(1).context("help lists no options")?;
    Ok(options.split("\n      --").filter_map(row).collect())
}

/// The row of one option, of which this is the help; `None` for those that have no variable.
fn row(option: &str) -> Option<String> {
    let (head, body) = option.trim_start_matches([' ', '-']).split_once('\n')?;
    let flag = head.split_whitespace().next()?;
    let tag = |name: &str| {
        let rest = body.split_once(&format!("[{name}: "))?.1;
        Some(rest.split_once(']')?.0)
    };
    let variable = tag("env")?.trim_end_matches('=');
    let default = tag("default").map(|default| format!("`{default}`")).unwrap_or_default();
    let meaning = body.lines().next()?.trim();
    Some(format!("| `{variable}` | `--{flag}` | {default} | {meaning} |"))
}
