//! What scripts/images.sh says to those who call it wrongly, or without what it needs.

use std::fs;

use manifests::root;

use crate::build::{images, images_sh};

fn refusal(args: &[&str], setup: impl FnOnce(&std::path::Path)) -> String {
    let out = tempfile::tempdir().unwrap();
    setup(out.path());
    let done = images_sh(args, out.path()).output().unwrap();
    assert!(!done.status.success(), "{args:?} was accepted");
    let text = String::from_utf8(done.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    text
}

#[test]
fn an_unknown_image_is_named_with_those_that_exist() {
    let text = refusal(&["archives", "users-service"], |_| ());
    assert!(text.contains("there is no image users-service"), "{text}");
    for image in images() {
        assert!(text.contains(&image), "{text}");
    }
}

#[test]
fn a_missing_binary_is_named_with_what_builds_it() {
    let text = refusal(&["archives", "user-service"], |_| ());
    assert!(text.contains("root/bin/user-service does not exist"), "{text}");
}

/// Such a program would start everywhere but in the image.
#[test]
fn a_binary_that_needs_a_loader_is_refused() {
    let text = refusal(&["archives", "user-service"], |out| {
        fs::create_dir_all(out.join("root/bin")).unwrap();
        fs::copy("/bin/true", out.join("root/bin/user-service")).unwrap();
    });
    assert!(text.contains("user-service is not static"), "{text}");
}

#[test]
fn a_wrong_command_is_answered_with_the_right_ones() {
    for args in [&[][..], &["push"]] {
        assert!(refusal(args, |_| ()).contains("build|binaries|archives|kind-load"));
    }
}

#[test]
fn shell_scripts_are_clean() {
    let scripts = fs::read_dir(root().join("scripts")).unwrap().map(|entry| entry.unwrap().path());
    let scripts: Vec<_> =
        scripts.filter(|path| path.extension().is_some_and(|extension| extension == "sh")).collect();
    assert!(scripts.len() > 1);
    let checked = std::process::Command::new("shellcheck").args(&scripts).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}
