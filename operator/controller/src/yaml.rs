use serde::Serialize;

/// A document in YAML, as `kubectl` reads it, with keys in alphabetical order.
pub fn to_yaml(document: &impl Serialize) -> anyhow::Result<String> {
    // By way of a value, whose maps are sorted and have no fields without content.
    Ok(serde_saphyr::to_string(&serde_json::to_value(document)?)?)
}
