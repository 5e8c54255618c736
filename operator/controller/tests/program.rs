//! The program on the command line.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::process::{Command, Output};

use kube::CustomResourceExt;
use tempfile::TempDir;
use w2meet_operator::resource::QueueScaler;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_w2meet-operator")).args(args).env_clear().output().unwrap()
}

fn stdout(args: &[&str]) -> String {
    let output = run(args);
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_explains_each_setting() {
    let help = stdout(&["--help"]);
    for setting in [
        "--namespace",
        "WATCH_NAMESPACES",
        "--lease-name",
        "--identity",
        "POD_NAME",
        "--ops-listen",
        "--log-level",
        "crd",
        "run",
    ] {
        assert!(help.contains(setting), "{setting} is not told:\n{help}");
    }
    assert!(stdout(&["run", "--help"]).contains("--lease-seconds"));
}

#[test]
fn a_wrong_setting_is_one_line_that_names_it() {
    for (args, words) in [
        (vec!["--namespace", "Not_A_Name"], ["--namespace", "Not_A_Name"]),
        (vec!["run", "--lease-seconds", "1"], ["--lease-seconds", "5..=300"]),
    ] {
        let output = run(&args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{args:?}");
        assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
        for word in words {
            assert!(stderr.contains(word), "{args:?}: {stderr}");
        }
    }
}

#[test]
fn without_a_cluster_it_says_so() {
    let folder = TempDir::new().unwrap();
    let missing = folder.path().join("none");
    let output = Command::new(env!("CARGO_BIN_EXE_w2meet-operator"))
        .env_clear()
        .env("KUBECONFIG", &missing)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("no cluster is configured"), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
}

#[test]
fn the_definition_is_printed_for_kubectl() {
    assert!(stdout(&["crd"]) == include_str!("../../deploy/crd.yaml"), "make operator-files writes it anew");
    assert!(stdout(&["crd"]).contains(QueueScaler::crd_name()));
    let page = include_str!("../../../docs/queuescaler.md");
    assert!(stdout(&["crd", "--markdown"]) == page, "make operator-files writes it anew");
}
