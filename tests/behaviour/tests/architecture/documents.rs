//! What the documents say can be done, and where they point to.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{root, tree};

#[test]
fn every_make_target_that_a_document_names_exists() {
    let makefile = fs::read_to_string(root().unwrap().join("Makefile")).unwrap();
    let targets: Vec<&str> =
        makefile.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    for target in ["help", "run", "test", "dev", "people", "import", "bench", "fmt", "clean"] {
        assert!(targets.contains(&target), "there is no make {target}");
    }
    for (document, text) in documents() {
        for command in commands(&text) {
            let Some(rest) = command.strip_prefix("make ") else { continue };
            let target = rest.split_whitespace().find(|word| !word.contains('=')).unwrap_or_default();
            assert!(targets.contains(&target), "{} names {command:?}", document.display());
        }
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut broken = Vec::new();
    for (document, text) in documents() {
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            let target = document.parent().unwrap_or(Path::new(".")).join(path);
            if !target.exists() {
                broken.push(format!("{} points to {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

fn documents() -> Vec<(PathBuf, String)> {
    let files = tree::files(&root().unwrap_or_default());
    let markdown =
        files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "md"));
    markdown.filter_map(|file| Some((file.clone(), fs::read_to_string(file).ok()?))).collect()
}

/// What stands as code in a document: the lines of its blocks, without a prompt, and the spans in its text.
fn commands(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.push(line.trim().trim_start_matches("$ "));
        } else {
            found.extend(line.split('`').skip(1).step_by(2));
        }
    }
    found
}

/// The targets of `[text](target)` and `[text]: target`, outside of code.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut in_block = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        } else if !in_block {
            for plain in line.split('`').step_by(2) {
                found.extend(plain.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next()));
            }
            let definition = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
            found.extend(definition.and_then(|(_, target)| target.split_whitespace().next()));
        }
    }
    found
}

#[test]
fn commands_and_links_are_found_where_they_stand() {
    let text = "Run `make run`, or see [this](a.md#b) and `[not](this)`.\n```sh\n$ make test X=1\n[nor](that)\n```\n[d]: e.md\n";
    assert_eq!(commands(text), ["make run", "[not](this)", "make test X=1", "[nor](that)"]);
    assert_eq!(links(text), ["a.md#b", "e.md"]);
}
