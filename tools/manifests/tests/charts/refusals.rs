//! Wrong values end the installation, and the message names them.

use manifests::{
    helm::{complaint, helm},
    root,
};

/// Chart, a wrong setting, and what the message names. First what no chart knows or what contradicts itself, then what
/// only Kubernetes or the program that reads it would refuse.
const WRONG: [(&str, &str, &[&str]); 72] = [
    ("w2meet", "ingres.enabled=false", &["ingres"]),
    ("w2meet", "ingress.enbled=false", &["ingress", "enbled"]),
    ("w2meet", "ingress.enabled=perhaps", &["ingress.enabled", "boolean"]),
    ("w2meet", "global.networkPolicy.enabld=false", &["global.networkPolicy", "enabld"]),
    ("w2meet", "global.serviceMonitor.enabled=maybe", &["global.serviceMonitor.enabled"]),
    ("w2meet", "global.tracng.endpoint=x", &["global", "tracng"]),
    ("w2meet", "user-service.autoscaling.minReplica=3", &["user-service", "autoscaling", "minReplica"]),
    ("worker-service", "consumer.queueScaler.maxWait=3", &["consumer.queueScaler", "maxWait"]),
    ("w2meet", "worker-service.consumer.scaling=keda", &["consumer.scaling"]),
    ("w2meet", "postgresql.persistance.size=1Gi", &["postgresql", "persistance"]),
    ("w2meet", "operator.replicas=two", &["operator", "replicas", "integer"]),
    ("w2meet", "ingress.tls.enabled=true", &["ingress.tls.enabled", "ingress.host"]),
    ("w2meet", "httpRoute.enabled=true", &["httpRoute.parentRefs"]),
    (
        "w2meet",
        "httpRoute.enabled=true,httpRoute.parentRefs[0].name=public,global.tls.existingSecret=certificate",
        &["httpRoute.enabled", "global.tls.existingSecret"],
    ),
    ("w2meet", "global.postgresql.dsn=postgres://x", &["global.postgresql", "postgresql.enabled"]),
    ("w2meet", "postgresql.enabled=false", &["postgresql.dsn", "postgresql.existingSecret", "global"]),
    ("w2meet", "rabbitmq.enabled=false", &["rabbitmq"]),
    (
        "w2meet",
        "redis.enabled=false,global.redis.host=r,global.redis.username=w2meet",
        &["redis.username", "redis.password", "redis.existingSecret"],
    ),
    ("w2meet", "global.redis.servers=redis+cluster://r", &["redis.host", "redis.servers", "global"]),
    (
        "user-service",
        "postgresql.dsn=postgres://u@db/w,redis.servers=redis+cluster://r,redis.caSecret=authority",
        &["redis.servers", "rediss"],
    ),
    ("w2meet", "redis.existingSecret=mine", &["redis.existingSecret", "global.redis.existingSecret"]),
    ("w2meet", "worker-service.consumer.prefetch=3", &["consumer.prefetch 3", "consumer.concurrency 32"]),
    ("w2meet", "user-service.autoscaling.maxReplicas=1", &["user-service", "autoscaling.maxReplicas 1"]),
    (
        "w2meet",
        "worker-service.api.autoscaling.minReplicas=7",
        &["worker-service", "autoscaling.minReplicas 7"],
    ),
    (
        "w2meet",
        "worker-service.consumer.queueScaler.minReplicas=20",
        &["queueScaler.maxReplicas 10", "queueScaler.minReplicas 20"],
    ),
    (
        "w2meet",
        "worker-service.consumer.queueScaler.pollSeconds=20",
        &["queueScaler.maxWaitSeconds 30", "twice", "queueScaler.pollSeconds 20"],
    ),
    (
        "w2meet",
        "worker-service.consumer.queueScaler.fallback.replicas=11",
        &["queueScaler.maxReplicas 10", "queueScaler.fallback.replicas 11"],
    ),
    (
        "w2meet",
        "worker-service.consumer.queueScaler.source=Amqp",
        &["queueScaler.endpoint", "http://w2meet-rabbitmq:15672", "queueScaler.source Amqp", "amqp://"],
    ),
    (
        "w2meet",
        "worker-service.consumer.queueScaler.endpoint=http://me:secret@mq",
        &["consumer.queueScaler.endpoint"],
    ),
    ("user-service", "settings.ttlSeconds=0", &["settings.ttlSeconds"]),
    ("user-service", "replicas=3000000000", &["replicas"]),
    ("user-service", "image.digest=abc", &["image.digest"]),
    ("user-service", "image.tag=a b", &["image.tag"]),
    ("user-service", "image.repository=W2Meet/User", &["image.repository"]),
    ("user-service", "global.image.registry=https://registry.example.com", &["global.image.registry"]),
    ("user-service", "settings.logLevel=WARNING", &["settings.logLevel"]),
    ("user-service", "settings.logLevel=", &["settings.logLevel"]),
    ("operator", "settings.logLevel=verbose", &["settings.logLevel"]),
    ("user-service", "postgresql.dsn=mysql://x", &["postgresql.dsn"]),
    ("user-service", "postgresql.existingSecret=My_Secret", &["postgresql.existingSecret"]),
    ("user-service", "postgresql.key=a/b", &["postgresql.key"]),
    (
        "user-service",
        "postgresql.dsn=postgres://u@pooler/w?pooler=transaction,postgresql.migrationKey=direct",
        &["postgresql.migrationKey", "postgresql.existingSecret"],
    ),
    ("user-service", "redis.host=redis://cache:6379", &["redis.host"]),
    ("user-service", "redis.servers=redis+cluster://u:p@cache", &["redis.servers"]),
    ("user-service", "redis.servers=redis+sentinel://cache", &["redis.servers"]),
    ("worker-service", "rabbitmq.url=http://mq", &["rabbitmq.url"]),
    ("worker-service", "inboundMail.secret=too-short", &["inboundMail.secret"]),
    ("worker-service", "mailbox.url=smtps://mail", &["mailbox.url"]),
    // RabbitMQ keeps such names for itself.
    ("worker-service", "queueName=amq.jobs", &["queueName"]),
    ("worker-service", "suggestionService.url=suggestion-service:8000", &["suggestionService.url"]),
    ("worker-service", "suggestionService.url=http://s/?x=1", &["suggestionService.url"]),
    ("w2meet", "global.tracing.endpoint=collector:4318", &["global.tracing.endpoint"]),
    ("w2meet", "global.tracing.ratio=1.5", &["global.tracing.ratio"]),
    ("user-service", "resources.requests.memory=48MB", &["resources.requests.memory"]),
    ("user-service", "resources.limits.memory=32Mi", &["requests.memory 48Mi", "limits.memory 32Mi"]),
    (
        "postgresql",
        "resources.requests.cpu=2,resources.limits.cpu=500m",
        &["requests.cpu 2", "limits.cpu 500m"],
    ),
    ("postgresql", "persistence.size=2 GB", &["persistence.size"]),
    ("redis", "maxMemory=96Mi", &["maxMemory"]),
    (
        "user-service",
        "autoscaling.behavior.scaleUp.stabilizationWindowSeconds=3601",
        &["stabilizationWindowSeconds"],
    ),
    ("user-service", "podAnnotations.a/b/c=d", &["podAnnotations"]),
    ("user-service", "nodeSelector.disk=-ssd", &["nodeSelector.disk"]),
    ("user-service", "tolerations[0].effect=Never", &["tolerations.0.effect"]),
    ("user-service", "affinity.podAfinity.x=y", &["affinity", "podAfinity"]),
    ("user-service", "priorityClassName=High", &["priorityClassName"]),
    ("user-service", "extraEnv[0].name=A=B", &["extraEnv.0.name"]),
    ("user-service", "callers[0].ipBlock.cidr=10.0.0.0", &["callers.0.ipBlock.cidr"]),
    ("w2meet", "global.networkPolicy.extraEgress[0].to[0].podSelector.x=y", &["extraEgress.0"]),
    ("w2meet", "global.commonLabels.app\\.kubernetes\\.io/name=mine", &["global.commonLabels"]),
    ("operator", "apiServerPorts={}", &["apiServerPorts"]),
    ("operator", "namespaces={jobs,jobs}", &["namespaces"]),
    ("w2meet", "ingress.host=10.0.0.1", &["ingress.host"]),
    ("w2meet", "ingress.maxBodySize=16 MB", &["ingress.maxBodySize"]),
];

/// What a chart needs to be rendered at all.
fn needed(chart: &str) -> &'static str {
    match chart {
        "user-service" => "postgresql.dsn=postgres://u@db/w",
        "worker-service" => "postgresql.dsn=postgres://u@db/w,rabbitmq.url=amqp://u@mq",
        _ => "",
    }
}

#[test]
fn a_wrong_value_is_refused_by_its_name() {
    let root = root();
    for (chart, setting, named) in WRONG {
        let folder = format!("charts/{chart}");
        let arguments = ["template", "w2meet", &folder, "--set", needed(chart), "--set", setting];
        let output = helm(&root, &arguments).unwrap();
        let said = complaint(&output);
        assert!(!output.status.success(), "{chart} takes {setting}");
        for name in named {
            assert!(said.contains(name), "{setting} is refused without naming {name}: {said}");
        }
    }
}

#[test]
fn names_that_no_object_could_have_are_refused() {
    let long = "a".repeat(37);
    for (release, namespace, reason) in [
        (long.as_str(), "w2meet", "longer than 36 characters"),
        ("1abc", "w2meet", "\"1abc\" does not begin with a letter"),
        ("a.b", "w2meet", "\"a.b\""),
        ("w2meet", "Meet.Me", "the namespace \"Meet.Me\""),
    ] {
        for chart in ["w2meet", "redis", "operator"] {
            let folder = format!("charts/{chart}");
            let output = helm(&root(), &["template", release, &folder, "--namespace", namespace]).unwrap();
            let said = complaint(&output);
            assert!(!output.status.success() && said.contains(reason), "{chart} as {release}: {said}");
        }
    }
}

#[test]
fn a_queue_has_a_name_that_the_service_takes() {
    for (length, good) in [(200, true), (201, false)] {
        let setting = format!("queueName={}", "q".repeat(length));
        let needed = needed("worker-service");
        let output = helm(
            &root(),
            &["template", "w2meet", "charts/worker-service", "--set", needed, "--set", &setting],
        )
        .unwrap();
        assert_eq!(output.status.success(), good, "{length}: {}", complaint(&output));
    }
}
