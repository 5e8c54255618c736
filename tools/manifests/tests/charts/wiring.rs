//! Whether the parts fit: services to pods, probes and environment to binaries, scalers to what they scale.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use manifests::{helm::objects, root};
use serde_json::Value;

use crate::render::{containers, matches, name, of_kind, pods, title, variants};

/// Who reads the environment of a container, by the container's image.
const PROGRAMS: [(&str, &str); 5] = [
    ("user-service", "services/user-service/src"),
    ("availability-service", "services/availability-service/src"),
    ("suggestion-service", "services/suggestion-service/src"),
    ("worker-service", "services/worker-service/src"),
    ("w2meet-operator", "operator/controller/src"),
];

#[test]
fn every_service_leads_to_pods_that_have_its_ports() {
    for (variant, rendered) in variants() {
        let pods = pods(&rendered.objects);
        for service in of_kind(&rendered.objects, "Service") {
            let behind: Vec<_> = pods
                .iter()
                .filter(|(_, pod)| matches(&service["spec"]["selector"], &pod["metadata"]["labels"]))
                .collect();
            let [(_, pod)] = behind[..] else {
                panic!("{variant}: {} leads to {} workloads", title(service), behind.len())
            };
            for port in service["spec"]["ports"].as_array().unwrap() {
                assert!(port_of(pod, &port["targetPort"]).is_some(), "{variant}: {} {port}", title(service));
            }
        }
    }
}

#[test]
fn with_a_certificate_the_services_speak_tls_and_ask_each_other_by_https() {
    let rendered = &variants()["tls"];
    let mut asked = Vec::new();
    for (object, pod) in pods(&rendered.objects) {
        let environment = containers(pod).into_iter().filter_map(|container| container["env"].as_array());
        let environment: Vec<_> = environment.flatten().collect();
        let value = |name: &str| environment.iter().find(|variable| variable["name"] == name);
        if value("PUBLIC_LISTEN").is_none() {
            continue;
        }
        let bases =
            environment.iter().filter(|variable| variable["name"].as_str().unwrap().ends_with("_BASE"));
        let bases: Vec<&str> = bases.map(|base| base["value"].as_str().unwrap()).collect();
        assert!(bases.iter().all(|base| base.starts_with("https://w2meet-")), "{}: {bases:?}", title(object));
        assert_eq!(value("PEER_CA").is_some(), !bases.is_empty(), "{}", title(object));
        asked.extend(bases);
        for (name, file) in [("TLS_CERTIFICATE", "tls.crt"), ("TLS_KEY", "tls.key"), ("PEER_CA", "ca.crt")] {
            let path = value(name).map(|variable| variable["value"].as_str().unwrap());
            let mounted = format!("/run/secrets/w2meet/{file}");
            assert!(path.is_none_or(|path| path == mounted), "{}: {name}", title(object));
            assert!(path.is_some() || name == "PEER_CA", "{}: {name}", title(object));
            let sources = pod["spec"]["volumes"][0]["projected"]["sources"].as_array().unwrap();
            let has = |source: &Value| {
                source["secret"]["name"] == "certificate" && source["secret"]["items"][0]["path"] == file
            };
            assert!(sources.iter().any(has), "{}: {file}", title(object));
        }
    }
    assert_eq!(asked.len(), 5, "{asked:?}");
    let ingress = of_kind(&rendered.objects, "Ingress").next().unwrap();
    let annotations = &ingress["metadata"]["annotations"];
    for (name, value) in [
        ("backend-protocol", "HTTPS"),
        ("proxy-ssl-secret", "w2meet/certificate"),
        ("proxy-ssl-verify", "on"),
        ("proxy-ssl-name", "w2meet-user-service"),
    ] {
        assert_eq!(annotations[format!("nginx.ingress.kubernetes.io/{name}")], value, "{name}");
    }
}

fn port_of(pod: &Value, name: &Value) -> Option<u64> {
    let ports = containers(pod).into_iter().filter_map(|container| container["ports"].as_array()).flatten();
    let mut found = ports.filter(|port| port["name"] == *name);
    found.next()?["containerPort"].as_u64()
}

#[test]
fn every_route_of_the_gateway_leads_to_a_port_of_a_service() {
    for (variant, rendered) in variants() {
        let has = |name: &Value, port: &Value| {
            of_kind(&rendered.objects, "Service").any(|service| {
                let ports = service["spec"]["ports"].as_array().unwrap();
                service["metadata"]["name"] == *name
                    && ports.iter().any(|found| found["name"] == *port || found["port"] == *port)
            })
        };
        for ingress in of_kind(&rendered.objects, "Ingress") {
            for path in ingress["spec"]["rules"][0]["http"]["paths"].as_array().unwrap() {
                let service = &path["backend"]["service"];
                assert!(has(&service["name"], &service["port"]["name"]), "{variant}: {path}");
            }
        }
        for route in of_kind(&rendered.objects, "HTTPRoute") {
            for rule in route["spec"]["rules"].as_array().unwrap() {
                let backend = &rule["backendRefs"][0];
                assert!(has(&backend["name"], &backend["port"]), "{variant}: {rule}");
            }
        }
    }
}

#[test]
fn the_ingress_and_the_http_route_have_the_same_routes() {
    let ingress = of_kind(&variants()["default"].objects, "Ingress").next().unwrap();
    let route = of_kind(&variants()["gateway-api"].objects, "HTTPRoute").next().unwrap();
    let of_ingress: Vec<_> = ingress["spec"]["rules"][0]["http"]["paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| {
            let exact = path["pathType"] == "Exact";
            (path["path"].clone(), exact, path["backend"]["service"]["name"].clone())
        })
        .collect();
    let of_route: Vec<_> = route["spec"]["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| {
            let path = &rule["matches"][0]["path"];
            (path["value"].clone(), path["type"] == "Exact", rule["backendRefs"][0]["name"].clone())
        })
        .collect();
    assert_eq!(of_ingress, of_route);
    assert_eq!(of_ingress.len(), 6);
}

#[test]
fn our_pods_are_probed_on_paths_that_the_binaries_serve() {
    let served = fs::read_to_string(root().join("crates/service-kit/src/ops.rs")).unwrap();
    let mut probed = 0;
    for (workload, pod) in variants().values().flat_map(|variant| pods(&variant.objects)) {
        for container in pod["spec"]["containers"].as_array().unwrap().iter().filter(|found| is_ours(found)) {
            for probe in ["livenessProbe", "readinessProbe"] {
                let get = &container[probe]["httpGet"];
                let path =
                    get["path"].as_str().unwrap_or_else(|| panic!("{} has no {probe}", title(workload)));
                assert!(served.contains(&format!("\"{path}\"")), "{}: {path}", title(workload));
                assert_eq!(port_of(pod, &get["port"]), Some(9090), "{}", title(workload));
                probed += 1;
            }
        }
    }
    assert!(probed > 100, "only {probed} probes were found");
}

fn program(container: &Value) -> Option<(&'static str, &'static str)> {
    let image = container["image"].as_str()?.split([':', '@']).next()?.rsplit('/').next()?;
    PROGRAMS.into_iter().find(|(name, _)| *name == image)
}

fn is_ours(container: &Value) -> bool {
    program(container).is_some()
}

#[test]
fn every_variable_of_the_environment_is_read_by_the_binary_that_gets_it() {
    let common = variables(&root().join("crates/service-kit/src"));
    assert!(common.contains("LOG_LEVEL"), "{common:?}");
    for (workload, pod) in variants().values().flat_map(|variant| pods(&variant.objects)) {
        for container in containers(pod) {
            let Some((_, sources)) = program(container) else { continue };
            let own = variables(&root().join(sources));
            for variable in container["env"].as_array().into_iter().flatten() {
                let name = variable["name"].as_str().unwrap();
                assert!(own.contains(name) || common.contains(name), "{} sets {name}", title(workload));
            }
        }
    }
}

/// The variables that a program's flags name.
fn variables(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(variables(&path));
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let names = text.split("env = \"").skip(1).filter_map(|rest| rest.split('"').next());
            found.extend(names.map(str::to_owned));
        }
    }
    found
}

#[test]
fn whatever_a_scaler_scales_exists_and_has_no_replicas_of_its_own() {
    let mut scaled = 0;
    for (variant, rendered) in variants() {
        let mut targets = BTreeSet::new();
        for object in &rendered.objects {
            let target = match object["kind"].as_str().unwrap() {
                "HorizontalPodAutoscaler" => &object["spec"]["scaleTargetRef"]["name"],
                "QueueScaler" => &object["spec"]["targetRef"]["name"],
                _ => continue,
            };
            assert!(targets.insert(target.as_str().unwrap()), "{variant}: two scale {target}");
        }
        for target in &targets {
            let deployments = of_kind(&rendered.objects, "Deployment");
            assert!(deployments.into_iter().any(|found| name(found) == *target), "{variant}: {target}");
        }
        for deployment in of_kind(&rendered.objects, "Deployment") {
            let fixed = deployment["spec"].get("replicas").is_some();
            assert_eq!(fixed, !targets.contains(name(deployment)), "{variant}: {}", title(deployment));
        }
        scaled += targets.len();
    }
    assert!(scaled > 30, "only {scaled} targets were found");
}

#[test]
fn a_pod_may_take_longer_to_end_than_its_drain_and_its_hard_limit() {
    for (workload, pod) in variants().values().flat_map(|variant| pods(&variant.objects)) {
        for container in pod["spec"]["containers"].as_array().unwrap().iter().filter(|found| is_ours(found)) {
            let setting = |name: &str| {
                let variables = container["env"].as_array().unwrap();
                let found = variables.iter().find(|variable| variable["name"] == name);
                found.map_or(0, |variable| variable["value"].as_str().unwrap().parse::<u64>().unwrap())
            };
            let needed = setting("DRAIN_DELAY_MS").div_ceil(1000) + setting("SHUTDOWN_GRACE_SECONDS");
            let granted = pod["spec"]["terminationGracePeriodSeconds"].as_u64().unwrap();
            assert!(granted > needed, "{}: {granted} s for {needed} s", title(workload));
        }
    }
}

#[test]
fn a_disruption_budget_never_blocks_the_last_replica() {
    for (variant, rendered) in variants() {
        for budget in of_kind(&rendered.objects, "PodDisruptionBudget") {
            let least = least_replicas(&rendered.objects, name(budget));
            assert!(least > 1, "{variant}: {} over {least} replicas", title(budget));
        }
        for deployment in of_kind(&rendered.objects, "Deployment") {
            if least_replicas(&rendered.objects, name(deployment)) > 1 {
                let mut budgets = of_kind(&rendered.objects, "PodDisruptionBudget");
                let found = budgets.any(|budget| name(budget) == name(deployment));
                assert!(found, "{variant}: {} has no disruption budget", title(deployment));
            }
        }
    }
}

fn least_replicas(objects: &[Value], target: &str) -> u64 {
    let scaler = objects.iter().find(|object| {
        let spec = &object["spec"];
        spec["scaleTargetRef"]["name"] == target || spec["targetRef"]["name"] == target
    });
    let deployment = of_kind(objects, "Deployment").find(|found| name(found) == target);
    let least = match (scaler, deployment) {
        (Some(scaler), _) => &scaler["spec"]["minReplicas"],
        (None, Some(deployment)) => &deployment["spec"]["replicas"],
        (None, None) => panic!("nothing is named {target}"),
    };
    least.as_u64().unwrap()
}

#[test]
fn a_service_monitor_is_made_where_it_is_wanted_or_known() {
    let made = |wanted: &str, known: bool| {
        let wanted = format!("--set=global.serviceMonitor.enabled={wanted}");
        let known: &[&str] =
            if known { &["--api-versions=monitoring.coreos.com/v1/ServiceMonitor"] } else { &[] };
        let arguments = [&["w2meet", "charts/availability-service", &wanted], known].concat();
        of_kind(&objects(&root(), &arguments).unwrap(), "ServiceMonitor").count()
    };
    assert_eq!([made("auto", false), made("auto", true)], [0, 1]);
    assert_eq!([made("true", false), made("false", true)], [1, 0]);
}

#[test]
fn tables_are_brought_up_to_date_past_a_pooler() {
    let pooled = "postgresql.existingSecret=people,postgresql.migrationKey=direct";
    for (chart, others) in [("user-service", "redis.host=r"), ("worker-service", "rabbitmq.url=amqp://u@mq")]
    {
        let arguments = ["w2meet", &format!("charts/{chart}"), "--set", pooled, "--set", others];
        let objects = objects(&root(), &arguments).unwrap();
        let dsns = pods(&objects).into_iter().flat_map(|(_, pod)| containers(pod)).map(|container| {
            let environment = container["env"].as_array().unwrap();
            let dsn = environment.iter().find(|variable| variable["name"] == "PG_DSN").unwrap();
            (container["name"].as_str().unwrap(), dsn["value"].as_str().unwrap())
        });
        for (container, dsn) in dsns {
            let key = if container == "migrate" { "pg-migration-dsn" } else { "pg-dsn" };
            assert_eq!(dsn, format!("file:/run/secrets/w2meet/{key}"), "{chart}: {container}");
        }
    }
}
