//! Paths: own prefixes, fixed routes before addresses, slashes at the end.

use behaviour::{Process, Reply, SERVICES, Stage, people};
use serde_json::json;

behaviour::in_every_form![
    a_slash_at_the_end_changes_nothing,
    services_answer_on_their_own_paths_and_under_their_prefix,
    fixed_routes_win_over_addresses,
];

async fn a_slash_at_the_end_changes_nothing(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let id = people::encode(&email);
    let cached = format!("/users/user-avail/cache-aside/?user1email={id}");
    let stored = stage.api.get(&people::path(&email)).await?.is(200).json();
    assert_eq!(stage.api.get(&format!("/users/users/{id}/")).await?.is(200).json(), stored);
    assert_eq!(stage.api.get(&cached).await?.is(200).json(), stored);
    let pair = format!("userId1={id}&userId2={id}");
    stage.api.get(&format!("/availability/availabilities/?{pair}")).await?.is(200);
    stage.api.get(&format!("/suggestion/suggestions/?{pair}")).await?.is(200);
    for service in SERVICES {
        stage.api.get(&format!("{}/health/", service.prefix)).await?.is(200);
    }
    let job = json!({"userId1": email, "userId2": email});
    stage.api.post("/worker/tasks/", &job).await?.is(202);
    let body = people::body(&email, &json!({"monday": [9]}), "first");
    stage.api.post("/users/users/", &body).await?.is(200);
    Ok(())
}

/// In the distributed form each process is asked past the gateway too, both ways.
async fn services_answer_on_their_own_paths_and_under_their_prefix(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let id = people::encode(&email);
    for service in SERVICES {
        let question = match service.name {
            "user-service" => format!("/users/{id}"),
            "worker-service" => "/tasks".to_owned(),
            _ => format!("{}?userId1={id}&userId2={id}", service.path),
        };
        let expected = stage.api.get(&format!("{}{question}", service.prefix)).await?.is(200);
        // In one process there is no way past the gateway, and the consumer of jobs takes no orders.
        let alone = |process: &Process| process.services == [service] && !process.name.ends_with("consumer");
        for Process { api, .. } in stage.processes().into_iter().filter(alone) {
            for path in [question.clone(), format!("{}{question}", service.prefix)] {
                let reply = api.get(&path).await?.is(200);
                if service.name != "worker-service" {
                    assert_eq!(without_case_id(&reply), without_case_id(&expected), "{path}");
                }
            }
        }
    }
    Ok(())
}

fn without_case_id(reply: &Reply) -> serde_json::Value {
    let mut body = reply.json();
    if let Some(object) = body.as_object_mut() {
        object.remove("case_id");
    }
    body
}

async fn fixed_routes_win_over_addresses(stage: &Stage) -> anyhow::Result<()> {
    assert_eq!(stage.api.get("/users/health").await?.is(200).json()["service"], "user-service");
    stage.api.get("/users/docs").await?.is(200);
    stage.api.get("/users/openapi.json").await?.is(200);
    stage.api.get("/users/user-avail/cache-aside").await?.is(400);
    // An address named like a route has an `@`, and so is none.
    for name in ["health", "docs", "users", "user-avail"] {
        let email = format!("{name}@{}", people::fresh_address("x").replace('@', "."));
        let body = people::body(&email, &json!({"monday": [9]}), "first");
        let created = stage.api.post("/users/users", &body).await?.is(201).json();
        assert_eq!(stage.api.get(&people::path(&email)).await?.is(200).json(), created);
    }
    Ok(())
}
