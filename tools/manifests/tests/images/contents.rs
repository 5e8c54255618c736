//! What is in an image, and how it is started.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json};

use crate::archive::{Entry, Image};
use crate::build::{archive, images};

/// Above this an image takes a node seconds to fetch. Programs of the development profile compress to what those of a
/// release have unpacked.
const MOST_BYTES: u64 = 40 * 1024 * 1024;
const USER: &str = "65532:65532";
/// The only folder that a program may write to, in the image that has stores in it.
const DATA: &str = "data";
/// What all images have beside their program.
const COMMON: [&str; 4] =
    ["etc/group", "etc/nsswitch.conf", "etc/passwd", "etc/ssl/certs/ca-certificates.crt"];

#[test]
fn containers_start_the_program_as_nobody_in_particular() {
    for name in images() {
        let image = Image::open(&name).unwrap();
        let config = &image.config["config"];
        assert_eq!(config["User"], USER, "{name}");
        assert_eq!(config["Entrypoint"], json!([format!("/{name}")]), "{name}");
        assert_eq!(config["Cmd"], Value::Null, "{name}");
        assert_eq!(image.config["os"], "linux", "{name}");
        assert!(config["ExposedPorts"]["9090/tcp"].is_object(), "{name}: {config}");
        assert_eq!(image.reference, format!("docker.io/w2meet/{name}:{}", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn labels_say_what_it_is_and_what_it_was_made_of() {
    for name in images() {
        let config = Image::open(&name).unwrap().config;
        let label = |key: &str| {
            let label = &config["config"]["Labels"][format!("org.opencontainers.image.{key}")];
            label.as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(label("title"), name);
        assert_eq!(label("version"), env!("CARGO_PKG_VERSION"), "{name}");
        assert_eq!(label("licenses"), "Apache-2.0", "{name}");
        assert!(label("description").len() > 10, "{name}");
        let revision = label("revision");
        let is_commit = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        // A source archive has no history.
        assert!(is_commit || revision == "unknown", "{name}: {revision}");
    }
}

#[test]
fn there_is_one_program_and_no_shell() {
    for name in images() {
        let image = Image::open(&name).unwrap();
        let files: BTreeSet<&str> =
            image.entries.iter().filter(|entry| entry.is_file()).map(|entry| entry.path.as_str()).collect();
        let expected: BTreeSet<&str> = COMMON.into_iter().chain([name.as_str()]).collect();
        assert_eq!(files, expected, "{name}");
    }
}

#[test]
fn the_program_can_change_nothing_but_its_data() {
    for name in images() {
        for Entry { path, mode, owner, .. } in Image::open(&name).unwrap().entries {
            if name == "w2meet" && path == DATA {
                assert_eq!((mode.as_str(), owner.as_str()), ("drwxr-xr-x", "65532/65532"));
                continue;
            }
            assert_eq!(owner, "0/0", "{name}: {path}");
            let [_, _, _, set_user, _, group, set_group, _, others, _] = mode.as_bytes() else {
                panic!("{name}: {path} has the mode {mode}");
            };
            assert_eq!((group, others), (&b'-', &b'-'), "{name}: {path} has the mode {mode}");
            assert!(
                !b"sS".contains(set_user) && !b"sS".contains(set_group),
                "{name}: {path} has the mode {mode}"
            );
        }
    }
}

#[test]
fn images_are_small() {
    for name in images() {
        let bytes = fs::metadata(archive(&name).unwrap()).unwrap().len();
        assert!(bytes < MOST_BYTES, "{name} has {bytes} bytes");
    }
}
