//! A migration that a release has applied is never another one.

use std::{collections::BTreeMap, fmt::Write, fs};

use sha2::{Digest, Sha256};

use crate::{root, tree};

/// As `sha256sum` writes it, from the root of the repository.
const KNOWN: &str = include_str!("migrations.sha256");

#[test]
fn no_migration_was_edited() {
    let root = root().unwrap();
    let known: BTreeMap<&str, &str> =
        KNOWN.lines().filter_map(|line| line.split_once("  ")).map(|(sum, path)| (path, sum)).collect();
    let mut found = BTreeMap::new();
    for file in tree::files(&root.join("services")) {
        let path = file.strip_prefix(&root).unwrap().display().to_string();
        if path.contains("/migrations/") {
            let sum = Sha256::digest(fs::read(&file).unwrap());
            let sum = sum.iter().fold(String::new(), |mut sum, byte| {
                let _ = write!(sum, "{byte:02x}");
                sum
            });
            found.insert(path, sum);
        }
    }
    let found: BTreeMap<&str, &str> = found.iter().map(|(path, sum)| (path.as_str(), sum.as_str())).collect();
    assert_eq!(
        found, known,
        "databases that have a migration refuse another one of its number: write a new one, and add its line to migrations.sha256"
    );
}
