//! Every object through the type that the API server would read it into: what it would drop is a mistake.

use k8s_openapi::api::{
    admissionregistration::v1::{ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding},
    apps::v1::{Deployment, StatefulSet},
    autoscaling::v2::HorizontalPodAutoscaler,
    batch::v1::Job,
    core::v1::{ConfigMap, Secret, Service, ServiceAccount},
    networking::v1::{Ingress, NetworkPolicy},
    policy::v1::PodDisruptionBudget,
    rbac::v1::{Role, RoleBinding},
};
use std::collections::BTreeSet;

use k8s_openapi::serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::render::{containers, pods, title, variants};

fn round_trip<T: Serialize + DeserializeOwned>(object: &Value) -> Value {
    let typed: Result<T, _> = serde_json::from_value(object.clone());
    let typed = typed.unwrap_or_else(|error| panic!("{}: {error}", title(object)));
    serde_json::to_value(typed).unwrap()
}

#[test]
fn every_object_is_the_same_after_a_round_trip_through_its_type() {
    for object in variants().values().flat_map(|variant| &variant.objects) {
        let after = match object["kind"].as_str().unwrap() {
            "ConfigMap" => round_trip::<ConfigMap>(object),
            "Deployment" => round_trip::<Deployment>(object),
            "HorizontalPodAutoscaler" => round_trip::<HorizontalPodAutoscaler>(object),
            "Ingress" => round_trip::<Ingress>(object),
            "Job" => round_trip::<Job>(object),
            "NetworkPolicy" => round_trip::<NetworkPolicy>(object),
            "PodDisruptionBudget" => round_trip::<PodDisruptionBudget>(object),
            "Role" => round_trip::<Role>(object),
            "RoleBinding" => round_trip::<RoleBinding>(object),
            "Secret" => round_trip::<Secret>(object),
            "Service" => round_trip::<Service>(object),
            "ServiceAccount" => round_trip::<ServiceAccount>(object),
            "StatefulSet" => round_trip::<StatefulSet>(object),
            "ValidatingAdmissionPolicy" => round_trip::<ValidatingAdmissionPolicy>(object),
            "ValidatingAdmissionPolicyBinding" => round_trip::<ValidatingAdmissionPolicyBinding>(object),
            "HTTPRoute" | "QueueScaler" | "ServiceMonitor" => continue,
            other => panic!("{other} is a kind that nobody expected"),
        };
        assert_eq!(after, *object, "{}", title(object));
    }
}

/// Server-side apply refuses a name that stands twice, also where one means to override the other.
#[test]
fn no_variable_of_the_environment_stands_twice() {
    for (variant, rendered) in variants() {
        for (workload, pod) in pods(&rendered.objects) {
            for container in containers(pod) {
                let mut names = BTreeSet::new();
                for variable in container["env"].as_array().into_iter().flatten() {
                    let name = variable["name"].as_str().unwrap();
                    assert!(names.insert(name), "{variant}: {} sets {name} twice", title(workload));
                }
            }
        }
    }
    let decorated = pods(&variants()["decorated"].objects);
    let mut users = decorated.iter().filter(|(found, _)| title(found) == "Deployment w2meet-user-service");
    let (_, pod) = users.next().unwrap();
    let container = &pod["spec"]["containers"][0];
    let variables = container["env"].as_array().unwrap();
    let level = variables.iter().find(|variable| variable["name"] == "LOG_LEVEL").unwrap();
    assert_eq!(level["value"], "debug");
}
