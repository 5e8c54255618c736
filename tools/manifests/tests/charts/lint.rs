//! Helm's own opinion, and that charts can be installed and passed on as they are.

use manifests::{
    charts::all,
    helm::{complaint, helm, objects, template},
    root,
};

use crate::render::{title, variants};

/// What a service needs by itself.
const STORES: &str = "--set=postgresql.dsn=postgres://u:p@db/w2meet,rabbitmq.url=amqp://u:p@mq";

#[test]
fn every_chart_passes_the_strict_lint() {
    let root = root();
    let charts = all(&root).unwrap();
    assert!(charts.len() > 5, "{charts:?}");
    for chart in charts {
        let output =
            helm(&root, &["lint", "--strict", "--quiet", &format!("charts/{}", chart.name)]).unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: {said}{}", chart.name, complaint(&output));
    }
}

#[test]
fn every_variant_is_rendered() {
    assert!(variants().len() > 10);
}

#[test]
fn a_chart_can_be_installed_by_itself_and_stands_in_the_umbrella_unchanged() {
    let root = root();
    for chart in ["user-service", "availability-service", "suggestion-service", "worker-service", "operator"]
    {
        // Only what a chart knows may be set.
        let flags: &[&str] = match chart {
            "user-service" => &["--set=postgresql.dsn=postgres://u:p@db/w2meet"],
            "worker-service" => &[STORES],
            _ => &[],
        };
        let objects = objects(&root, &[&["alone", &format!("charts/{chart}")], flags].concat()).unwrap();
        assert!(objects.iter().any(|object| object["kind"] == "Deployment"), "{chart}");
        for object in &objects {
            let name = object["metadata"]["name"].as_str().unwrap().trim_start_matches("default.");
            assert!(name.starts_with("alone-"), "{}", title(object));
        }
    }
}

#[test]
fn a_package_renders_what_the_folder_does() {
    let (root, folder) = (root(), tempfile::tempdir().unwrap());
    let to = folder.path().to_str().unwrap();
    let output = helm(&root, &["package", "charts/w2meet", "--destination", to]).unwrap();
    assert!(output.status.success(), "{}", complaint(&output));
    let archive = folder.path().join("w2meet-0.1.0.tgz");
    let values = "--values=charts/w2meet/values-production.yaml";
    let packed =
        template(&root, &["w2meet", archive.to_str().unwrap(), "--namespace=w2meet", values]).unwrap();
    assert_eq!(packed, variants()["production"].text);
}
