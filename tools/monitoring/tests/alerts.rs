//! The alerts: promtool takes them, each is tested in three ways, the tests notice a broken one, and each has its section
//! in the runbook.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use monitoring::{alerts_file, documents, root};
use tempfile::TempDir;

#[test]
fn promtool_takes_the_rules() {
    let checked = promtool(&["check", "rules", "--lint-fatal", alerts_file().to_str().unwrap()]);
    assert!(checked.status.success(), "{}", text(&checked));
}

#[test]
fn every_alert_does_what_its_tests_say() {
    let tested = promtool(&[&["test", "rules"], strings(&test_files()).as_slice()].concat());
    assert!(tested.status.success(), "{}", text(&tested));
}

#[test]
fn every_alert_is_tested_while_it_is_so_while_it_is_not_and_without_data() {
    let asked = |file: &str| fs::read_to_string(tests_folder().join(file)).unwrap();
    let with_data = asked("objectives.yaml") + &asked("symptoms.yaml");
    let without = asked("no_data.yaml");
    for alert in alerts() {
        let question = format!("count(ALERTS{{alertname=\"{}\",alertstate=\"firing\"}})", alert.name);
        let answers: Vec<&str> = with_data.split(&question).skip(1).map(first_answer).collect();
        let fires = answers.iter().filter(|answer| answer.contains("value:")).count();
        assert!(fires > 0, "{} never fires in a test", alert.name);
        assert!(answers.len() > fires, "{} always fires in its tests", alert.name);
        assert!(without.contains(&question), "{} is not looked at without data", alert.name);
    }
}

#[test]
fn the_tests_notice_each_alert_that_never_fires_or_always_does() {
    for broken in ["vector(0) > 1", "vector(1)"] {
        let mut rules = fs::read_to_string(alerts_file()).unwrap();
        for alert in alerts() {
            let with_this_expr = format!("{}\n        expr: |\n{}\n", alert.name, alert.expr);
            assert!(rules.contains(&with_this_expr), "{}", alert.name);
            let broken = format!("{}\n        expr: |\n          {broken}\n", alert.name);
            rules = rules.replacen(&with_this_expr, &broken, 1);
        }
        let folder = with_rules(&rules);
        let files: Vec<PathBuf> =
            test_files().iter().map(|file| folder.path().join(file.file_name().unwrap())).collect();
        let said = text(&promtool(&[&["test", "rules"], strings(&files).as_slice()].concat()));
        for alert in alerts() {
            let noticed = said.contains(&format!("alertname=\\\"{}\\\"", alert.name));
            assert!(noticed, "{} as {broken} passes the tests: {said}", alert.name);
        }
    }
}

#[test]
fn every_alert_leads_to_its_section_of_the_runbook_and_every_section_is_one_of_an_alert() {
    let alerts = alerts();
    let names: BTreeSet<String> = alerts.iter().map(|alert| alert.name.clone()).collect();
    assert_eq!(names, documents::runbook_sections().unwrap());
    for alert in alerts {
        let link = format!("runbook_url: docs/runbook.md#{}\n", alert.name.to_lowercase());
        assert!(alert.text.contains(&link), "{} does not say {link}", alert.name);
        let severities =
            ["page", "ticket"].map(|severity| alert.text.contains(&format!("severity: {severity}\n")));
        assert_eq!(severities.iter().filter(|is| **is).count(), 1, "{} has one severity", alert.name);
        assert!(alert.text.contains("summary: ") && alert.text.contains("description: "), "{}", alert.name);
    }
}

struct Alert {
    name: String,
    /// The lines of its expression, indented as in the file.
    expr: String,
    /// All its lines.
    text: String,
}

/// The alerts of the file, which is written in one way only.
fn alerts() -> Vec<Alert> {
    let rules = fs::read_to_string(alerts_file()).unwrap();
    let found: Vec<Alert> = rules
        .split("\n      - alert: ")
        .skip(1)
        .map(|text| {
            let text = text.split("\n  - name: ").next().unwrap_or_default();
            let (name, rest) = text.split_once('\n').unwrap();
            let rest = rest.strip_prefix("        expr: |\n").unwrap();
            let expr = rest.lines().take_while(|line| line.starts_with("          "));
            let expr: Vec<&str> = expr.collect();
            Alert { name: name.to_owned(), expr: expr.join("\n"), text: format!("{text}\n") }
        })
        .collect();
    assert!(found.len() > 15, "only {} alerts were found", found.len());
    found
}

/// What is expected after a question, up to the next one.
fn first_answer(after: &str) -> &str {
    after.split("- expr:").next().unwrap_or_default().split("- name:").next().unwrap_or_default()
}

/// A folder with these rules and the tests, which read them from there.
fn with_rules(rules: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("w2meet.yaml"), rules).unwrap();
    for file in test_files() {
        let test = fs::read_to_string(&file).unwrap();
        let test = test.replace("../../../../charts/w2meet/alerts/w2meet.yaml", "w2meet.yaml");
        fs::write(folder.path().join(file.file_name().unwrap()), test).unwrap();
    }
    folder
}

fn tests_folder() -> PathBuf {
    root().join("tools/monitoring/tests/promtool")
}

fn test_files() -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(tests_folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn strings(paths: &[PathBuf]) -> Vec<&str> {
    paths.iter().map(|path: &PathBuf| Path::to_str(path).unwrap()).collect()
}

fn promtool(args: &[&str]) -> Output {
    Command::new("promtool")
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("promtool: {error}; get it by `apt-get install prometheus` (as root)"))
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}
