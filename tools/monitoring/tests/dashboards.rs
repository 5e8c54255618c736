//! The dashboards as files: made by the code, whole, and in the shape that Grafana reads.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use monitoring::{dashboards, dashboards_folder};
use serde_json::Value;

/// Units that Grafana knows, as far as they are used.
const UNITS: [&str; 6] = ["bytes", "ops", "percentunit", "reqps", "s", "short"];

#[test]
fn the_files_are_what_the_code_makes() {
    let mut expected = BTreeSet::new();
    for dashboard in dashboards::all() {
        let path = dashboards_folder().join(dashboard.file_name());
        let file = fs::read_to_string(&path).unwrap_or_default();
        let hint = "run `cargo run --package monitoring`";
        assert!(file == dashboard.text(), "{} is not what the code makes; {hint}", path.display());
        expected.insert(dashboard.file_name());
    }
    let entries = fs::read_dir(dashboards_folder()).unwrap();
    let found: BTreeSet<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(found, expected);
}

#[test]
fn every_dashboard_can_be_imported_anywhere() {
    let mut uids = BTreeSet::new();
    for (name, dashboard) in files() {
        assert_eq!(dashboard["id"], Value::Null, "{name}: an id belongs to one Grafana");
        assert!(uids.insert(dashboard["uid"].as_str().unwrap().to_owned()), "{name}: its uid is taken");
        assert!(dashboard["schemaVersion"].as_u64().unwrap() >= 36, "{name}");
        for field in ["title", "description"] {
            assert!(!dashboard[field].as_str().unwrap().is_empty(), "{name} has no {field}");
        }
        assert_eq!(dashboard["tags"][0], "w2meet", "{name}: the others link to this tag");
        let variables = dashboard["templating"]["list"].as_array().unwrap();
        let names: Vec<&str> = variables.iter().map(|variable| variable["name"].as_str().unwrap()).collect();
        for variable in ["datasource", "traces", "trace_id", "case_id"] {
            assert!(names.contains(&variable), "{name} has no variable {variable}");
        }
        let links = dashboard["links"].as_array().unwrap();
        let to =
            |part: &str| links.iter().any(|link| link["url"].as_str().is_some_and(|url| url.contains(part)));
        assert!(to("${trace_id}") && to("${case_id}"), "{name} does not lead to traces and logs");
        assert!(links.iter().any(|link| link["type"] == "dashboards"), "{name} does not lead to the others");
    }
    assert_eq!(uids.len(), 5);
}

#[test]
fn every_panel_says_what_it_shows() {
    for (name, dashboard) in files() {
        let mut ids = BTreeSet::new();
        let mut titles = BTreeSet::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            let title = panel["title"].as_str().unwrap();
            assert!(ids.insert(panel["id"].as_u64().unwrap()), "{name}, {title}: its id is taken");
            if panel["type"] == "row" {
                continue;
            }
            assert!(titles.insert(title), "{name}: there are two panels {title}");
            assert!(panel["description"].as_str().unwrap().len() > 10, "{name}, {title} has no description");
            let unit = panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap();
            assert!(UNITS.contains(&unit), "{name}, {title}: unit {unit}");
            assert!(["stat", "timeseries", "heatmap"].contains(&panel["type"].as_str().unwrap()));
            let targets = panel["targets"].as_array().unwrap();
            assert!(!targets.is_empty(), "{name}, {title} asks nothing");
            for target in targets {
                assert_eq!(target["datasource"]["uid"], "${datasource}", "{name}, {title}");
                assert!(!target["expr"].as_str().unwrap().is_empty());
                let several = targets.len() > 1 && target["legendFormat"] == "";
                assert!(!several, "{name}, {title}: which line is which?");
            }
        }
    }
}

#[test]
fn no_panel_lies_on_another() {
    for (name, dashboard) in files() {
        let mut taken: BTreeMap<(u64, u64), String> = BTreeMap::new();
        for panel in dashboard["panels"].as_array().unwrap() {
            let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
            assert!(x + w <= 24, "{name}: {} is too far to the right", panel["title"]);
            for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
                let before = taken.insert(cell, panel["title"].to_string());
                assert_eq!(before, None, "{name}: {} lies on it", panel["title"]);
            }
        }
    }
}

fn files() -> Vec<(String, Value)> {
    dashboards::all()
        .into_iter()
        .map(|dashboard| {
            let name = dashboard.file_name();
            let text = fs::read_to_string(dashboards_folder().join(&name)).unwrap();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect()
}
