//! The files as such.

use std::fs;
use std::path::{Path, PathBuf};

use crate::root;

/// Folders that are made and not written.
const MADE: [&str; 7] = [".dev", ".git", ".venv", "data", "node_modules", "snapshots", "target"];
/// Files that people write.
const WRITTEN: [&str; 11] = ["css", "html", "js", "lua", "md", "rs", "sh", "sql", "toml", "yaml", "yml"];
/// Longest file in lines; who writes a longer one has two files to write.
const MOST_LINES: usize = 500;

/// All files at or below `path`, but for what is made.
pub(crate) fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let kept = entries.filter(|entry| !MADE.iter().any(|made| entry.file_name() == *made));
    kept.flat_map(|entry| files(&entry.path())).collect()
}

fn written() -> Vec<(PathBuf, String)> {
    let root = root().unwrap_or_default();
    let by_hand = |file: &PathBuf| {
        let extension = file.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| WRITTEN.contains(&extension))
            || file.ends_with("Makefile")
            || file.ends_with(".ci/run")
    };
    let files = files(&root).into_iter().filter(by_hand);
    files.filter_map(|file| Some((file.clone(), fs::read_to_string(file).ok()?))).collect()
}

#[test]
fn no_file_is_longer_than_anybody_reads() {
    let files = written();
    assert!(files.len() > 50, "only {} files were found", files.len());
    for (file, text) in files {
        let lines = text.lines().count();
        assert!(lines <= MOST_LINES, "{} has {lines} lines", file.display());
    }
}

#[test]
fn nothing_is_marked_as_unfinished() {
    // Put together here, so that this file does not find itself.
    let marks = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["#[ig", "nore"],
        ["todo", "!("],
        ["unimple", "mented!("],
    ];
    for (file, text) in written() {
        for mark in marks.map(|parts| parts.concat()) {
            let found = text.lines().position(|line| line.contains(&mark));
            assert_eq!(found, None, "{mark} in {}, line from 0", file.display());
        }
    }
}
