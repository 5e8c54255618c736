//! `values.schema.json`: nothing is allowed that values.yaml does not have.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::Derived;
use crate::charts::Chart;
use crate::values::{Setting, Settings};

/// The chart whose `global` documents those of all charts.
pub(crate) const UMBRELLA: &str = "w2meet";

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
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!(format!("Values of the chart {}", chart.name));
    let path = chart.folder.strip_prefix(root)?.join("values.schema.json");
    Ok(Derived { path, content: format!("{}\n", serde_json::to_string_pretty(&schema)?) })
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
    let mut schema = json!({"type": type_of(&setting.default), "description": doc});
    if setting.default.is_object() {
        schema["additionalProperties"] = json!(false);
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
