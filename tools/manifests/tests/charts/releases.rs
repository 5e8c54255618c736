//! Two releases in one namespace leave each other alone.

use std::collections::BTreeSet;

use manifests::{helm, root};

use crate::render::{matches, name, of_kind, pods, title, variants};

#[test]
fn two_releases_share_no_name() {
    let titles = |variant: &str| variants()[variant].objects.iter().map(title).collect::<BTreeSet<_>>();
    let (first, second) = (titles("default"), titles("second"));
    assert_eq!(first.len(), variants()["default"].objects.len(), "names within a release are unique");
    assert_eq!(
        first.intersection(&second).count(),
        0,
        "{:?}",
        first.intersection(&second).collect::<Vec<_>>()
    );
}

#[test]
fn no_selector_of_one_release_finds_pods_of_the_other() {
    let objects = &variants()["default"].objects;
    let others = pods(&variants()["second"].objects);
    let mut looked_at = 0;
    for object in objects {
        let spec = &object["spec"];
        let selector = match object["kind"].as_str().unwrap() {
            "Service" => &spec["selector"],
            "NetworkPolicy" => &spec["podSelector"]["matchLabels"],
            "Deployment" | "StatefulSet" | "PodDisruptionBudget" => &spec["selector"]["matchLabels"],
            _ => continue,
        };
        looked_at += 1;
        for (workload, pod) in &others {
            assert!(
                !matches(selector, &pod["metadata"]["labels"]),
                "{} finds {}",
                title(object),
                title(workload)
            );
        }
    }
    assert!(looked_at > 30, "only {looked_at} selectors were found");
}

#[test]
fn everything_is_in_the_release_s_namespace_and_labelled() {
    for object in variants().values().flat_map(|variant| &variant.objects) {
        // What is of the whole cluster has the namespace in its name.
        match object["metadata"].get("namespace") {
            Some(namespace) => assert_eq!(namespace, crate::render::NAMESPACE, "{}", title(object)),
            None => assert!(name(object).starts_with("w2meet."), "{}", title(object)),
        }
        assert_eq!(object["metadata"]["labels"]["app.kubernetes.io/part-of"], "w2meet", "{}", title(object));
    }
    let decorated = &variants()["decorated"].objects;
    assert!(decorated.iter().all(|object| object["metadata"]["labels"]["team"] == "meet"));
    let images = of_kind(decorated, "Deployment");
    for deployment in images {
        let image = deployment["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap();
        assert!(image.starts_with("registry.example.com/w2meet/") && image.ends_with(":1.2.3"), "{image}");
    }
}

#[test]
fn the_operator_may_act_in_the_namespaces_that_are_named_and_lead_in_its_own() {
    let arguments = ["w2meet", "charts/operator", "--namespace=w2meet", "--set=namespaces={jobs,mail}"];
    let objects = helm::objects(&root(), &arguments).unwrap();
    for kind in ["Role", "RoleBinding"] {
        let places: BTreeSet<(&str, &str)> = of_kind(&objects, kind)
            .map(|object| (object["metadata"]["namespace"].as_str().unwrap(), name(object)))
            .collect();
        let expected =
            [("jobs", "w2meet-operator"), ("mail", "w2meet-operator"), ("w2meet", "w2meet-operator-leader")];
        assert_eq!(places, BTreeSet::from(expected), "{kind}");
    }
    for binding in of_kind(&objects, "RoleBinding") {
        assert_eq!(binding["subjects"][0]["namespace"], "w2meet", "{}", title(binding));
        assert_eq!(binding["roleRef"]["name"], name(binding));
    }
    let operator = of_kind(&objects, "Deployment").next().unwrap();
    let watched = serde_json::json!({"name": "WATCH_NAMESPACES", "value": "jobs,mail"});
    let environment = operator["spec"]["template"]["spec"]["containers"][0]["env"].as_array().unwrap();
    assert!(environment.contains(&watched), "{environment:?}");
}
