//! The matrix of values: each variant is rendered once for all tests.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use manifests::{charts::documents, helm::template, root};
use serde_json::Value;

pub(crate) const NAMESPACE: &str = "w2meet";

/// Name, release, and flags of the umbrella.
const VARIANTS: [(&str, &str, &[&str]); 14] = [
    ("default", "w2meet", &[]),
    ("second", "other", &[]),
    ("kind", "w2meet", &["--values=charts/w2meet/values-kind.yaml"]),
    ("minikube", "w2meet", &["--values=charts/w2meet/values-minikube.yaml"]),
    ("production", "w2meet", &["--values=charts/w2meet/values-production.yaml"]),
    (
        "external",
        "w2meet",
        &[
            "--set=postgresql.enabled=false,redis.enabled=false,rabbitmq.enabled=false",
            "--set=global.postgresql.dsn=postgres://u:p@pg.example.com/w2meet",
            "--set=global.redis.host=redis.example.com,global.redis.password=p",
            "--set=global.rabbitmq.url=amqp://u:p@mq.example.com/v",
            "--set=global.rabbitmq.managementUrl=http://mq.example.com:15672",
            "--set=worker-service.consumer.queueScaler.caSecret=authority",
        ],
    ),
    (
        "minimal",
        "w2meet",
        &[
            "--set=operator.enabled=false,redis.enabled=false,ingress.enabled=false",
            "--set=global.networkPolicy.enabled=false",
            "--set=user-service.autoscaling.enabled=false,availability-service.autoscaling.enabled=false",
            "--set=suggestion-service.autoscaling.enabled=false,worker-service.api.autoscaling.enabled=false",
        ],
    ),
    ("hpa", "w2meet", &["--set=operator.enabled=false,worker-service.consumer.scaling=hpa"]),
    (
        "monitoring",
        "w2meet",
        &[
            "--set=global.serviceMonitor.enabled=true,global.serviceMonitor.labels.release=prometheus",
            "--set=global.tracing.endpoint=http://collector.monitoring:4318",
            "--set=global.networkPolicy.metricsFrom[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=monitoring",
        ],
    ),
    (
        "mails",
        "w2meet",
        &[
            "--set=worker-service.mail.url=smtps://u:p@mail.example.com",
            "--set=worker-service.inboundMail.secret=sixteen-or-more-letters",
            "--set=worker-service.mailbox.url=imaps://u:p@mail.example.com",
        ],
    ),
    (
        "tls",
        "w2meet",
        &["--set=global.tls.existingSecret=certificate,global.serviceSecret.existingSecret=services"],
    ),
    ("bundled-monitoring", "w2meet", &["--set=monitoring.enabled=true"]),
    (
        "gateway-api",
        "w2meet",
        &["--set=ingress.enabled=false,httpRoute.enabled=true,httpRoute.parentRefs[0].name=public"],
    ),
    (
        "decorated",
        "w2meet",
        &[
            "--set=global.commonLabels.team=meet,global.imagePullSecrets[0].name=registry",
            "--set=global.image.registry=registry.example.com,global.image.tag=1.2.3",
            "--set=user-service.extraEnv[0].name=LOG_LEVEL,user-service.extraEnv[0].value=debug",
            "--set=user-service.nodeSelector.disk=ssd,user-service.tolerations[0].operator=Exists",
            "--set=user-service.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].weight=1",
            "--set=user-service.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.topologyKey=zone",
            "--set=user-service.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector.matchLabels.team=meet",
            "--set=user-service.priorityClassName=high,postgresql.persistence.storageClass=fast",
            "--set=ingress.host=w2meet.example.com,ingress.tls.enabled=true,ingress.tls.clusterIssuer=letsencrypt",
        ],
    ),
];

/// All variants: what helm wrote, and its documents.
pub(crate) fn variants() -> &'static BTreeMap<&'static str, Variant> {
    static VARIANTS_RENDERED: OnceLock<BTreeMap<&str, Variant>> = OnceLock::new();
    VARIANTS_RENDERED.get_or_init(|| {
        VARIANTS.iter().map(|(name, release, flags)| (*name, render(release, flags))).collect()
    })
}

/// What helm makes of the umbrella.
pub(crate) struct Variant {
    pub(crate) text: String,
    pub(crate) objects: Vec<Value>,
}

/// What helm makes of each variant in another namespace than that of [`variants`].
#[cfg(feature = "e2e")]
pub(crate) fn in_namespace(namespace: &str) -> impl Iterator<Item = (&'static str, String)> {
    VARIANTS.iter().map(move |(name, release, flags)| (*name, text(release, flags, namespace)))
}

fn text(release: &str, flags: &[&str], namespace: &str) -> String {
    template(&root(), &[&[release, "charts/w2meet", "--namespace", namespace], flags].concat()).unwrap()
}

fn render(release: &str, flags: &[&str]) -> Variant {
    let text = text(release, flags, NAMESPACE);
    let objects = documents(&text).unwrap();
    assert!(objects.len() > 20, "{release} {flags:?} has only {} objects", objects.len());
    Variant { text, objects }
}

pub(crate) fn of_kind<'a>(objects: &'a [Value], kind: &'a str) -> impl Iterator<Item = &'a Value> {
    objects.iter().filter(move |object| object["kind"] == kind)
}

pub(crate) fn title(object: &Value) -> String {
    format!("{} {}", object["kind"].as_str().unwrap_or("?"), name(object))
}

pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// What runs pods: the object, and the pod as its template says.
pub(crate) fn pods(objects: &[Value]) -> Vec<(&Value, &Value)> {
    let pods = objects.iter().filter_map(|object| match object["kind"].as_str()? {
        "Deployment" | "Job" | "StatefulSet" => Some((object, &object["spec"]["template"])),
        _ => None,
    });
    pods.collect()
}

/// All containers of a pod, the initial ones too.
pub(crate) fn containers(pod: &Value) -> Vec<&Value> {
    let lists = ["initContainers", "containers"].map(|list| pod["spec"][list].as_array());
    lists.into_iter().flatten().flatten().collect()
}

/// Whether every label of `selector` is among `labels`.
pub(crate) fn matches(selector: &Value, labels: &Value) -> bool {
    selector.as_object().is_some_and(|wanted| wanted.iter().all(|(key, value)| labels[key] == *value))
}
