use k8s_openapi::{
    apimachinery::pkg::apis::meta::v1::{Condition, Time},
    jiff::Timestamp,
};
use kube::{
    Api, ResourceExt,
    core::{DeserializeGuard, error_boundary::InvalidObject},
    runtime::events::{Event, EventType},
};
use serde_json::json;
use tracing::warn;

use crate::{
    context::Context,
    report,
    resource::{ConditionType, QueueScaler},
};

/// Says of an object that cannot be read as a QueueScaler what is wrong with it. Such objects come from a definition that
/// is older or newer than this operator; they must not keep it from the others.
pub(crate) async fn report(
    context: &Context,
    object: &DeserializeGuard<QueueScaler>,
    invalid: &InvalidObject,
) {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let message = format!("this object cannot be read: {}", invalid.error);
    warn!(namespace, name, message, "a malformed QueueScaler is left alone");
    context.metrics.failed("malformed");
    let event = Event {
        type_: EventType::Warning,
        reason: "Malformed".to_owned(),
        note: Some(message.clone()),
        action: "Read".to_owned(),
        secondary: None,
    };
    report::publish(context, object, &event).await;
    let condition = Condition {
        type_: ConditionType::Ready.as_str().to_owned(),
        status: "False".to_owned(),
        reason: "Malformed".to_owned(),
        message,
        observed_generation: invalid.metadata.generation,
        last_transition_time: Time(Timestamp::now()),
    };
    let status = json!({ "observedGeneration": invalid.metadata.generation, "conditions": [condition] });
    let api = Api::namespaced(context.client.clone(), &namespace);
    if let Err(error) = report::apply_status(context, &api, &name, &status).await {
        warn!(namespace, name, %error, "the status of a malformed QueueScaler cannot be written");
    }
}
