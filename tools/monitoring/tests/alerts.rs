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
use serde_json::{Value, json};
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
    for name in names(&rules()) {
        let question = format!("count(ALERTS{{alertname=\"{name}\",alertstate=\"firing\"}})");
        let answers: Vec<&str> = with_data.split(&question).skip(1).map(first_answer).collect();
        let fires = answers.iter().filter(|answer| answer.contains("value:")).count();
        assert!(fires > 0, "{name} never fires in a test");
        assert!(answers.len() > fires, "{name} always fires in its tests");
        assert!(without.contains(&question), "{name} is not looked at without data");
    }
}

#[test]
fn the_tests_notice_each_alert_that_never_fires_or_always_does() {
    for broken in ["vector(0) > 1", "vector(1)"] {
        let mut rules = rules();
        let groups = rules["groups"].as_array_mut().unwrap().iter_mut();
        for rule in groups.flat_map(|group| group["rules"].as_array_mut().unwrap()) {
            if rule["alert"].is_string() {
                rule["expr"] = json!(broken);
            }
        }
        let folder = with_rules(&serde_saphyr::to_string(&rules).unwrap());
        let files: Vec<PathBuf> =
            test_files().iter().map(|file| folder.path().join(file.file_name().unwrap())).collect();
        let said = text(&promtool(&[&["test", "rules"], strings(&files).as_slice()].concat()));
        for name in names(&rules) {
            let noticed = said.contains(&format!("alertname=\\\"{name}\\\""));
            assert!(noticed, "{name} as {broken} passes the tests: {said}");
        }
    }
}

#[test]
fn every_alert_leads_to_its_section_of_the_runbook_and_every_section_is_one_of_an_alert() {
    let rules = rules();
    let names: BTreeSet<String> = names(&rules).into_iter().map(str::to_owned).collect();
    assert_eq!(names, documents::runbook_sections().unwrap());
    for alert in alerts(&rules) {
        let name = alert["alert"].as_str().unwrap();
        let annotations = &alert["annotations"];
        let link = format!("docs/runbook.md#{}", name.to_lowercase());
        assert_eq!(annotations["runbook_url"], link, "{name}");
        let severity = &alert["labels"]["severity"];
        assert!(severity == "page" || severity == "ticket", "{name} has the severity {severity}");
        assert!(annotations["summary"].is_string() && annotations["description"].is_string(), "{name}");
    }
}

fn rules() -> Value {
    serde_saphyr::from_str(&fs::read_to_string(alerts_file()).unwrap()).unwrap()
}

/// The rules that are alerts; the others record series.
fn alerts(rules: &Value) -> Vec<&Value> {
    let groups = rules["groups"].as_array().unwrap().iter();
    let rules = groups.flat_map(|group| group["rules"].as_array().unwrap());
    let found: Vec<&Value> = rules.filter(|rule| rule["alert"].is_string()).collect();
    assert!(found.len() > 15, "only {} alerts were found", found.len());
    found
}

fn names(rules: &Value) -> Vec<&str> {
    alerts(rules).into_iter().filter_map(|alert| alert["alert"].as_str()).collect()
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
