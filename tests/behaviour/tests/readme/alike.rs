//! Comparing JSON in which ids and moments are made up anew in every run.

use std::collections::HashMap;

use anyhow::{Context, bail, ensure};
use serde_json::Value;

/// The ids of the README, each with the one that stands for it in this run: one for one, wherever they appear.
#[derive(Clone, Debug, Default)]
pub(crate) struct Names {
    here: HashMap<String, String>,
    there: HashMap<String, String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    /// An id or a token of this many characters.
    Id(usize),
    /// An instant to the microsecond: when something was done.
    Moment,
    Text,
}

impl Names {
    /// Lets `here`, as the README has it, stand for what it is called in this run.
    pub(crate) fn stand_for(&mut self, here: &str, there: &str) {
        self.here.insert(here.to_owned(), there.to_owned());
    }

    /// Whether `printed` is what the README has, but for ids and moments.
    ///
    /// # Errors
    /// Where they differ.
    pub(crate) fn alike(&mut self, expected: &Value, printed: &Value) -> anyhow::Result<()> {
        match (expected, printed) {
            (Value::Object(expected), Value::Object(printed)) => {
                let (mut names, mut found): (Vec<_>, Vec<_>) =
                    (expected.keys().collect(), printed.keys().collect());
                names.sort();
                found.sort();
                ensure!(names == found, "other members: {names:?} and {found:?}");
                for (name, value) in expected {
                    self.alike(value, &printed[name]).with_context(|| format!("in {name:?}"))?;
                }
                Ok(())
            }
            (Value::Array(expected), Value::Array(printed)) => {
                ensure!(
                    expected.len() == printed.len(),
                    "{} elements and not {}",
                    printed.len(),
                    expected.len()
                );
                for (index, (expected, printed)) in expected.iter().zip(printed).enumerate() {
                    self.alike(expected, printed).with_context(|| format!("in element {index}"))?;
                }
                Ok(())
            }
            (Value::String(expected), Value::String(printed)) => self.text(expected, printed),
            (expected, printed) if expected == printed => Ok(()),
            (expected, printed) => bail!("{printed} and not {expected}"),
        }
    }

    fn text(&mut self, expected: &str, printed: &str) -> anyhow::Result<()> {
        let alike = match (kind(expected), kind(printed)) {
            (Kind::Moment, Kind::Moment) => true,
            (Kind::Id(length), Kind::Id(other)) if length == other => {
                let here = self.here.entry(expected.to_owned()).or_insert_with(|| printed.to_owned());
                let there = self.there.entry(printed.to_owned()).or_insert_with(|| expected.to_owned());
                here == printed && there == expected
            }
            _ => expected == printed || self.here.get(expected).is_some_and(|there| there == printed),
        };
        ensure!(alike, "{printed:?} and not {expected:?}");
        Ok(())
    }
}

fn kind(text: &str) -> Kind {
    let is_name = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    match text.len() {
        // An id, a UUID, a token.
        length @ (22 | 36 | 43) if is_name => Kind::Id(length),
        _ if text.contains('.') && text.parse::<jiff::Timestamp>().is_ok() => Kind::Moment,
        _ => Kind::Text,
    }
}

#[test]
fn ids_stand_for_ids_one_for_one_and_all_else_is_equal() {
    let alike = |expected: Value, printed: Value| Names::default().alike(&expected, &printed).is_ok();
    let (a, b) = ("J5VQT4OmnPVjvVP9BBNQzg", "kUeBAWsaAWtbpBi-AN5JgQ");
    assert!(alike(serde_json::json!([a, a, 1]), serde_json::json!([b, b, 1])));
    assert!(!alike(serde_json::json!([a, a]), serde_json::json!([b, a])));
    assert!(!alike(serde_json::json!([a, b]), serde_json::json!([b, b])));
    assert!(alike("2026-11-23T22:57:53.7Z".into(), "2027-11-23T22:57:53.72Z".into()));
    assert!(!alike("2026-11-23T22:57:53Z".into(), "2027-11-23T22:57:53Z".into()));
    assert!(!alike(serde_json::json!({"a": 1}), serde_json::json!({"a": 1, "b": 2})));
    assert!(!alike("Ada".into(), "Bob".into()));
}
