//! What the descriptions of all services have in common.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema, openapi::OpenApi};
use wire::{CaseId, ErrorBody};

/// The description of the service `name` behind `prefix`: each reply has a Case-ID, and each error the body of all errors.
pub(crate) fn describe(routes: &OpenApi, name: &str, prefix: &str) -> Value {
    let mut api = serde_json::to_value(routes).unwrap_or_default();
    api["info"] = json!({
        "title": format!("W2Meet {name}"),
        "version": env!("CARGO_PKG_VERSION"),
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    });
    // The service answers there with and without a gateway in front of it.
    api["servers"] = json!([{"url": prefix}]);
    let mut schemas = vec![(ErrorBody::name().into_owned(), ErrorBody::schema())];
    ErrorBody::schemas(&mut schemas);
    for (name, schema) in schemas {
        api["components"]["schemas"][name] = serde_json::to_value(schema).unwrap_or_default();
    }
    for (_, path) in members(&mut api["paths"]) {
        for (_, operation) in members(path) {
            let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
            for parameter in parameters.into_iter().flatten() {
                refuse_null(&mut parameter["schema"]);
            }
            describe_replies(&mut operation["responses"]);
        }
    }
    api
}

/// A parameter is there or not there, but never `null`.
fn refuse_null(schema: &mut Value) {
    if let Some(kinds) = schema["type"].as_array() {
        schema["type"] = kinds.iter().find(|kind| *kind != "null").cloned().unwrap_or_default();
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let mut others = choices.iter().filter(|choice| choice["type"] != "null").cloned();
        *schema = others.next().unwrap_or_default();
    }
}

fn describe_replies(replies: &mut Value) {
    if let Value::Object(replies) = replies {
        let others = json!({"description": "Any other error"});
        replies.entry("default").or_insert(others);
    }
    for (status, reply) in members(replies) {
        let description = "The id that follows the request: the caller's, or a new one";
        let schema =
            json!({"type": "string", "pattern": "^[A-Za-z0-9._-]+$", "maxLength": CaseId::MAX_LENGTH});
        reply["headers"][CaseId::HEADER] = json!({"description": description, "schema": schema});
        let is_error = !status.starts_with(['2', '3']);
        if is_error && reply["content"].is_null() {
            let schema = json!({"$ref": "#/components/schemas/ErrorBody"});
            reply["content"] = json!({"application/json": {"schema": schema}});
        }
    }
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}
