//! What the logs say: the Case-ID goes along through all services and through the queue.

use std::time::Duration;

use anyhow::ensure;
use behaviour::{Stage, eventually, jobs, people};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Platform;

behaviour::in_both_forms![
    a_case_id_is_in_the_log_of_every_service_on_the_way,
    a_jobs_outcome_is_logged_with_its_case_and_its_id,
    no_line_names_a_person,
    every_line_is_flat_json,
];

fn lines(stage: &Stage) -> Vec<String> {
    match &stage.platform {
        None => Vec::new(),
        Some(Platform::Standalone(platform)) => platform.process.logs(),
        Some(Platform::Distributed(platform)) => {
            platform.services().iter().flat_map(|service| service.logs()).collect()
        }
    }
}

async fn a_case_id_is_in_the_log_of_every_service_on_the_way(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let case_id = people::fresh_address("case").replace('@', ".")[..40].to_owned();
    let (one, other) = (people::encode(&one), people::encode(&other));
    let path = format!("/suggestion/suggestions?userId1={one}&userId2={other}");
    stage.api.call(Method::GET, &path).header("Case-ID", &case_id).send().await?.is(200);
    for service in ["user-service", "availability-service", "suggestion-service"] {
        eventually(&format!("{service} logs the Case-ID"), Duration::from_secs(10), async || {
            let named = |line: &Value| {
                // The first of them is asked by this process, by whichever way.
                let is_by_us = service != "suggestion-service" || line["client"] == "127.0.0.1";
                line["case_id"] == case_id.as_str() && line["service"] == service && is_by_us
            };
            ensure!(
                lines(stage)
                    .iter()
                    .filter_map(|line| serde_json::from_str(line).ok())
                    .any(|line| named(&line)),
                "no"
            );
            Ok(())
        })
        .await?;
    }
    Ok(())
}

async fn a_jobs_outcome_is_logged_with_its_case_and_its_id(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let case_id = people::fresh_address("job").replace('@', ".")[..40].to_owned();
    let order = json!({"userId1": one, "userId2": other});
    let call = stage.api.call(Method::POST, "/worker/tasks").header("Case-ID", &case_id).json(&order);
    let accepted = call.send().await?.is(202).json();
    let job = jobs::ended(&stage.api, accepted["job_id"].as_str().unwrap()).await?;
    assert_eq!(job["case_id"], case_id.as_str());
    eventually("the outcome is logged", Duration::from_secs(10), async || {
        let outcome = |line: &Value| {
            line["case_id"] == case_id.as_str()
                && line["job_id"] == job["job_id"]
                && line["message"].as_str().unwrap().contains("succeeded")
        };
        ensure!(
            lines(stage).iter().filter_map(|line| serde_json::from_str(line).ok()).any(|line| outcome(&line)),
            "no"
        );
        Ok(())
    })
    .await
}

async fn no_line_names_a_person(stage: &Stage) -> anyhow::Result<()> {
    let (known, unknown) =
        (people::create(&stage.api, json!({}), "first").await?, people::fresh_address("gone"));
    let (one, other) = (people::encode(&known), people::encode(&unknown));
    let case_id = unknown.replace('@', ".")[..40].to_owned();
    for path in [
        people::path(&known),
        people::path(&unknown),
        format!("/users/user-avail/cache-aside?user1email={other}"),
        format!("/suggestion/suggestions?userId1={one}&userId2={other}"),
        format!("/suggestion/suggestions?userId={one}&userId={other}"),
        "/users/health".to_owned(),
    ] {
        stage.api.call(Method::GET, &path).header("Case-ID", &case_id).send().await?;
    }
    eventually("the last request is logged", Duration::from_secs(10), async || {
        let is_last = |line: &String| line.contains(&case_id) && line.contains("/users/health");
        ensure!(lines(stage).iter().any(is_last), "not yet");
        Ok(())
    })
    .await?;
    let name = |address: &str| address.split('@').next().unwrap_or_default().to_owned();
    let names = [name(&known), name(&unknown)];
    let without_case_ids = |line: &String| line.replace(&case_id, "");
    let named = lines(stage)
        .into_iter()
        .filter(|line| names.iter().any(|name| without_case_ids(line).contains(name)));
    assert_eq!(named.collect::<Vec<_>>(), Vec::<String>::new());
    Ok(())
}

async fn every_line_is_flat_json(stage: &Stage) -> anyhow::Result<()> {
    stage.api.get("/users/health").await?.is(200);
    let lines = lines(stage);
    assert!(!lines.is_empty());
    for line in lines {
        let parsed: Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for field in ["timestamp", "level", "message", "service"] {
            assert!(parsed[field].is_string(), "no {field}: {line}");
        }
        assert!(
            parsed.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()),
            "{line}"
        );
    }
    Ok(())
}
