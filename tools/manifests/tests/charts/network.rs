//! What the NetworkPolicies let through, compared with the calls that the platform makes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::render::{NAMESPACE, containers, matches, of_kind, pods, variants};

/// Something that can call or be called.
struct Node {
    name: String,
    namespace: &'static str,
    labels: Value,
    ports: Vec<u64>,
}

impl Node {
    fn outside(name: &str, namespace: &'static str, labels: Value, ports: &[u64]) -> Node {
        Node { name: name.to_owned(), namespace, labels, ports: ports.to_vec() }
    }
}

/// Who there is beside the release. The Kubernetes API and the stores of others are addresses, not pods.
fn outside() -> [Node; 6] {
    [
        Node::outside("gateway", "ingress-nginx", json!({}), &[]),
        Node::outside("prometheus", "monitoring", json!({}), &[]),
        Node::outside("dns", "kube-system", json!({"k8s-app": "kube-dns"}), &[53]),
        Node::outside(
            "stranger",
            NAMESPACE,
            json!({"app.kubernetes.io/name": "stranger"}),
            &[80, 8000, 8001],
        ),
        Node::outside("address", "", json!({}), &[443, 587, 993, 5432, 5672, 6379, 8000, 8001, 9090, 15672]),
        Node::outside("elsewhere", "elsewhere", json!({"app.kubernetes.io/name": "postgresql"}), &[5432]),
    ]
}

fn nodes(objects: &[Value]) -> Vec<Node> {
    let release = pods(objects).into_iter().map(|(workload, pod)| {
        let ports =
            containers(pod).into_iter().filter_map(|container| container["ports"].as_array()).flatten();
        let name = workload["metadata"]["name"].as_str().unwrap();
        Node {
            name: name.split_once('-').unwrap().1.to_owned(),
            namespace: NAMESPACE,
            labels: pod["metadata"]["labels"].clone(),
            ports: ports.filter_map(|port| port["containerPort"].as_u64()).collect(),
        }
    });
    release.chain(outside()).collect()
}

fn connections(objects: &[Value]) -> BTreeSet<String> {
    let (nodes, policies) = (nodes(objects), of_kind(objects, "NetworkPolicy").collect::<Vec<_>>());
    let mut open = BTreeSet::new();
    for from in &nodes {
        for to in nodes.iter().filter(|to| to.name != from.name) {
            for port in &to.ports {
                let out = admitted(&policies, from, "egress", "to", to, *port);
                let into = admitted(&policies, to, "ingress", "from", from, *port);
                // What is outside on both sides is not ours.
                let ours = governed(&policies, from) || governed(&policies, to);
                if ours && out && into {
                    open.insert(format!("{} -> {}:{port}", from.name, to.name));
                }
            }
        }
    }
    open
}

fn selected(policy: &Value, node: &Node) -> bool {
    node.namespace == NAMESPACE && matches(&policy["spec"]["podSelector"]["matchLabels"], &node.labels)
}

fn governed(policies: &[&Value], node: &Node) -> bool {
    policies.iter().any(|policy| selected(policy, node))
}

fn admitted(policies: &[&Value], at: &Node, rules: &str, side: &str, peer: &Node, port: u64) -> bool {
    if !governed(policies, at) {
        return true;
    }
    let rules = policies
        .iter()
        .filter(|policy| selected(policy, at))
        .filter_map(|policy| policy["spec"][rules].as_array())
        .flatten();
    rules.into_iter().any(|rule| {
        let ports = rule["ports"].as_array().expect("a rule without ports would open all of them");
        let peers = rule[side].as_array();
        ports.iter().any(|found| found["port"].as_u64() == Some(port))
            && peers.is_none_or(|peers| peers.iter().any(|found| is_peer(found, peer)))
    })
}

fn is_peer(rule: &Value, node: &Node) -> bool {
    // Of addresses there is one kind here.
    if rule.get("ipBlock").is_some() {
        return node.namespace.is_empty();
    }
    let namespace = match rule.get("namespaceSelector") {
        None => node.namespace == NAMESPACE,
        Some(selector) => {
            let labels = json!({"kubernetes.io/metadata.name": node.namespace});
            !node.namespace.is_empty()
                && selector.get("matchLabels").is_none_or(|wanted| matches(wanted, &labels))
        }
    };
    let pod = rule.get("podSelector").is_none_or(|selector| {
        let labels = selector.get("matchLabels").is_none_or(|wanted| matches(wanted, &node.labels));
        let expressions = selector["matchExpressions"].as_array().into_iter().flatten();
        labels && expressions.into_iter().all(|expression| holds(expression, &node.labels))
    });
    namespace && pod
}

fn holds(expression: &Value, labels: &Value) -> bool {
    assert_eq!(expression["operator"], "In", "the test knows no other operator");
    let key = expression["key"].as_str().unwrap();
    expression["values"].as_array().unwrap().contains(&labels[key])
}

/// The calls that the services make, one a line.
const CALLS: &str = "
    gateway -> user-service:8001
    gateway -> availability-service:8001
    gateway -> suggestion-service:8001
    gateway -> worker-service:8001
    availability-service -> user-service:8000
    suggestion-service -> availability-service:8000
    worker-service -> user-service:8000
    worker-service-consumer -> user-service:8000
    worker-service-consumer -> suggestion-service:8000
    worker-service-consumer -> address:443
    user-service -> postgresql:5432
    user-service -> redis:6379
    worker-service -> postgresql:5432
    worker-service -> rabbitmq:5672
    worker-service-consumer -> postgresql:5432
    worker-service-consumer -> rabbitmq:5672
    operator -> rabbitmq:15672
    operator -> worker-service-consumer:9090
    operator -> address:443
    test -> user-service:8000
    test -> availability-service:8000
    test -> suggestion-service:8000
    test -> worker-service:8000
    user-service -> dns:53
    availability-service -> dns:53
    suggestion-service -> dns:53
    worker-service -> dns:53
    worker-service-consumer -> dns:53
    operator -> dns:53
    test -> dns:53
";

fn calls(text: &str) -> BTreeSet<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

#[test]
fn exactly_the_calls_of_the_platform_are_let_through() {
    assert_eq!(connections(&variants()["default"].objects), calls(CALLS));
    assert_eq!(connections(&variants()["kind"].objects), calls(CALLS));
}

#[test]
fn prometheus_may_read_metrics_where_it_is_named_and_nothing_else_changes() {
    let mut expected = calls(CALLS);
    for part in [
        "user-service",
        "availability-service",
        "suggestion-service",
        "worker-service",
        "worker-service-consumer",
        "operator",
    ] {
        expected.insert(format!("prometheus -> {part}:9090"));
    }
    let open = connections(&variants()["monitoring"].objects);
    let new: Vec<_> = open.difference(&expected).collect();
    assert!(new.is_empty(), "{new:?}");
    assert_eq!(open, expected);
}

#[test]
fn the_bundled_monitoring_sees_the_platform_and_is_seen_by_nobody_outside() {
    let mut expected = calls(CALLS);
    expected.extend(calls(
        "monitoring-prometheus -> address:443
         monitoring-collector -> monitoring-traces:4317
         monitoring-grafana -> monitoring-prometheus:9090
         monitoring-grafana -> monitoring-traces:16686",
    ));
    let ours = ["user-service", "availability-service", "suggestion-service", "worker-service"];
    for part in ours.into_iter().chain(["worker-service-consumer", "operator"]) {
        expected.insert(format!("monitoring-prometheus -> {part}:9090"));
        expected.insert(format!("{part} -> monitoring-collector:4318"));
    }
    let open = connections(&variants()["bundled-monitoring"].objects);
    // The names of their own pods are looked up as those of all others.
    let without_dns = |calls: BTreeSet<String>| -> BTreeSet<String> {
        calls.into_iter().filter(|call| !call.starts_with("monitoring-") || !call.ends_with(":53")).collect()
    };
    assert_eq!(without_dns(open), expected);
}

#[test]
fn stores_of_others_are_reached_on_their_port_and_by_those_alone_who_use_them() {
    let open = connections(&variants()["external"].objects);
    let of_stores: Vec<&String> = open.iter().filter(|call| call.contains("-> address:")).collect();
    assert_eq!(
        of_stores,
        [
            "operator -> address:443",
            "user-service -> address:5432",
            "user-service -> address:6379",
            "worker-service -> address:5432",
            "worker-service -> address:5672",
            "worker-service-consumer -> address:443",
            "worker-service-consumer -> address:5432",
            "worker-service-consumer -> address:5672",
        ]
    );
}

#[test]
fn mails_go_out_by_the_consumers_alone_and_the_mailbox_is_read_by_the_api_alone() {
    let mut expected = calls(CALLS);
    expected.insert("worker-service-consumer -> address:587".to_owned());
    expected.insert("worker-service -> address:993".to_owned());
    assert_eq!(connections(&variants()["mails"].objects), expected);
}

#[test]
fn every_pod_is_governed_unless_policies_are_switched_off() {
    for (variant, rendered) in variants() {
        let policies: Vec<_> = of_kind(&rendered.objects, "NetworkPolicy").collect();
        assert_eq!(policies.is_empty(), *variant == "minimal", "{variant}");
        for node in nodes(&rendered.objects)
            .iter()
            .filter(|node| node.labels.get("app.kubernetes.io/part-of").is_some())
        {
            assert!(policies.is_empty() || governed(&policies, node), "{variant}: {}", node.name);
        }
    }
}
