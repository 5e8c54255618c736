//! What the Dockerfile builds, beside what there is to be built.

use std::collections::BTreeSet;
use std::fs;

use cargo_metadata::MetadataCommand;

use manifests::root;

use crate::build::images;

/// Programs of developers' machines, which are in no image.
const DEVELOPER_TOOLS: [&str; 8] =
    ["bench", "manifests", "local-platform", "monitoring", "people", "queue-probe", "simulator", "testkit"];

#[test]
fn every_program_has_an_image_and_every_image_a_program() {
    let options = ["--locked".to_owned(), "--no-deps".to_owned()];
    let metadata = MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .other_options(options)
        .exec()
        .unwrap();
    let programs: BTreeSet<String> = metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| !DEVELOPER_TOOLS.contains(&package.name.as_str()))
        .flat_map(|package| package.targets.iter().filter(|target| target.is_bin()))
        .map(|target| target.name.clone())
        .collect();
    assert_eq!(images().into_iter().collect::<BTreeSet<_>>(), programs);
}

#[test]
fn each_image_starts_the_binary_that_it_is_named_after() {
    let text = fs::read_to_string(root().join("Dockerfile")).unwrap();
    for image in images() {
        let (_, stage) = text.split_once(&format!("FROM base AS {image}\n")).unwrap();
        let stage = stage.split("\nFROM ").next().unwrap();
        assert!(stage.starts_with(&format!("COPY --from=binaries /bin/{image} /{image}\n")), "{stage}");
        assert!(stage.contains(&format!("image.title=\"{image}\"")), "{stage}");
        assert!(stage.trim_end().ends_with(&format!("ENTRYPOINT [\"/{image}\"]")), "{stage}");
    }
}

/// Otherwise dependencies would be built once for the layer, and again with other features.
#[test]
fn the_layer_of_dependencies_is_for_the_same_packages() {
    let text = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let packages: Vec<&str> =
        text.split("--package ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    assert_eq!(packages, images());
}

/// The version of Rust that builds images can build the workspace.
#[test]
fn the_compiler_is_new_enough() {
    let text = fs::read_to_string(root().join("Dockerfile")).unwrap();
    let version = text.lines().find_map(|line| line.strip_prefix("ARG RUST=")).unwrap();
    let minor = |version: &str| version.strip_prefix("1.").unwrap().parse::<u32>().unwrap();
    assert!(minor(version) >= minor(env!("CARGO_PKG_RUST_VERSION")), "{version}");
}

/// All that the workspace is made of gets into the build, and nothing that a developer happens to have.
#[test]
fn the_build_sees_the_source_and_nothing_else() {
    let text = fs::read_to_string(root().join(".dockerignore")).unwrap();
    let rules: Vec<&str> = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    assert_eq!(rules.first(), Some(&"*"));
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest
        .lines()
        .skip_while(|line| !line.starts_with("members"))
        .take_while(|line| !line.starts_with(']'));
    let members: String = members.collect();
    let folders = members.split('"').skip(1).step_by(2).map(|member| member.split('/').next().unwrap());
    for needed in folders.chain(["Cargo.toml", "Cargo.lock", "Dockerfile", "scripts/images.sh"]) {
        assert!(rules.contains(&format!("!{needed}").as_str()), "{needed} is not let in: {rules:?}");
    }
}
