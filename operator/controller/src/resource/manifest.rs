use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::CustomResourceExt;
use serde_json::Value;

use super::QueueScaler;

/// The definition of `QueueScaler` for the API server.
pub fn crd() -> Result<CustomResourceDefinition, serde_json::Error> {
    let mut definition = serde_json::to_value(QueueScaler::crd())?;
    name_known_formats(&mut definition);
    serde_json::from_value(definition)
}

/// The API server knows signed formats only and warns of others; no field here comes near their limits.
fn name_known_formats(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(format)) = fields.get_mut("format") {
                match format.as_str() {
                    "uint8" | "uint16" | "uint32" => *format = "int32".to_owned(),
                    "uint64" => *format = "int64".to_owned(),
                    _ => (),
                }
            }
            fields.values_mut().for_each(name_known_formats);
        }
        Value::Array(items) => items.iter_mut().for_each(name_known_formats),
        _ => (),
    }
}
