//! Every value is documented and changes something.

use std::fs;
use std::thread;

use manifests::{
    charts::all,
    helm::template,
    root,
    values::{Setting, Settings},
};
use serde_json::{Value, json};

/// Values with which other values matter. A value is used if it changes what is rendered with one of these. Secrets are
/// named, since a random password would change everything.
fn settings_around(chart: &str) -> Vec<Vec<&'static str>> {
    let features =
        ["--set=global.tracing.endpoint=http://c:4318", "--set-json=global.serviceMonitor.enabled=true"];
    let addresses = "postgresql.dsn=postgres://u:p@db/w";
    let named = "postgresql.existingSecret=people";
    let contexts: &[&[&str]] = match chart {
        "user-service" => &[
            &["--set", addresses, "--set=redis.host=r,redis.password=p"],
            &["--set", addresses, "--set=redis.servers=rediss+sentinel://r/service,redis.password=p"],
            &[
                "--set",
                named,
                "--set=redis.host=r,redis.existingSecret=cache,administrator.existingSecret=a,oidc.existingSecret=o,autoscaling.enabled=false",
                "--set=global.serviceSecret.existingSecret=services",
            ],
        ],
        "availability-service" | "suggestion-service" => {
            &[&[], &["--set=autoscaling.enabled=false,global.serviceSecret.existingSecret=services"]]
        }
        "worker-service" => &[
            &[
                "--set",
                addresses,
                "--set=rabbitmq.url=amqp://u:p@mq,consumer.scaling=hpa,mail.url=smtps://u:p@mail",
                "--set=inboundMail.secret=sixteen-or-more-letters,mailbox.url=imaps://u:p@mail",
            ],
            &[
                "--set",
                named,
                "--set=rabbitmq.existingSecret=broker,api.autoscaling.enabled=false,mail.existingSecret=mail",
                "--set=inboundMail.existingSecret=replies,mailbox.existingSecret=replies",
                "--set=global.serviceSecret.existingSecret=services",
            ],
            &[
                "--set",
                named,
                "--set=rabbitmq.existingSecret=broker,rabbitmq.managementUrl=http://mq,consumer.scaling=operator",
            ],
        ],
        "operator" => &[&[]],
        "postgresql" | "redis" | "rabbitmq" => &[&["--set=existingSecret=named"]],
        "monitoring" => &[&["--set=grafana.existingSecret=named"]],
        "w2meet" => &[
            &["--values=k8s/values.yaml"],
            &[
                "--values=k8s/values.yaml",
                "--set=global.serviceSecret.existingSecret=services",
                "--set=ingress.host=h,ingress.tls.enabled=true,httpRoute.enabled=true",
                "--set-json=httpRoute.parentRefs=[{\"name\":\"g\"}]",
                "--set-json=dashboards.enabled=true",
                "--set-json=alerts.enabled=true",
            ],
        ],
        other => panic!("{other} is new: with which values do its values matter?"),
    };
    let everywhere: &[&str] =
        if ["postgresql", "redis", "rabbitmq", "monitoring"].contains(&chart) { &[] } else { &features };
    contexts.iter().map(|context| [everywhere, context].concat()).collect()
}

/// What helm reads itself, what a chart tells others, and what the umbrella hands to a chart as a whole.
fn is_beyond_templates(chart: &str, setting: &Setting) -> bool {
    let path: Vec<&str> = setting.path.iter().map(String::as_str).collect();
    let handed_on = setting.default == json!({}) && path.len() == 1;
    let told = ["postgresql", "redis", "rabbitmq", "operator", "monitoring"];
    match path[..] {
        ["exports", ..] | ["enabled"] => true,
        [part, "enabled"] if chart == "w2meet" => told.contains(&part),
        ["global", part] => told.contains(&part),
        [_] => chart == "w2meet" && handed_on,
        _ => false,
    }
}

fn another(setting: &Setting) -> Value {
    let schema = setting.constraints().unwrap();
    if let Some(example) = schema.get("examples") {
        return example[0].clone();
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        let differs = |value: &&Value| **value != setting.default && value.as_str() != Some("auto");
        // The last ones are the most unlike the default.
        return allowed.iter().rev().find(differs).unwrap().clone();
    }
    match &setting.default {
        Value::Bool(default) => json!(!default),
        Value::Number(default) => {
            let default = default.as_i64().unwrap();
            let at_most = schema.get("maximum").and_then(Value::as_i64);
            json!(if at_most == Some(default) { default - 1 } else { default + 1 })
        }
        Value::String(_) => json!("changed"),
        Value::Array(_) => match schema["items"]["type"].as_str() {
            None | Some("string") => json!(["changed"]),
            Some(other) => panic!("{} needs an example of {other}", setting.path.join(".")),
        },
        Value::Object(_) => json!({"changed": "changed"}),
        Value::Null => panic!("{} has no default", setting.path.join(".")),
    }
}

/// The values of a chart that change nothing.
fn unused(chart: &str, settings: &Settings) -> Vec<String> {
    let (root, folder) = (root(), format!("charts/{chart}"));
    let render = |flags: &[&str]| template(&root, &[&["w2meet", &folder], flags].concat());
    let contexts = settings_around(chart);
    let before: Vec<String> = contexts.iter().map(|context| render(context).unwrap()).collect();
    let documented = settings.0.iter().filter(|setting| setting.doc.is_some());
    let looked_at = documented.filter(|setting| !is_beyond_templates(chart, setting));
    let changes_nothing = looked_at.filter(|setting| {
        // Of several flags helm lets the last of a kind win, and strings win over the rest.
        let path = setting.path.join(".");
        let change = match another(setting) {
            Value::String(text) => format!("--set-string={path}={text}"),
            other => format!("--set-json={path}={other}"),
        };
        let mut both = contexts.iter().zip(&before);
        !both.any(|(context, before)| match render(&[context.as_slice(), &[change.as_str()]].concat()) {
            Ok(after) => after != *before,
            Err(refusal) => {
                // A template that refuses the value has looked at it.
                assert!(!refusal.to_string().contains("specifications of the schema"), "{refusal}");
                true
            }
        })
    });
    changes_nothing.map(|setting| format!("{chart}: {}", setting.path.join("."))).collect()
}

#[test]
fn every_value_is_documented_and_changes_something() {
    let charts = all(&root()).unwrap().into_iter().filter(|chart| !chart.is_library);
    let found: Vec<String> = thread::scope(|scope| {
        let running: Vec<_> = charts
            .map(|chart| {
                // Reading fails where a value is not documented.
                let settings = Settings::read(&chart.folder.join("values.yaml")).unwrap();
                scope.spawn(move || unused(&chart.name, &settings))
            })
            .collect();
        running.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert!(found.is_empty(), "these change nothing: {found:#?}");
}

#[test]
fn the_examples_of_the_umbrella_s_readme_are_taken() {
    let (root, folder) = (root(), tempfile::tempdir().unwrap());
    let readme = fs::read_to_string(root.join("charts/w2meet/README.md")).unwrap();
    let examples: Vec<&str> =
        readme.split("```yaml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
    assert_eq!(examples.len(), 2, "the second one goes on from the first");
    let mut arguments = vec!["w2meet".to_owned(), "charts/w2meet".to_owned()];
    for (at, example) in examples.iter().enumerate() {
        let file = folder.path().join(format!("{at}.yaml"));
        fs::write(&file, example).unwrap();
        arguments.push(format!("--values={}", file.display()));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let text = template(&root, &arguments).unwrap();
        for secret in [["people", "broker"], ["people-app", "jobs-default-user"]][at] {
            assert!(text.contains(&format!("name: {secret}\n")), "example {at} does not mount {secret}");
        }
    }
}
