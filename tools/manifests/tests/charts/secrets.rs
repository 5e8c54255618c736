//! Passwords outlive upgrades and reinstallations.
//!
//! Helm asks a cluster for the Secret that is there; here a server of HTTP answers in the cluster's place. That the volume
//! outlives the release too is Kubernetes' own rule for the claims of a StatefulSet.

use std::process::Output;

use manifests::{charts::documents, helm::helm, root};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::render::{of_kind, variants};

async fn cluster_with(secret: Option<(&str, Value)>) -> MockServer {
    let server = MockServer::start().await;
    let resources = json!({"kind": "APIResourceList", "groupVersion": "v1", "resources": [
        {"name": "secrets", "singularName": "secret", "namespaced": true, "kind": "Secret", "verbs": ["get", "list"]},
    ]});
    answer(&server, "/api/v1", 200, resources).await;
    if let Some((name, data)) = secret {
        let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, "namespace": "w2meet"}, "data": data});
        answer(&server, &format!("/api/v1/namespaces/w2meet/secrets/{name}"), 200, secret).await;
    }
    server
}

async fn answer(server: &MockServer, at: &str, status: u16, body: Value) {
    Mock::given(method("GET"))
        .and(path(at))
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(server)
        .await;
}

async fn render(server: &MockServer, chart: &str) -> Value {
    let (uri, chart) = (server.uri(), format!("charts/{chart}"));
    let run = move || -> anyhow::Result<Output> {
        let flags = ["--namespace=w2meet", "--dry-run=server", "--kube-token=any", "--kube-apiserver"];
        helm(&root(), &[&["template", "w2meet", &chart], &flags[..], &[&uri]].concat())
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let objects = documents(&String::from_utf8(output.stdout).unwrap()).unwrap();
    of_kind(&objects, "Secret").next().unwrap()["stringData"].clone()
}

#[tokio::test]
async fn a_password_that_is_there_stays() {
    // "old-password"
    let old = "b2xkLXBhc3N3b3Jk";
    for (chart, key, derived) in [
        ("postgresql", "password", "pg-dsn"),
        ("redis", "redis-password", "redis.conf"),
        ("rabbitmq", "password", "rabbitmq-url"),
    ] {
        let server = cluster_with(Some((&format!("w2meet-{chart}"), json!({key: old})))).await;
        let secret = render(&server, chart).await;
        assert_eq!(secret[key], "old-password", "{chart}");
        assert!(secret[derived].as_str().unwrap().contains("old-password"), "{chart}: {}", secret[derived]);
    }
}

#[tokio::test]
async fn a_new_password_is_random_and_safe_in_an_address() {
    let server = cluster_with(None).await;
    let (first, second) = (render(&server, "postgresql").await, render(&server, "postgresql").await);
    assert_ne!(first["password"], second["password"]);
    let password = first["password"].as_str().unwrap();
    assert!(
        password.len() == 32 && password.chars().all(|c| c.is_ascii_alphanumeric()),
        "{}",
        password.len()
    );
}

#[test]
fn secrets_outlive_the_release_and_restart_nothing() {
    for secret in of_kind(&variants()["default"].objects, "Secret") {
        assert_eq!(secret["metadata"]["annotations"]["helm.sh/resource-policy"], "keep");
    }
    // A checksum of a random Secret would restart every pod at each rendering.
    assert!(!variants()["default"].text.contains("checksum/"));
}

#[test]
fn both_parts_know_that_mails_come_in_and_consumers_alone_the_mail_server() {
    for (variant, part, expected) in [
        ("default", "w2meet-worker-service", [false, false, false]),
        ("default", "w2meet-worker-service-consumer", [false, false, false]),
        ("mails", "w2meet-worker-service", [false, true, true]),
        ("mails", "w2meet-worker-service-consumer", [true, true, true]),
    ] {
        let pods = crate::render::pods(&variants()[variant].objects);
        let (_, pod) = pods.iter().find(|(workload, _)| crate::render::name(workload) == part).unwrap();
        let env = pod["spec"]["containers"][0]["env"].as_array().unwrap();
        let mounted = pod["spec"]["volumes"].to_string();
        for ((variable, file), expected) in [
            ("SMTP_URL", "smtp-url"),
            ("INBOUND_MAIL_SECRET", "inbound-mail-secret"),
            ("IMAP_URL", "imap-url"),
        ]
        .into_iter()
        .zip(expected)
        {
            let path = format!("file:/run/secrets/w2meet/{file}");
            let is_set = env.iter().any(|known| known["name"] == variable && known["value"] == path);
            assert_eq!(is_set, expected, "{variant}: {part}: {variable}");
            assert_eq!(
                mounted.contains(&format!("\"path\":\"{file}\"")),
                expected,
                "{variant}: {part}: {file}"
            );
        }
    }
}

#[test]
fn no_password_is_in_the_environment() {
    for (workload, pod) in variants().values().flat_map(|variant| crate::render::pods(&variant.objects)) {
        for container in crate::render::containers(pod) {
            for variable in container["env"].as_array().into_iter().flatten() {
                let name = variable["name"].as_str().unwrap();
                let secret = ["PASSWORD", "SECRET", "DSN", "RABBITMQ_URL", "SMTP_URL", "IMAP_URL"]
                    .iter()
                    .any(|part| name.contains(part));
                let value = variable["value"].as_str().unwrap_or_default();
                let by_file = value.starts_with("file:/run/secrets/") || name.ends_with("_FILE");
                assert!(!secret || by_file, "{}: {name}", crate::render::title(workload));
                assert!(variable["valueFrom"].get("secretKeyRef").is_none(), "{name}");
            }
        }
    }
}
