//! What the documents tell people to type: files that exist, and values that the charts know.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;

use manifests::{helm::template, root};

const DOCUMENTS: [&str; 3] = ["README.md", "docs/install.md", "docs/operations.md"];
/// Folders of this repository that commands name.
const FOLDERS: [&str; 4] = ["charts/", "k8s/", "operator/", "scripts/"];
/// Flags of an installation that rendering a chart does not have, and whether a value follows.
const ONLY_FOR_CLUSTERS: [(&str, bool); 3] =
    [("--wait", false), ("--timeout", true), ("--reset-then-reuse-values", false)];

/// The lines in blocks of code, with the document's name.
fn commands() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with("```") {
                inside = !inside;
            } else if inside {
                found.push((document, line.trim().to_owned()));
            }
        }
    }
    found
}

#[test]
fn files_in_commands_exist() {
    let mut seen = 0;
    for (document, command) in commands() {
        for word in
            command.split_whitespace().filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)))
        {
            assert!(root().join(word).exists(), "{document}: {word} does not exist: {command}");
            seen += 1;
        }
    }
    assert!(seen > 5, "only {seen} files were found");
}

/// The charts refuse a value that they do not know, so what can be rendered can be typed.
#[test]
fn installations_name_values_that_exist() {
    let mut seen = 0;
    for (document, command) in commands() {
        let Some(rest) = command.strip_prefix("helm install ").or(command.strip_prefix("helm upgrade "))
        else {
            continue;
        };
        let mut arguments = Vec::new();
        let mut words = rest.split_whitespace();
        while let Some(word) = words.next() {
            match ONLY_FOR_CLUSTERS.iter().find(|(flag, _)| *flag == word) {
                Some((_, true)) => drop(words.next()),
                Some((_, false)) => (),
                None => arguments.push(word),
            }
        }
        if let Err(error) = template(&root(), &arguments) {
            panic!("{document}: {command}: {error:#}");
        }
        seen += 1;
    }
    assert!(seen > 4, "only {seen} installations were found");
}

/// The three ways in of the table of gateways.
#[test]
fn each_gateway_of_the_table_can_be_had() {
    let text = fs::read_to_string(root().join("docs/install.md")).unwrap();
    let rows: Vec<&str> =
        text.lines().filter(|line| line.starts_with("| ") && line.contains("`--set ")).collect();
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in rows {
        let (_, rest) = row.split_once("`--set ").unwrap();
        let values = rest.split('`').next().unwrap();
        template(&root(), &["w2meet", "charts/w2meet", "--set", values]).unwrap();
    }
}
