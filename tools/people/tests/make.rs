//! `make people` and `make import`, by a cargo that writes down how it is called.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

const REPOSITORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// Runs `make` with a cargo from `folder`; what it said, and a line for each argument that cargo got.
fn make(folder: &Path, arguments: &[&str]) -> (Output, Vec<String>) {
    let (cargo, called) = (folder.join("cargo"), folder.join("called"));
    fs::write(&cargo, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > '{}'\n", called.display())).unwrap();
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var_os("PATH").unwrap().to_str().unwrap());
    let mut make = Command::new("make");
    let output = make.args(["-C", REPOSITORY]).args(arguments).env("PATH", path).output().unwrap();
    let called = fs::read_to_string(called).unwrap_or_default();
    (output, called.lines().map(str::to_owned).collect())
}

#[test]
fn a_files_name_may_have_blanks_and_quotes() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["with space/p", "Ada's \"people\" & more/p.jsonl", "-/p"] {
        let file = folder.path().join(name);
        let text = file.to_str().unwrap();
        let (output, called) =
            make(folder.path(), &["people", &format!("PEOPLE={text}"), "COUNT=3", "POLLS=2"]);
        assert!(output.status.success(), "{name}: {output:?}");
        assert_eq!(called.last().map(String::as_str), Some(text), "{called:?}");
        assert!(
            String::from_utf8(output.stdout)
                .unwrap()
                .contains(&format!("3 people and 2 polls are in {text}"))
        );

        fs::write(&file, "").unwrap();
        let settings = [format!("PEOPLE={text}"), "URL=http://a b".to_owned(), "ARGS=--replace".to_owned()];
        let settings = settings.each_ref().map(String::as_str);
        let (output, called) = make(folder.path(), &[&["import"], &settings[..]].concat());
        assert!(output.status.success(), "{name}: {output:?}");
        assert_eq!(called[called.len() - 5..], ["import", text, "--url", "http://a b", "--replace"]);
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (output, called) = make(folder.path(), &["import", "PEOPLE=/no such/people"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && called.is_empty(), "{called:?}");
    assert!(said.contains("/no such/people does not exist; make people writes it"), "{said}");
}
