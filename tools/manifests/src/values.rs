//! The values of a chart, with what the comments above them say.
//!
//! `# -- text` documents the key below it, in one line. `# @schema {…}` adds to its JSON schema. Both stand directly
//! above the key. Flow style is for what has no documented keys inside.

use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Map, Value};

use crate::charts::yaml;
use crate::schema::definitions;

/// One key of a values file.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its path, such as `image.tag`.
    pub path: Vec<String>,
    /// What it is; without it the key only holds others.
    pub doc: Option<String>,
    /// What its schema says beside the type.
    pub schema: Map<String, Value>,
    pub default: Value,
}

impl Setting {
    /// What its schema says beside the type, or what the definition says that it refers to.
    pub fn constraints(&self) -> anyhow::Result<Map<String, Value>> {
        let reference = self.schema.get("$ref").and_then(Value::as_str);
        let Some(name) = reference.and_then(|reference| reference.rsplit('/').next()) else {
            return Ok(self.schema.clone());
        };
        let definition = definitions()?.remove(name);
        let definition = definition.with_context(|| format!("there is no definition {name}"))?;
        Ok(serde_json::from_value(definition)?)
    }
}

/// All keys of a values file, in its order, except those inside a documented one.
#[derive(Clone, Debug)]
pub struct Settings(pub Vec<Setting>);

impl Settings {
    /// Reads a values file.
    ///
    /// # Errors
    /// When it cannot be read, or a key has neither documentation nor documented keys inside.
    pub fn read(file: &Path) -> anyhow::Result<Settings> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let settings = keys(&text, &yaml(file)?).with_context(|| format!("in {}", file.display()))?;
        for (at, setting) in settings.iter().enumerate() {
            let holds_next = settings.get(at + 1).is_some_and(|next| next.path.starts_with(&setting.path));
            let path = setting.path.join(".");
            ensure!(setting.doc.is_some() || holds_next, "{}: {path} is not documented", file.display());
        }
        Ok(Settings(settings))
    }
}

fn keys(text: &str, values: &Value) -> anyhow::Result<Vec<Setting>> {
    let mut found: Vec<Setting> = Vec::new();
    // The keys that the line at hand is inside of, each with its indentation.
    let mut inside: Vec<(usize, String)> = Vec::new();
    let mut comments: Vec<&str> = Vec::new();
    for line in text.lines() {
        let content = line.trim_start();
        let indentation = line.len() - content.len();
        if let Some(comment) = content.strip_prefix('#') {
            comments.push(comment.trim());
            continue;
        }
        if content.is_empty() {
            comments.clear();
            continue;
        }
        let above = std::mem::take(&mut comments);
        let Some(key) = key(content) else { continue };
        inside.retain(|(outer, _)| *outer < indentation);
        let documented = found.iter().rev().find(|setting| setting.doc.is_some());
        let outer: Vec<String> = inside.iter().map(|(_, key)| key.clone()).collect();
        if documented.is_some_and(|setting| outer.starts_with(&setting.path)) {
            continue;
        }
        inside.push((indentation, key.to_owned()));
        let path: Vec<String> = outer.into_iter().chain([key.to_owned()]).collect();
        let default = at(values, &path).with_context(|| format!("{} is not a key", path.join(".")))?;
        found.push(setting(path, &above, default.clone())?);
    }
    Ok(found)
}

/// The key of a line such as `key: value`.
fn key(content: &str) -> Option<&str> {
    let (key, rest) = content.split_once(':')?;
    let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (plain && !content.starts_with('-') && (rest.is_empty() || rest.starts_with(' '))).then_some(key)
}

fn at<'a>(values: &'a Value, path: &[String]) -> Option<&'a Value> {
    path.iter().try_fold(values, |value, key| value.get(key))
}

fn setting(path: Vec<String>, comments: &[&str], default: Value) -> anyhow::Result<Setting> {
    let doc = comments.iter().find_map(|comment| comment.strip_prefix("-- ")).map(str::to_owned);
    let schema = match comments.iter().find_map(|comment| comment.strip_prefix("@schema ")) {
        Some(text) => {
            serde_json::from_str(text).with_context(|| format!("the @schema of {}", path.join(".")))?
        }
        None => Map::new(),
    };
    Ok(Setting { path, doc, schema, default })
}
