//! Wrong values end the installation, and the message names them.

use manifests::{
    helm::{complaint, helm},
    root,
};

/// Chart, a wrong setting, and what the message names.
const WRONG: [(&str, &str, &[&str]); 21] = [
    ("w2meet", "ingres.enabled=false", &["ingres"]),
    ("w2meet", "ingress.enbled=false", &["ingress", "enbled"]),
    ("w2meet", "ingress.enabled=perhaps", &["ingress.enabled", "boolean"]),
    ("w2meet", "global.networkPolicy.enabld=false", &["global.networkPolicy", "enabld"]),
    ("w2meet", "global.serviceMonitor.enabled=maybe", &["global.serviceMonitor.enabled"]),
    ("w2meet", "global.tracng.endpoint=x", &["global", "tracng"]),
    ("w2meet", "user-service.autoscaling.minReplica=3", &["user-service", "autoscaling", "minReplica"]),
    (
        "w2meet",
        "worker-service.consumer.queueScaler.maxWait=3",
        &["worker-service", "queueScaler", "maxWait"],
    ),
    ("w2meet", "worker-service.consumer.scaling=keda", &["consumer.scaling"]),
    ("w2meet", "postgresql.persistance.size=1Gi", &["postgresql", "persistance"]),
    ("w2meet", "operator.replicas=two", &["operator", "replicas", "integer"]),
    ("w2meet", "ingress.tls.enabled=true", &["ingress.tls.enabled", "ingress.host"]),
    ("w2meet", "httpRoute.enabled=true", &["httpRoute.parentRefs"]),
    ("w2meet", "global.postgresql.dsn=postgres://x", &["global.postgresql", "postgresql.enabled"]),
    ("w2meet", "postgresql.enabled=false", &["postgresql.dsn", "postgresql.existingSecret", "global"]),
    ("w2meet", "rabbitmq.enabled=false", &["rabbitmq"]),
    ("w2meet", "redis.existingSecret=mine", &["redis.existingSecret", "global.redis.existingSecret"]),
    ("w2meet", "worker-service.consumer.prefetch=3", &["consumer.prefetch 3", "consumer.concurrency 32"]),
    ("w2meet", "user-service.autoscaling.maxReplicas=1", &["user-service", "autoscaling.maxReplicas 1"]),
    ("user-service", "settings.ttlSeconds=0", &["settings.ttlSeconds"]),
    ("user-service", "image.digest=abc", &["image.digest"]),
];

#[test]
fn a_wrong_value_is_refused_by_its_name() {
    let root = root();
    for (chart, setting, named) in WRONG {
        let output =
            helm(&root, &["template", "w2meet", &format!("charts/{chart}"), "--set", setting]).unwrap();
        let said = complaint(&output);
        assert!(!output.status.success(), "{chart} takes {setting}");
        for name in named {
            assert!(said.contains(name), "{setting} is refused without naming {name}: {said}");
        }
    }
}

#[test]
fn a_release_name_that_would_make_too_long_names_is_refused() {
    let name = "a".repeat(37);
    let output = helm(&root(), &["template", &name, "charts/w2meet"]).unwrap();
    assert!(!output.status.success());
    assert!(complaint(&output).contains("longer than 36 characters"), "{}", complaint(&output));
}
