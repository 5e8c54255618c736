use std::fmt::{self, Write};

use serde_json::{Map, Value};

use super::crd;

const INTRODUCTION: &str = "\
# QueueScaler

One object for each queue whose workers the operator scales; [how it decides](operator.md#how-it-decides) stands elsewhere.
This page is made from the definition by `make operator-files`.
";

/// The reference of the resource's fields, as Markdown, from its schema.
pub(crate) fn reference_page() -> anyhow::Result<String> {
    let definition = serde_json::to_value(crd()?)?;
    let version = &definition["spec"]["versions"][0];
    let schema = &version["schema"]["openAPIV3Schema"];
    let mut page = INTRODUCTION.to_owned();
    writeln!(
        page,
        "\n```yaml\napiVersion: {}/{}",
        text(&definition["spec"]["group"]),
        text(&version["name"])
    )?;
    writeln!(page, "kind: {}\n```", text(&definition["spec"]["names"]["kind"]))?;
    for part in ["spec", "status"] {
        table(&mut page, part, &schema["properties"][part], 2)?;
    }
    columns(&mut page, &version["additionalPrinterColumns"])?;
    Ok(page)
}

/// A section with a row for each field of an object, then those of the objects in it.
fn table(page: &mut String, path: &str, schema: &Value, level: usize) -> fmt::Result {
    writeln!(page, "\n{} {path}\n\n{}\n", "#".repeat(level), sentence(schema))?;
    let empty = Map::new();
    let fields = schema["properties"].as_object().unwrap_or(&empty);
    writeln!(page, "| field | type | default | meaning |\n|---|---|---|---|")?;
    for (name, field) in fields {
        let required =
            schema["required"].as_array().is_some_and(|names| names.contains(&Value::from(name.as_str())));
        let default = match &field["default"] {
            Value::Null if required => "required".to_owned(),
            Value::Null => String::new(),
            Value::Object(_) => "as below".to_owned(),
            value => format!("`{value}`"),
        };
        writeln!(page, "| `{name}` | {} | {default} | {} |", kind(field), sentence(field))?;
    }
    rules(page, schema, fields)?;
    for (name, field) in fields {
        let inner = if field["type"] == "array" { &field["items"] } else { field };
        if inner["properties"].is_object() && name != "conditions" {
            table(page, &format!("{path}.{name}"), inner, 3)?;
        }
    }
    Ok(())
}

fn rules(page: &mut String, schema: &Value, fields: &Map<String, Value>) -> fmt::Result {
    let mut rules = Vec::new();
    for part in
        std::iter::once(schema).chain(fields.values().filter(|field| !field["properties"].is_object()))
    {
        rules.extend(part["x-kubernetes-validations"].as_array().into_iter().flatten());
    }
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(page, "\nRules:\n")?;
    rules.iter().try_for_each(|rule| writeln!(page, "- {}", text(&rule["message"])))
}

fn columns(page: &mut String, columns: &Value) -> fmt::Result {
    writeln!(
        page,
        "\n## Columns of kubectl get queuescalers\n\n| column | field | meaning |\n|---|---|---|"
    )?;
    columns.as_array().into_iter().flatten().try_for_each(|column| {
        let path = text(&column["jsonPath"]).trim_start_matches('.');
        writeln!(
            page,
            "| {} | `{path}` | {} |",
            text(&column["name"]).to_uppercase(),
            text(&column["description"])
        )
    })
}

/// The type of a field with what its values are confined to.
fn kind(field: &Value) -> String {
    if let Some(words) = field["enum"].as_array() {
        let words: Vec<String> =
            words.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    let base = match text(&field["type"]) {
        "array" => "list",
        _ if field["format"] == "date-time" => "time",
        other => other,
    };
    match (field["minimum"].as_f64(), field["maximum"].as_f64()) {
        (Some(least), Some(most)) => format!("{base}, {least} to {most}"),
        _ => base.to_owned(),
    }
}

fn sentence(schema: &Value) -> String {
    text(&schema["description"]).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
