//! The files of the page: whole, small, and what they claim to be.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use page::{Encoding, asset, assets};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Most bytes of everything that a browser loads to show the first screen, with Brotli.
const FIRST_LOAD: usize = 45 * 1024;
/// What each screen needs besides its own file, the document, and the texts of one language.
const NEEDED: [&str; 5] = ["app.js", "style.css", "vendor/preact.js", "vendor/hooks.js", "vendor/htm.js"];
/// Most bytes of what a poll's screen loads once it can be read and joined.
const POLL_SECTIONS: usize = 26 * 1024;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(name)
}

/// Bytes of a file that is served, with Brotli.
fn compressed(path: &str) -> usize {
    let found = assets().iter().find(|asset| asset.path == path);
    found.map(|asset| asset.bytes(Encoding::Brotli).len()).unwrap_or_else(|| panic!("{path} is not served"))
}

#[test]
fn the_first_screen_is_small_and_takes_few_requests() {
    let document = usize::try_from(fs::metadata(folder("index.html")).unwrap().len()).unwrap();
    let texts = assets().iter().filter(|asset| asset.path.starts_with("texts/"));
    let largest = texts.map(|texts| texts.bytes(Encoding::Brotli).len()).max().unwrap();
    for screen in ["poll.js", "screens.js", "person.js"] {
        let sum = document + largest + NEEDED.into_iter().chain([screen]).map(compressed).sum::<usize>();
        assert!(sum <= FIRST_LOAD, "{screen}: {sum} bytes");
    }
    // With the document, the texts of one language, and the screen.
    assert!(NEEDED.len() + 3 <= 8);
    let later = compressed("poll-sections.js");
    assert!(later <= POLL_SECTIONS, "{later} bytes");
}

#[test]
fn what_is_compressed_unpacks_to_what_it_was() {
    for asset in assets() {
        let plain = asset.bytes(Encoding::Identity);
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut asset.bytes(Encoding::Brotli), &mut unpacked).unwrap();
        assert_eq!(unpacked, plain, "{}", asset.path);
        let mut unpacked = Vec::new();
        std::io::copy(&mut flate2::read::GzDecoder::new(asset.bytes(Encoding::Gzip)), &mut unpacked).unwrap();
        assert_eq!(unpacked, plain, "{}", asset.path);
    }
}

#[test]
fn vendored_modules_are_those_of_npm_and_have_their_licence_beside_them() {
    let listed = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("vendored.json")).unwrap();
    let listed: BTreeMap<String, Value> = serde_json::from_str(&listed).unwrap();
    let there = files(&folder("vendor"), "js").unwrap();
    assert_eq!(there.len(), listed.len(), "{there:?}");
    for (name, source) in listed {
        let content = fs::read(folder("vendor").join(&name)).unwrap();
        let hash: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(source["sha256"], hash, "{name} is not what {source} names");
        let licence = format!("{}.LICENSE", source["package"].as_str().unwrap());
        assert!(folder("vendor").join(&licence).exists(), "{licence} is missing");
    }
}

#[test]
fn a_file_of_this_build_may_be_kept_for_ever_and_one_asked_for_by_another_name_not_at_all() {
    let document = page::document(
        axum::http::StatusCode::OK,
        &page::Document {
            title: "",
            description: "",
            screen: page::Screen::Other,
            has_status: false,
            access: "open",
        },
    );
    let policy = document.headers()["content-security-policy"].to_str().unwrap();
    assert!(!policy.contains("unsafe"), "{policy}");
    let asked = axum::http::HeaderMap::new();
    let other = asset("another", "app.js", &asked).unwrap();
    assert_eq!(other.headers()["cache-control"], "no-store");
    assert!(asset("another", "nothing.js", &asked).is_err());
}

/// Modules are joined into one scope, where a second name of the kind would be a fault of the whole.
#[test]
fn no_two_modules_have_the_same_name_at_their_top() {
    let mut places: BTreeMap<String, BTreeSet<PathBuf>> = BTreeMap::new();
    for module in files(&folder("app"), "js").unwrap() {
        for line in fs::read_to_string(&module).unwrap().lines() {
            if let Some(name) = declared(line) {
                places.entry(name.to_owned()).or_default().insert(module.clone());
            }
        }
    }
    let doubles: Vec<_> = places.iter().filter(|(_, places)| places.len() > 1).collect();
    assert!(doubles.is_empty(), "{doubles:#?}");
}

/// The name that a line without indentation declares.
fn declared(line: &str) -> Option<&str> {
    let line = line.strip_prefix("export ").unwrap_or(line);
    let line = line.strip_prefix("async ").unwrap_or(line);
    let rest = ["const ", "let ", "function ", "class "].iter().find_map(|kind| line.strip_prefix(kind))?;
    Some(rest.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').next().unwrap_or_default())
        .filter(|name| !name.is_empty())
}

fn files(folder: &Path, extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    Ok(found)
}
