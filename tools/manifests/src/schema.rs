//! `values.schema.json`: nothing is allowed that values.yaml does not have, nor what Kubernetes or a program would refuse.

use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value, json};

use crate::Derived;
use crate::charts::Chart;
use crate::values::{Setting, Settings};

/// The chart whose `global` documents those of all charts.
pub(crate) const UMBRELLA: &str = "w2meet";

/// Shapes that several values have, by the names that `@schema {"$ref": "#/definitions/NAME"}` gives them.
const DEFINITIONS: &str = include_str!("definitions.json");
const REFERENCE: &str = "#/definitions/";

/// The shapes that values may refer to.
pub fn definitions() -> anyhow::Result<Map<String, Value>> {
    Ok(serde_json::from_str(DEFINITIONS)?)
}

/// The schema's file; `globals` are the settings of the umbrella.
pub(crate) fn derive(
    root: &Path,
    chart: &Chart,
    settings: &Settings,
    globals: &Settings,
) -> anyhow::Result<Derived> {
    let mut schema = object(&Map::new());
    let own = settings.0.iter().filter(|setting| !is_global(setting));
    for setting in globals.0.iter().filter(|setting| is_global(setting)).chain(own) {
        insert(&mut schema, &setting.path, leaf_or_object(setting));
    }
    for library in &chart.libraries {
        // Helm gives each dependency a place among the values.
        insert(&mut schema, std::slice::from_ref(library), json!({"type": "object"}));
    }
    if chart.name != UMBRELLA {
        // Another chart of the release may have globals of its own.
        schema["properties"]["global"]["additionalProperties"] = json!(true);
    }
    let all = definitions()?;
    let mut used = Map::new();
    add_definitions(&schema, &all, &mut used)?;
    schema["definitions"] = used.keys().map(|name| (name.clone(), json!(""))).collect();
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!(format!("Values of the chart {}", chart.name));
    let path = chart.folder.strip_prefix(root)?.join("values.schema.json");
    let mut content = serde_json::to_string_pretty(&schema)?;
    for (name, definition) in used {
        // Each in one line: they are written by hand elsewhere, and many.
        content = content.replace(&format!("\"{name}\": \"\""), &format!("\"{name}\": {definition}"));
    }
    content.push('\n');
    Ok(Derived { path, content })
}

/// Adds the definitions that `schema` refers to, and those that these refer to.
fn add_definitions(
    schema: &Value,
    all: &Map<String, Value>,
    used: &mut Map<String, Value>,
) -> anyhow::Result<()> {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix(REFERENCE)) {
        let found = all.get(name).with_context(|| format!("there is no definition {name}"))?;
        if used.insert(name.to_owned(), found.clone()).is_none() {
            add_definitions(found, all, used)?;
        }
    }
    let inner = schema.as_object().into_iter().flat_map(Map::values);
    for value in inner.chain(schema.as_array().into_iter().flatten()) {
        add_definitions(value, all, used)?;
    }
    Ok(())
}

fn is_global(setting: &Setting) -> bool {
    setting.path.first().is_some_and(|key| key == "global")
}

fn object(more: &Map<String, Value>) -> Value {
    let mut schema = json!({"type": "object", "additionalProperties": false, "properties": {}});
    more.iter().for_each(|(key, value)| schema[key] = value.clone());
    schema
}

fn leaf_or_object(setting: &Setting) -> Value {
    let Some(doc) = &setting.doc else { return object(&setting.schema) };
    let mut schema = json!({"description": doc});
    if !setting.schema.contains_key("$ref") {
        schema["type"] = json!(type_of(&setting.default));
        match setting.default {
            Value::Object(_) => schema["additionalProperties"] = json!(false),
            // The whole numbers of Kubernetes have 32 bits.
            Value::Number(_) => schema["maximum"] = json!(i32::MAX),
            _ => (),
        }
    }
    setting.schema.iter().for_each(|(key, value)| schema[key] = value.clone());
    schema
}

/// The JSON schema's name for the type of a default.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn insert(schema: &mut Value, path: &[String], leaf: Value) {
    match path {
        [] => {}
        [key] => schema["properties"][key] = leaf,
        [key, rest @ ..] => insert(&mut schema["properties"][key], rest, leaf),
    }
}
