//! What the real API server of KUBECONFIG says to the charts. Nothing has to run pods there.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use behaviour::eventually;
use k8s_openapi::api::core::v1::{Pod, Secret};
use kube::{
    Api, Client, Config,
    api::{Patch, PatchParams},
};
use manifests::{charts::documents, helm::template, root};
use serde_json::{Value, json};
use testkit::shared::unique_name;

use crate::render::{in_namespace, name, of_kind, title};

/// Kinds that a cluster has only when somebody has installed them.
const FOREIGN: [&str; 2] = ["HTTPRoute", "ServiceMonitor"];

/// Not the name under which `operator/deploy` installs an operator: its policy may be there and is about every account
/// `w2meet-operator`.
const RELEASE: &str = "e2e";

/// A namespace that goes with the test, on a cluster that knows the QueueScaler.
struct Namespace(String);

impl Namespace {
    fn new() -> Namespace {
        let namespace = Namespace(unique_name("charts-e2e").replace('_', "-"));
        kubectl(&["apply", "--server-side", "--force-conflicts", "--filename", "charts/operator/crds"], "");
        kubectl(&["wait", "--for=condition=Established", "--filename", "charts/operator/crds"], "");
        kubectl(&["create", "namespace", &namespace.0], "");
        // So that every pod that would not fit the standard is warned of.
        let standard = "pod-security.kubernetes.io/warn=restricted";
        kubectl(&["label", "namespace", &namespace.0, standard], "");
        namespace
    }

    fn kubectl(&self, arguments: &[&str], input: &str) -> Output {
        kubectl(&[&["--namespace", &self.0], arguments].concat(), input)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let policy = format!("{}.{RELEASE}-operator", self.0);
        for (kind, name) in [
            ("validatingadmissionpolicybinding", &policy),
            ("validatingadmissionpolicy", &policy),
            ("namespace", &self.0),
        ] {
            run(&["delete", kind, name, "--ignore-not-found", "--wait=false"], "");
        }
    }
}

/// What kubectl says to these arguments and this input, which it takes.
fn kubectl(arguments: &[&str], input: &str) -> Output {
    let output = run(arguments, input);
    assert!(output.status.success(), "kubectl {}: {}", arguments.join(" "), said(&output));
    output
}

fn run(arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new("kubectl");
    command.current_dir(root()).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("kubectl is there");
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_object_of_every_variant_is_taken_without_a_warning() {
    let namespace = Namespace::new();
    for (variant, text) in in_namespace(&namespace.0) {
        let objects = list(&text, |kind| !FOREIGN.contains(&kind));
        let output =
            namespace.kubectl(&["apply", "--server-side", "--dry-run=server", "--filename=-"], &objects);
        assert!(!said(&output).contains("Warning"), "{variant}: {}", said(&output));
    }
}

/// The objects of these kinds, as one that kubectl reads.
fn list(text: &str, wanted: impl Fn(&str) -> bool) -> String {
    let mut objects = documents(text).unwrap();
    objects.retain(|object| wanted(object["kind"].as_str().unwrap()));
    json!({ "apiVersion": "v1", "kind": "List", "items": objects }).to_string()
}

#[tokio::test]
async fn the_operator_of_a_release_changes_deletion_costs_and_reads_the_secret_of_its_queue() {
    let namespace = Namespace::new();
    let text = template(&root(), &[RELEASE, "charts/w2meet", "--namespace", &namespace.0]).unwrap();
    // Whatever runs no pod.
    let kinds = [
        "QueueScaler",
        "Role",
        "RoleBinding",
        "Secret",
        "ServiceAccount",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
    ];
    let objects = list(&text, |kind| kinds.contains(&kind));
    namespace.kubectl(&["apply", "--server-side", "--filename=-"], &objects);
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": { "name": "worker", "labels": { "app": "worker" } },
        "spec": {
            "containers": [{ "name": "worker", "image": "worker" }],
            "schedulerName": "nobody",
            "serviceAccountName": format!("{RELEASE}-operator"),
            "automountServiceAccountToken": false,
        },
    });
    namespace.kubectl(&["create", "--filename=-"], &pod.to_string());

    let pods: Api<Pod> = Api::namespaced(operator(&namespace).await, &namespace.0);
    let patch = async |change: &Value, dry_run: bool| {
        let params = PatchParams { dry_run, ..PatchParams::default() };
        pods.patch("worker", &params, &Patch::Strategic(change)).await
    };
    let policy = format!("ValidatingAdmissionPolicy '{}.{RELEASE}-operator'", namespace.0);
    let more = json!({ "metadata": { "annotations": { "more": "x" } } });
    let enforced = async || {
        let refused = patch(&more, true).await.err().context("the policy is not enforced")?;
        ensure!(refused.to_string().contains(&policy), "{refused}");
        Ok(())
    };
    eventually("the API server has learnt of the policy", Duration::from_secs(30), enforced).await.unwrap();
    let cost = "controller.kubernetes.io/pod-deletion-cost";
    patch(&json!({ "metadata": { "annotations": { cost: "3" } } }), false).await.unwrap();
    for change in [
        more.clone(),
        json!({ "spec": { "containers": [{ "name": "worker", "image": "evil" }] } }),
        json!({ "metadata": { "labels": { "app": "other" } } }),
    ] {
        let refused = patch(&change, false).await.unwrap_err().to_string();
        assert!(refused.contains(&policy), "{change}: {refused}");
    }

    let rendered = documents(&text).unwrap();
    let scaler = of_kind(&rendered, "QueueScaler").next().unwrap();
    let named = scaler["spec"]["queue"]["credentialsSecretRef"]["name"].as_str().unwrap();
    let readable: Api<Secret> = Api::namespaced(operator(&namespace).await, &namespace.0);
    for secret in of_kind(&rendered, "Secret") {
        assert_eq!(readable.get(name(secret)).await.is_ok(), name(secret) == named, "{}", title(secret));
    }
}

/// A client that is the account of the release's operator.
async fn operator(namespace: &Namespace) -> Client {
    let mut config = Config::infer().await.expect("KUBECONFIG names a cluster");
    config.auth_info.impersonate = Some(format!("system:serviceaccount:{}:{RELEASE}-operator", namespace.0));
    Client::try_from(config).unwrap()
}
