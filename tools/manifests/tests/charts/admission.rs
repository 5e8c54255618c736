//! What the operator may do to Secrets and pods: the Roles, and the admission policy, evaluated on changes of a pod.

use std::collections::BTreeMap;

use cel::{Context, Program};
use serde_json::{Value, json};

use crate::render::{NAMESPACE, name, of_kind, title, variants};

/// The annotation that Kubernetes reads to choose which pods go first.
const COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const OPERATOR: &str = "system:serviceaccount:w2meet:w2meet-operator";

#[test]
fn secrets_may_be_read_by_name_alone_and_only_those_that_a_queue_scaler_names() {
    for (variant, rendered) in variants() {
        let mut readable = Vec::new();
        for role in of_kind(&rendered.objects, "Role") {
            for rule in role["rules"].as_array().unwrap() {
                if rule["resources"].as_array().unwrap().contains(&json!("secrets")) {
                    assert_eq!(rule["verbs"], json!(["get"]), "{variant}: {}", title(role));
                    let names = rule["resourceNames"].as_array();
                    readable.extend(names.unwrap_or_else(|| panic!("{variant}: {}", title(role))).clone());
                }
            }
        }
        let mut named: Vec<Value> = of_kind(&rendered.objects, "QueueScaler")
            .flat_map(|scaler| {
                ["credentialsSecretRef", "caSecretRef"]
                    .map(|field| scaler["spec"]["queue"][field]["name"].clone())
            })
            .filter(|name| !name.is_null())
            .collect();
        named.dedup();
        assert_eq!(readable, named, "{variant}");
    }
}

/// Whether the policy of the default release lets `user` change `before` to `after`.
fn admits(user: &str, sub_resource: &str, before: &Value, after: &Value) -> bool {
    let policy = of_kind(&variants()["default"].objects, "ValidatingAdmissionPolicy").next().unwrap();
    let mut context = Context::default();
    let mut request = json!({"userInfo": {"username": user}, "operation": "UPDATE"});
    // The API server leaves out what is empty.
    if !sub_resource.is_empty() {
        request["subResource"] = json!(sub_resource);
    }
    for (name, value) in [("request", &request), ("object", after), ("oldObject", before)] {
        context.add_variable(name, value).unwrap();
    }
    let evaluate = |expression: &Value, context: &Context| {
        let program = Program::compile(expression.as_str().unwrap()).unwrap();
        program.execute(context).unwrap_or_else(|error| panic!("{expression}: {error}")).json().unwrap()
    };
    let each = |list: &str| policy["spec"][list].as_array().unwrap().iter();
    if !each("matchConditions").all(|condition| evaluate(&condition["expression"], &context) == json!(true)) {
        return true;
    }
    let mut variables = BTreeMap::new();
    for variable in each("variables") {
        variables.insert(variable["name"].as_str().unwrap(), evaluate(&variable["expression"], &context));
    }
    context.add_variable("variables", variables).unwrap();
    each("validations").all(|validation| evaluate(&validation["expression"], &context) == json!(true))
}

fn pod() -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "worker-1", "labels": {"app": "worker"}, "annotations": {"team": "meet"}},
        "spec": {"containers": [{"name": "worker", "image": "worker:1"}], "activeDeadlineSeconds": null},
    })
}

#[test]
fn the_operator_changes_the_deletion_cost_of_a_pod_and_nothing_else() {
    let before = pod();
    let mut marked = before.clone();
    marked["metadata"]["annotations"][COST] = json!("3");
    assert!(admits(OPERATOR, "", &before, &marked));
    let mut marked_again = marked.clone();
    marked_again["metadata"]["annotations"][COST] = json!("0");
    assert!(admits(OPERATOR, "", &marked, &marked_again));
    let mut plain = before.clone();
    plain["metadata"].as_object_mut().unwrap().remove("annotations");
    let mut first = plain.clone();
    first["metadata"]["annotations"] = json!({COST: "1"});
    assert!(admits(OPERATOR, "", &plain, &first));

    for (pointer, value) in [
        ("/spec/containers/0/image", json!("evil:1")),
        ("/spec/activeDeadlineSeconds", json!(1)),
        ("/metadata/labels", json!({"app": "other"})),
        ("/metadata/annotations", json!({"team": "other"})),
        ("/metadata/annotations", json!({})),
        ("/metadata/annotations", json!({"team": "meet", "other": "x"})),
        ("/metadata", json!({"name": "worker-1", "labels": {"app": "worker"}})),
        (
            "/metadata",
            json!({"name": "worker-1", "labels": {"app": "worker"}, "annotations": {"team": "meet"}, "finalizers": ["x/y"]}),
        ),
        (
            "/metadata",
            json!({"name": "worker-1", "labels": {"app": "worker"}, "annotations": {"team": "meet"}, "ownerReferences": [{"uid": "1"}]}),
        ),
    ] {
        let mut after = marked.clone();
        *after.pointer_mut(pointer).unwrap() = value;
        let mut from = before.clone();
        // The cost may come along; what else differs may not.
        from["metadata"]["annotations"][COST] = json!("3");
        assert!(!admits(OPERATOR, "", &from, &after), "{pointer} may be changed: {after}");
        assert!(admits("system:serviceaccount:w2meet:somebody", "", &from, &after), "{pointer}");
    }
    for sub_resource in ["ephemeralcontainers", "status", "resize"] {
        assert!(!admits(OPERATOR, sub_resource, &before, &marked), "{sub_resource}");
    }
}

#[test]
fn the_policy_is_about_the_account_of_the_operator_and_is_bound() {
    for (variant, rendered) in variants() {
        let operators =
            of_kind(&rendered.objects, "Deployment").filter(|found| name(found).ends_with("-operator"));
        let accounts: Vec<String> = operators
            .map(|found| {
                format!(
                    "system:serviceaccount:{NAMESPACE}:{}",
                    found["spec"]["template"]["spec"]["serviceAccountName"].as_str().unwrap()
                )
            })
            .collect();
        let policies: Vec<&Value> = of_kind(&rendered.objects, "ValidatingAdmissionPolicy").collect();
        assert_eq!(policies.len(), accounts.len(), "{variant}");
        for (policy, account) in policies.iter().zip(accounts) {
            let condition = policy["spec"]["matchConditions"][0]["expression"].as_str().unwrap();
            assert_eq!(condition, format!("request.userInfo.username == '{account}'"), "{variant}");
            let binding = of_kind(&rendered.objects, "ValidatingAdmissionPolicyBinding").next().unwrap();
            assert_eq!(binding["spec"]["policyName"], name(policy), "{variant}");
            assert_eq!(binding["spec"]["validationActions"], json!(["Deny"]), "{variant}");
        }
    }
}
