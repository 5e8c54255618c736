//! The words of the page: the same in every language, and all that the screens ask for.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use serde_json::Value;

/// The forms of a number (CLDR) that a language has; a text with forms has all of them.
const PLURALS: [(&str, &[&str]); 3] = [
    ("ar", &["few", "many", "one", "other", "two", "zero"]),
    ("de", &["one", "other"]),
    ("en", &["one", "other"]),
];

fn assets() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/assets"))
}

/// Each text of a language by its key, with the names that it fills in; of a text with forms those of `other`.
fn texts(language: &str) -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
    let file = assets().join("texts").join(format!("{language}.json"));
    let all: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
    let mut found = BTreeMap::new();
    collect(language, "", &all, &mut found)?;
    Ok(found)
}

fn collect(
    language: &str,
    key: &str,
    value: &Value,
    found: &mut BTreeMap<String, BTreeSet<String>>,
) -> anyhow::Result<()> {
    match value {
        Value::String(text) => {
            assert!(!text.trim().is_empty(), "{language}: {key} is empty");
            found.insert(key.to_owned(), filled_in(text));
        }
        Value::Object(forms) if forms.contains_key("other") => {
            let there: Vec<&str> =
                forms.keys().map(String::as_str).collect::<BTreeSet<_>>().into_iter().collect();
            let wanted = PLURALS.iter().find(|(name, _)| *name == language).map(|(_, forms)| *forms);
            assert_eq!(Some(&*there), wanted, "{language}: {key}");
            found.insert(key.to_owned(), filled_in(forms["other"].as_str().context("a form is no text")?));
        }
        Value::Object(members) => {
            for (name, member) in members {
                let inner = if key.is_empty() { name.clone() } else { format!("{key}.{name}") };
                collect(language, &inner, member, found)?;
            }
        }
        other => bail!("{language}: {key} is {other}"),
    }
    Ok(())
}

fn filled_in(text: &str) -> BTreeSet<String> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_language_has_every_text_and_fills_in_the_same() {
    let english = texts("en").unwrap();
    assert!(english.len() > 100, "{}", english.len());
    for (language, _) in PLURALS {
        let others = texts(language).unwrap();
        let missing: Vec<_> = english.keys().filter(|key| !others.contains_key(*key)).collect();
        let unknown: Vec<_> = others.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(
            missing.is_empty() && unknown.is_empty(),
            "{language}: {missing:?} are missing, {unknown:?} unknown"
        );
        for (key, names) in &english {
            assert_eq!(&others[key], names, "{language}: {key}");
        }
    }
}

#[test]
fn there_are_as_many_files_as_languages() {
    let files = fs::read_dir(assets().join("texts")).unwrap().count();
    assert_eq!(files, PLURALS.len());
}

/// Keys that are put together, such as `poll.tabs.${name}`, have a part that can be looked for.
#[test]
fn every_text_that_a_screen_asks_for_is_there() {
    let english = texts("en").unwrap();
    let mut asked = 0;
    let mut missing = Vec::new();
    for module in modules(&assets().join("app")).unwrap() {
        let text = fs::read_to_string(&module).unwrap();
        for (at, call) in text.match_indices("t(\"") {
            // The end of a longer name, such as `import("`.
            if text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let key = text[at + call.len()..].split('"').next().unwrap();
            asked += 1;
            if !english.contains_key(key) {
                missing.push(format!("{key} in {}", module.display()));
            }
        }
    }
    assert!(asked > 100, "only {asked} were found");
    assert!(missing.is_empty(), "{missing:#?}");
}

fn modules(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(modules(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
