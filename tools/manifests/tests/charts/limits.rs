//! The least and the greatest that the schemas allow is taken by whoever reads it: the programs, and the definition of
//! the operator's resource.

use std::net::TcpListener;
use std::process::Command;

use manifests::{
    charts::yaml,
    helm, root,
    values::{Setting, Settings},
};
use serde_json::Value;
use testkit::Binary;

use crate::render::{of_kind, pods, title};

/// Charts of our programs, and what each needs to be rendered.
const CHARTS: [(&str, Binary, &str); 5] = [
    ("user-service", Binary::UserService, "postgresql.dsn=postgres://u@db/w,redis.host=r,redis.password=p"),
    ("availability-service", Binary::AvailabilityService, "global.tracing.endpoint=http://c:4318"),
    ("suggestion-service", Binary::SuggestionService, "global.tracing.endpoint=http://c:4318"),
    (
        "worker-service",
        Binary::WorkerService,
        "postgresql.dsn=postgres://u@db/w,rabbitmq.url=amqp://u@mq,rabbitmq.managementUrl=http://mq,consumer.scaling=operator",
    ),
    ("operator", Binary::Operator, "global.tracing.endpoint=http://c:4318"),
];
/// What is a file in a pod.
const SECRETS: [(&str, &str); 3] = [
    ("PG_DSN", "postgres://u@127.0.0.1:1/w"),
    ("RABBITMQ_URL", "amqp://u@127.0.0.1:1"),
    ("REDIS_PASSWORD", "p"),
];

/// A chart with every number at this end of what its schema allows.
fn at_the(end: &str, chart: &str, needed: &str) -> Vec<Value> {
    let settings = Settings::read(&root().join("charts").join(chart).join("values.yaml")).unwrap();
    let numbers = settings.0.iter().filter(|setting| setting.doc.is_some() && setting.default.is_number());
    let flags: Vec<String> = numbers
        .map(|setting| format!("--set-json={}={}", setting.path.join("."), bound(setting, end)))
        .collect();
    let (folder, needed) = (format!("charts/{chart}"), format!("--set={needed}"));
    let mut arguments = vec!["w2meet", &folder, &needed];
    arguments.extend(flags.iter().map(String::as_str));
    helm::objects(&root(), &arguments).unwrap()
}

fn bound(setting: &Setting, end: &str) -> Value {
    match setting.constraints().unwrap().remove(end) {
        Some(bound) => bound,
        None if end == "maximum" => i32::MAX.into(),
        None => panic!("{} has no minimum", setting.path.join(".")),
    }
}

#[test]
fn the_programs_take_every_number_that_the_charts_take() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let mut started = 0;
    for (chart, program, needed) in CHARTS {
        for end in ["minimum", "maximum"] {
            let objects = at_the(end, chart, needed);
            for (workload, pod) in pods(&objects) {
                let environment = pod["spec"]["containers"][0]["env"].as_array().unwrap();
                let mut command = Command::new(program.path().unwrap());
                command.env_clear().env("KUBECONFIG", "/nowhere").current_dir(std::env::temp_dir());
                for variable in environment {
                    let name = variable["name"].as_str().unwrap();
                    let secret = SECRETS.iter().find(|(secret, _)| *secret == name).map(|(_, value)| *value);
                    command.env(name, secret.or(variable["value"].as_str()).unwrap_or("pod"));
                }
                // The settings are read, and then it ends, since its port is taken and there is no cluster.
                let ended = command.env("LISTEN", &address).env("OPS_LISTEN", &address).output().unwrap();
                let said = String::from_utf8_lossy(&ended.stderr);
                assert_eq!(ended.status.code(), Some(1), "{} at the {end}: {said}", title(workload));
                started += 1;
            }
        }
    }
    assert_eq!(started, 12);
}

#[test]
fn the_definition_of_the_resource_takes_every_number_that_the_chart_takes() {
    let crd = yaml(&root().join("charts/operator/crds/queuescalers.yaml")).unwrap();
    let spec = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"];
    let (chart, _, needed) = CHARTS[3];
    for end in ["minimum", "maximum"] {
        let objects = at_the(end, chart, needed);
        let scaler = of_kind(&objects, "QueueScaler").next().unwrap();
        assert!(numbers_within(&scaler["spec"], spec, "spec") > 10);
    }
}

/// How many numbers there are in `value`, each within what `schema` allows.
fn numbers_within(value: &Value, schema: &Value, path: &str) -> usize {
    if let Some(number) = value.as_f64() {
        let (least, most) = (schema["minimum"].as_f64().unwrap(), schema["maximum"].as_f64().unwrap());
        assert!((least..=most).contains(&number), "{path}: {number} is not within {least} and {most}");
        return 1;
    }
    let fields = value.as_object().into_iter().flatten();
    fields
        .map(|(key, value)| numbers_within(value, &schema["properties"][key], &format!("{path}.{key}")))
        .sum()
}
