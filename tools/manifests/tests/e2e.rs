//! scripts/e2e.sh against programs that only write down how they were called: its order, and what it says to those who
//! lack something. Whether a platform survives all that only a cluster can tell.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output};

use manifests::{
    helm::{self, tool},
    root,
};
use tempfile::TempDir;

/// Answers as a kind cluster with ingress-nginx would.
const KUBECTL: &str = r#"
case "$*" in
  "config current-context") echo kind-try ;;
  "get namespace "*) exit 1 ;;
  *"get service"*) echo "ingress-nginx ingress-nginx-controller" ;;
  *"get pods"*) echo pod/one ;;
  *readyReplicas*) echo 2 ;;
  *port-forward*) echo "Forwarding from 127.0.0.1:4321 -> 80"; exec sleep 600 ;;
esac
"#;
/// Runs the disturbance where the real test would: not in the workspace's folder.
const CARGO: &str = r#"
case "$*" in
  *no_request_fails*) cd / && bash -c "$W2MEET_DISTURBANCE" ;;
esac
"#;
/// Takes an installation only if the real one can render it.
const HELM: &str = r#"
case "$1" in install | upgrade) ;; *) exit 0 ;; esac
shift
arguments=()
while [ $# != 0 ]; do
  case "$1" in
    --create-namespace | --wait | --reuse-values) ;;
    --timeout) shift ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
"$REAL_HELM" template "${arguments[@]}" >/dev/null 2>&1
"#;

struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Machine {
        let machine = Machine { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(machine.path("bin")).unwrap();
        fs::write(machine.path("kubeconfig"), "").unwrap();
        machine.program("kubectl", KUBECTL);
        machine.program("cargo", CARGO);
        machine.program("helm", HELM);
        for name in ["curl", "make", "minikube"] {
            machine.program(name, "");
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn program(&self, name: &str, text: &str) {
        let file = self.path("bin").join(name);
        let calls = self.path("calls").display().to_string();
        fs::write(&file, format!("#!/bin/bash\necho \"{name} $*\" >>{calls}\n{text}")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, env: &[(&str, &str)]) -> Output {
        let mut command = Command::new(root().join("scripts/e2e.sh"));
        command.env_clear().env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()));
        command.env("REAL_HELM", tool(&root(), "helm").unwrap());
        command.env("KUBECONFIG", self.path("kubeconfig")).envs(env.iter().copied());
        command.output().unwrap()
    }

    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("calls")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// That these words stand in calls one after the other.
    #[track_caller]
    fn assert_order(&self, expected: &[&str]) {
        let calls = self.calls();
        let mut rest = calls.iter();
        for part in expected {
            assert!(rest.any(|call| call.contains(part)), "no {part:?} in its place: {calls:#?}");
        }
    }
}

#[test]
fn it_installs_tries_disturbs_and_installs_again() {
    let machine = Machine::new();
    let done = machine.run(&[]);
    assert!(done.status.success(), "{done:?}");
    machine.assert_order(&[
        "make image-archives",
        "make kind-load",
        "helm install w2meet charts/w2meet --namespace w2meet-e2e --create-namespace --wait",
        "helm test w2meet",
        "kubectl --namespace ingress-nginx port-forward service/ingress-nginx-controller :80",
        "http://127.0.0.1:4321/health",
        "--test contract -- cluster::",
        "--exact a_witness_is_written",
        "get deployment w2meet-worker-service",
        "--exact no_request_fails_and_no_job_is_lost_while_pods_come_and_go",
        "delete pod --wait=false one",
        "rollout status deployment/w2meet-user-service",
        "rollout status deployment/w2meet-worker-service",
        "delete pod --grace-period 0 --force",
        "rollout restart statefulset/w2meet-rabbitmq",
        "helm upgrade w2meet charts/w2meet",
        "helm uninstall w2meet",
        "helm install w2meet charts/w2meet",
        "--exact a_witness_is_still_there",
        "--test contract -- cluster::",
        "helm uninstall w2meet",
        "delete namespace w2meet-e2e",
    ]);
}

/// What a call names has to be there: targets of make, tests, and objects and labels of the chart.
#[test]
fn everything_that_it_names_exists() {
    let machine = Machine::new();
    assert!(machine.run(&[]).status.success());
    let read = |file: &str| fs::read_to_string(root().join(file)).unwrap();
    let (makefile, cases) = (read("Makefile"), read("tests/behaviour/tests/cluster.rs"));
    let arguments = ["w2meet", "charts/w2meet", "--namespace=w2meet-e2e"];
    let objects = helm::objects(&root(), &arguments).unwrap();
    let is_there = |kind: &str, name: &str| {
        let same = |object: &serde_json::Value| {
            object["kind"].as_str().unwrap().eq_ignore_ascii_case(kind) && object["metadata"]["name"] == name
        };
        objects.iter().any(same)
    };
    let has_labels = |selector: &str| {
        objects.iter().any(|object| {
            let labels = &object["spec"]["template"]["metadata"]["labels"];
            selector
                .split(',')
                .all(|pair| pair.split_once('=').is_some_and(|(key, value)| labels[key] == value))
        })
    };
    let mut looked_at = 0;
    for call in machine.calls() {
        let words: Vec<&str> = call.split_whitespace().collect();
        looked_at += 1;
        match words[..] {
            ["make", target] => assert!(makefile.contains(&format!("\n{target}: ")), "{call}"),
            ["cargo", "test", .., "--test", test, "--", "--exact", case] => {
                assert!(test == "cluster" && cases.contains(&format!("fn {case}()")), "{call}");
            }
            ["cargo", "test", .., "--test", test, "--", "cluster::"] => {
                assert!(
                    read(&format!("tests/behaviour/tests/{test}/paths.rs")).contains("in_every_form!"),
                    "{call}"
                );
            }
            ["kubectl", .., "get", kind @ "deployment", name, _, _] => {
                assert!(is_there(kind, name), "{call}")
            }
            ["kubectl", _, _, "rollout", _, object, ..] => {
                let (kind, name) = object.split_once('/').unwrap();
                assert!(is_there(kind, name), "{call}");
            }
            ["kubectl", _, "w2meet-e2e", .., "--selector", selector] => {
                assert!(has_labels(selector), "{call}")
            }
            _ => looked_at -= 1,
        }
    }
    assert!(looked_at > 20, "only {looked_at} calls were looked at");
}

#[test]
fn minikube_and_other_clusters_get_images_their_own_way() {
    let machine = Machine::new();
    assert!(machine.run(&[("IMAGES", "none")]).status.success());
    assert!(!machine.calls().iter().any(|call| call.starts_with("make")), "{:#?}", machine.calls());

    let machine = Machine::new();
    fs::create_dir_all(machine.path("target/images")).unwrap();
    fs::write(machine.path("target/images/user-service.tar"), "").unwrap();
    machine.program("kubectl", &KUBECTL.replace("kind-try", "minikube"));
    let target = machine.path("target").display().to_string();
    assert!(machine.run(&[("CARGO_TARGET_DIR", &target)]).status.success());
    machine.assert_order(&["make image-archives", "minikube image load", "helm install"]);
}

#[test]
fn more_arguments_reach_every_installation() {
    let machine = Machine::new();
    let args = "--set global.image.registry=registry.example.com";
    assert!(machine.run(&[("HELM_ARGS", args), ("IMAGES", "none")]).status.success());
    let installations: Vec<String> = machine
        .calls()
        .into_iter()
        .filter(|call| call.starts_with("helm install") || call.starts_with("helm upgrade"))
        .collect();
    assert_eq!(installations.len(), 3, "{installations:?}");
    assert!(installations.iter().all(|call| call.contains(args)), "{installations:?}");
}

#[track_caller]
fn assert_refused(machine: &Machine, env: &[(&str, &str)], message: &str) {
    let done = machine.run(env);
    let text = String::from_utf8(done.stderr).unwrap();
    assert!(!done.status.success() && text.contains(message), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(!machine.calls().iter().any(|call| call.starts_with("helm")), "{:?}", machine.calls());
}

#[test]
fn what_is_missing_is_said_in_one_line() {
    assert_refused(&Machine::new(), &[("KUBECONFIG", "")], "KUBECONFIG has to name");
    assert_refused(
        &Machine::new(),
        &[("KUBECONFIG", "/no/such/file")],
        "/no/such/file, which does not exist",
    );
    let machine = Machine::new();
    machine.program("kubectl", "exit 0");
    assert_refused(&machine, &[], "the namespace w2meet-e2e exists");
}

#[test]
fn without_a_controller_it_says_how_to_get_one() {
    let machine = Machine::new();
    machine.program("kubectl", &KUBECTL.replace("echo \"ingress-nginx ingress-nginx-controller\"", "true"));
    let done = machine.run(&[("IMAGES", "none")]);
    let text = String::from_utf8(done.stderr).unwrap();
    assert!(!done.status.success() && text.contains("docs/install.md"), "{text}");
}

#[test]
fn a_failure_ends_it_and_nothing_is_left_behind() {
    let machine = Machine::new();
    machine.program("cargo", "exit 1");
    let done = machine.run(&[("IMAGES", "none")]);
    assert!(!done.status.success());
    let calls = machine.calls();
    assert!(!calls.iter().any(|call| call.contains("a_witness_is_written")), "{calls:#?}");
    machine.assert_order(&["helm install", "cargo test", "helm uninstall", "delete namespace w2meet-e2e"]);
}
