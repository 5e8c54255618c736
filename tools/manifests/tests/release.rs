//! The digests of a release, looked up by the real skopeo in a registry that has one list of images under every name.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use manifests::{helm::template, root};
use tempfile::TempDir;
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, ResponseTemplate};

const INDEX: &str =
    r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"#;
/// `printf '%s' "$INDEX" | sha256sum`
const DIGEST: &str = "sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2";

async fn registry() -> MockServer {
    let registry = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/v2/"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&registry)
        .await;
    registry
}

async fn has(registry: &MockServer, tags: &str) {
    let index = ResponseTemplate::new(200).set_body_raw(INDEX, "application/vnd.oci.image.index.v1+json");
    let manifests = path_regex(format!("^/v2/.+/manifests/({tags})$"));
    Mock::given(method("GET")).and(manifests).respond_with(index).mount(registry).await;
}

/// Runs the script with both kinds of images in this registry; `values` is what it writes.
async fn release(registry: &MockServer, values: &Path) -> Output {
    let mut script = Command::new(root().join("scripts/release-values.sh"));
    let address = registry.address().to_string();
    script.args([&address, "1.2.3"]).env("MIRROR", &address).env("VALUES", values);
    script.env("SKOPEO_FLAGS", "--tls-verify=false");
    tokio::task::spawn_blocking(move || script.output()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_names_every_image_by_its_digest() {
    let (registry, folder) = (registry().await, TempDir::new().unwrap());
    has(&registry, ".+").await;
    let values = folder.path().join("values-release.yaml");
    let done = release(&registry, &values).await;
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));

    let values = format!("--values={}", values.display());
    let arguments = ["w2meet", "charts/w2meet", "--set=monitoring.enabled=true", &values];
    let manifests = template(&root(), &arguments).unwrap();
    let images: Vec<&str> =
        manifests.lines().filter_map(|line| line.trim().strip_prefix("image: ")).collect();
    assert!(images.len() >= 13, "{images:?}");
    for image in images {
        assert!(image.trim_matches('"').ends_with(DIGEST), "{image}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_not_there_is_named_and_nothing_is_written() {
    let (registry, folder) = (registry().await, TempDir::new().unwrap());
    has(&registry, "1\\.2\\.3").await;
    let values = folder.path().join("values-release.yaml");
    fs::write(&values, "before").unwrap();
    let done = release(&registry, &values).await;
    assert!(!done.status.success());
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(complaint.contains("cannot look up") && complaint.contains("library/postgres"), "{complaint}");
    assert_eq!(fs::read_to_string(&values).unwrap(), "before");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no partial file stays");
}
