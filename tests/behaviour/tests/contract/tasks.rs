//! `/tasks`: jobs that are accepted at once and done later.

use std::collections::BTreeSet;

use behaviour::{Stage, jobs, people};
use futures::future::try_join_all;
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    a_job_is_accepted_and_its_result_can_be_looked_up,
    a_jobs_preference_is_honoured,
    a_job_for_somebody_unknown_fails_with_the_reason,
    a_job_without_shared_hours_succeeds_with_none,
    a_key_makes_a_repeated_order_the_same_job,
    a_key_of_another_order_is_refused,
    twenty_orders_with_one_key_are_one_job,
    jobs_are_listed_page_by_page_the_newest_first,
    jobs_are_listed_by_state,
    an_unknown_job_is_not_found,
];

const FIELDS: [&str; 13] = [
    "attempts",
    "case_id",
    "created_at",
    "error",
    "finished_at",
    "job_id",
    "next_attempt_at",
    "preference",
    "result",
    "started_at",
    "state",
    "userId1",
    "userId2",
];

async fn a_job_is_accepted_and_its_result_can_be_looked_up(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let call = stage.api.call(Method::POST, "/worker/tasks").header("Case-ID", "case-42");
    let accepted = call.json(&json!({"userId1": one, "userId2": other})).send().await?.is(202).json();
    let names: Vec<&String> = accepted.as_object().unwrap().keys().collect();
    assert_eq!(names, ["case_id", "job_id", "queue", "status"]);
    assert_eq!((&accepted["case_id"], &accepted["status"]), (&json!("case-42"), &json!("enqueued")));
    assert!(accepted["queue"].as_str().unwrap().starts_with("meeting_jobs"));

    let job = jobs::ended(&stage.api, accepted["job_id"].as_str().unwrap()).await?;
    assert_eq!(job.as_object().unwrap().keys().collect::<Vec<_>>(), FIELDS);
    assert_eq!(job["state"], "succeeded");
    assert_eq!(job["attempts"], 1);
    assert_eq!(job["result"], jobs::couples_result());
    assert_eq!((&job["userId1"], &job["userId2"]), (&json!(one), &json!(other)));
    assert_eq!(job["case_id"], "case-42", "that of the order, not of the look-up");
    assert_eq!(
        (&job["error"], &job["preference"], &job["next_attempt_at"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    let [created, started, finished] =
        ["created_at", "started_at", "finished_at"].map(|at| job[at].as_str().unwrap());
    assert!(created <= started && started <= finished, "{job}");
    Ok(())
}

async fn a_jobs_preference_is_honoured(stage: &Stage) -> anyhow::Result<()> {
    let one = people::create(&stage.api, json!({"monday": [1], "sunday": [22]}), "first").await?;
    let other = people::create(&stage.api, json!({"monday": [1], "sunday": [22]}), "last").await?;
    let first = json!({"day": "monday", "slot": [1, 2]});
    let last = json!({"day": "sunday", "slot": [22, 23]});
    for (preference, expected) in [
        (json!("first"), json!([first])),
        (json!("last"), json!([last])),
        (Value::Null, json!([first, last])),
    ] {
        let order = json!({"userId1": one, "userId2": other, "preference": preference});
        let accepted = stage.api.post("/worker/tasks", &order).await?.is(202).json();
        let job = jobs::ended(&stage.api, accepted["job_id"].as_str().unwrap()).await?;
        assert_eq!((&job["result"], &job["preference"]), (&expected, &preference));
    }
    Ok(())
}

async fn a_job_for_somebody_unknown_fails_with_the_reason(stage: &Stage) -> anyhow::Result<()> {
    let known = people::create(&stage.api, json!({"monday": [1]}), "first").await?;
    let job_id = jobs::post(&stage.api, &known, &people::fresh_address("nobody")).await?;
    let job = jobs::ended(&stage.api, &job_id).await?;
    assert_eq!((&job["state"], &job["attempts"]), (&json!("failed"), &json!(1)));
    assert_eq!((&job["error"], &job["result"]), (&json!("One or both users not found"), &Value::Null));
    Ok(())
}

async fn a_job_without_shared_hours_succeeds_with_none(stage: &Stage) -> anyhow::Result<()> {
    let one = people::create(&stage.api, json!({"monday": [1]}), "first").await?;
    let other = people::create(&stage.api, json!({"monday": [2]}), "first").await?;
    let job = jobs::ended(&stage.api, &jobs::post(&stage.api, &one, &other).await?).await?;
    assert_eq!((&job["state"], &job["result"]), (&json!("succeeded"), &json!([])));
    Ok(())
}

async fn order_with_key(stage: &Stage, key: &str, order: &Value) -> anyhow::Result<behaviour::Reply> {
    stage.api.call(Method::POST, "/worker/tasks").header("Idempotency-Key", key).json(order).send().await
}

fn fresh_key() -> String {
    people::fresh_address("key")
}

async fn a_key_makes_a_repeated_order_the_same_job(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let order = json!({"userId1": one, "userId2": other});
    let key = fresh_key();
    let first = order_with_key(stage, &key, &order).await?.is(202).json();
    let job_id = first["job_id"].as_str().unwrap();
    assert_eq!(order_with_key(stage, &key, &order).await?.is(202).json()["job_id"], job_id);
    let done = jobs::ended(&stage.api, job_id).await?;
    let again = order_with_key(stage, &key, &order).await?.is(202).json();
    assert_eq!((&again["job_id"], &again["status"]), (&first["job_id"], &json!("enqueued")));
    assert_eq!(jobs::look_up(&stage.api, job_id).await?, done, "it was not done twice");
    for other_key in [fresh_key(), "x".repeat(255 - 32) + &fresh_key()[..32]] {
        assert_ne!(order_with_key(stage, &other_key, &order).await?.is(202).json()["job_id"], job_id);
    }
    assert_ne!(jobs::post(&stage.api, &one, &other).await?, job_id, "without a key each order is a job");
    Ok(())
}

async fn a_key_of_another_order_is_refused(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let key = fresh_key();
    order_with_key(stage, &key, &json!({"userId1": one, "userId2": other})).await?.is(202);
    for order in [
        json!({"userId1": other, "userId2": one}),
        json!({"userId1": one, "userId2": other, "preference": "last"}),
    ] {
        let reply = order_with_key(stage, &key, &order).await?;
        reply.refuses(422, &[(json!(["header", "Idempotency-Key"]), "value_error")]);
    }
    Ok(())
}

async fn twenty_orders_with_one_key_are_one_job(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let (key, order) = (fresh_key(), json!({"userId1": one, "userId2": other}));
    let replies = try_join_all((0..20).map(|_| order_with_key(stage, &key, &order))).await?;
    let ids: BTreeSet<String> =
        replies.into_iter().map(|reply| reply.is(202).json()["job_id"].to_string()).collect();
    assert_eq!(ids.len(), 1);
    Ok(())
}

async fn jobs_are_listed_page_by_page_the_newest_first(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let mut posted = Vec::new();
    for _ in 0..7 {
        posted.push(jobs::post(&stage.api, &one, &other).await?);
    }
    posted.reverse();
    let (mut seen, mut after) = (Vec::new(), String::new());
    // Others post too: their jobs lie between ours, and what comes later is on no later page.
    while seen.iter().filter(|id| posted.contains(id)).count() < posted.len() {
        let page = stage.api.get(&format!("/worker/tasks?limit=3{after}")).await?.is(200).json();
        let tasks = page["tasks"].as_array().unwrap();
        assert!(tasks.len() <= 3);
        for task in tasks {
            assert_eq!(task.as_object().unwrap().keys().collect::<Vec<_>>(), FIELDS);
            seen.push(task["job_id"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => {
                assert_eq!(Some(next), tasks.last().and_then(|task| task["job_id"].as_str()));
                after = format!("&after={next}");
            }
            None => break,
        }
    }
    assert!(seen.is_sorted_by(|newer, older| newer > older), "sorted, and no job twice");
    seen.retain(|id| posted.contains(id));
    assert_eq!(seen, posted);

    let page =
        stage.api.get("/worker/tasks?after=00000000-0000-0000-0000-000000000000").await?.is(200).json();
    assert_eq!(page, json!({"tasks": [], "next": null}), "behind the oldest there is nothing");
    Ok(())
}

async fn jobs_are_listed_by_state(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let good = jobs::post(&stage.api, &one, &other).await?;
    let bad = jobs::post(&stage.api, &one, &people::fresh_address("nobody")).await?;
    for (job_id, state) in [(&good, "succeeded"), (&bad, "failed")] {
        jobs::becomes(&stage.api, job_id, state).await?;
        let page = stage.api.get(&format!("/worker/tasks?state={state}&limit=100")).await?.is(200).json();
        let tasks = page["tasks"].as_array().unwrap();
        assert!(tasks.iter().all(|task| task["state"] == state));
        assert!(tasks.iter().any(|task| task["job_id"] == job_id.as_str()));
    }
    for state in ["queued", "running", "dead"] {
        let page = stage.api.get(&format!("/worker/tasks?state={state}")).await?.is(200).json();
        assert!(page["tasks"].as_array().unwrap().iter().all(|task| task["state"] == state));
    }
    Ok(())
}

async fn an_unknown_job_is_not_found(stage: &Stage) -> anyhow::Result<()> {
    for id in ["0197a000-0000-7000-8000-000000000000", "nothing", "1", "%20", "'%20OR%201=1"] {
        stage.api.get(&jobs::path(id)).await?.says(404, "Job Not Found");
    }
    Ok(())
}
