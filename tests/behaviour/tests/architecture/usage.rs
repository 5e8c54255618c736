//! Nothing is declared that is not used, and every crate keeps the same rules.

use std::fs;
use std::path::Path;

use cargo_metadata::{DependencyKind, Package};

use crate::{members, metadata, root, tree};

#[test]
fn every_dependency_is_named_in_the_code_that_declares_it() {
    let metadata = metadata().unwrap();
    let mut unused = Vec::new();
    for package in members(metadata) {
        for dependency in &package.dependencies {
            let folders: &[&str] = match dependency.kind {
                DependencyKind::Normal => &["src"],
                DependencyKind::Build => &["build", "build.rs"],
                // Tests beside the code may use it too.
                _ => &["tests", "benches", "src"],
            };
            let name = dependency.rename.as_ref().unwrap_or(&dependency.name).replace('-', "_");
            if !sources(package, folders).iter().any(|source| has_word(source, &name)) {
                unused.push(format!("{} in {}", dependency.name, package.name));
            }
        }
    }
    assert!(unused.is_empty(), "declared and not used: {unused:#?}");
}

#[test]
fn every_dependency_of_the_workspace_is_used_by_a_crate() {
    let (metadata, root) = (metadata().unwrap(), root().unwrap());
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let declared: Vec<&str> = manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();
    assert!(declared.len() > 30, "only {declared:?} was found");
    let used = |name: &&str| {
        members(metadata)
            .iter()
            .any(|package| package.dependencies.iter().any(|dependency| dependency.name == **name))
    };
    let unused: Vec<&str> = declared.into_iter().filter(|name| !used(name)).collect();
    assert!(unused.is_empty(), "in [workspace.dependencies] and used by no crate: {unused:?}");
}

#[test]
fn every_crate_takes_over_the_common_lints_and_versions() {
    let metadata = metadata().unwrap();
    for package in members(metadata) {
        let manifest = fs::read_to_string(&package.manifest_path).unwrap();
        assert!(manifest.contains("\n[lints]\nworkspace = true\n"), "{} has its own lints", package.name);
        let own_version = manifest.lines().find(|line| line.contains("version = \""));
        assert_eq!(own_version, None, "{}: versions stand in the workspace's manifest", package.name);
    }
}

#[test]
fn every_migration_is_built_in() {
    let metadata = metadata().unwrap();
    let mut found = 0;
    for package in members(metadata) {
        let home = package.manifest_path.parent().unwrap().as_std_path();
        let sources = sources(package, &["src"]);
        for file in tree::files(&home.join("migrations")) {
            let path =
                format!("migrations/{}", file.strip_prefix(home.join("migrations")).unwrap().display());
            let is_built_in = sources.iter().any(|source| source.contains(&path));
            assert!(is_built_in, "{} builds in no {path}", package.name);
            found += 1;
        }
    }
    assert!(found > 5, "only {found} migrations were looked at");
}

fn sources(package: &Package, folders: &[&str]) -> Vec<String> {
    let home = package.manifest_path.parent().map(|path| path.as_std_path()).unwrap_or(Path::new("."));
    let files = folders.iter().flat_map(|folder| tree::files(&home.join(folder)));
    let rust = files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"));
    rust.filter_map(|file| fs::read_to_string(file).ok()).collect()
}

fn has_word(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word)
        .any(|(at, _)| !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part))
}
