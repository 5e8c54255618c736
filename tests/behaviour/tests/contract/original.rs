//! What the original system got wrong, row by row, as its clients met it.
//!
//! Rows about something being away are in the `faults` tests: a Redis outage and a hung Redis in `redis`, PostgreSQL
//! down and its restart in `postgres`, a down broker and a deleted queue in `rabbitmq`, failing jobs in `dead_letters`,
//! one mapping of an unavailable service in `peers`. What pooled connections are for, speed, the benchmark measures.

use behaviour::{Stage, jobs, people};
use futures::future::try_join_all;
use reqwest::Method;
use serde_json::json;

behaviour::in_every_form![
    sql_in_a_parameter_finds_nobody_and_changes_nothing,
    put_stores_and_delete_removes,
    a_known_address_is_a_conflict_and_cache_and_database_agree,
    availabilities_are_an_object_from_the_cache_too,
    the_cache_does_not_outlive_an_update_or_a_deletion,
    nonsense_is_refused_with_its_place,
    a_missing_second_person_is_a_400,
    a_job_can_be_looked_up,
    a_jobs_preference_counts,
    an_apostrophe_is_an_ordinary_letter,
    twenty_creations_at_once_give_one_201,
    errors_are_json_with_a_case_id,
    a_trailing_slash_does_not_redirect,
    documentation_works_behind_the_prefix,
];

async fn sql_in_a_parameter_finds_nobody_and_changes_nothing(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    for attack in [
        "x' OR '1'='1",
        "x'; DROP TABLE people; --",
        "' UNION SELECT * FROM people --",
        "\\'; --",
        "$1",
        "x') OR ('1'='1",
    ] {
        let attack = people::encode(attack);
        stage.api.get(&format!("/users/user-avail/cache-aside?user1email={attack}")).await?.is(404);
        stage.api.get(&format!("/users/users/{attack}")).await?.is(404);
        stage.api.delete(&format!("/users/users/{attack}")).await?.is(404);
        let pair = format!("/availability/availabilities?userId1={attack}&userId2={attack}");
        stage.api.get(&pair).await?.is(404);
        stage.api.get(&format!("/worker/tasks?state={attack}")).await?.is(422);
    }
    stage.api.get(&people::path(&email)).await?.is(200);
    Ok(())
}

async fn put_stores_and_delete_removes(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let body = people::body(&email, &json!({"friday": [3]}), "last");
    stage.api.put(&people::path(&email), &body).await?.is(200);
    let stored = stage.api.get(&people::path(&email)).await?.is(200).json();
    assert_eq!((&stored["availabilities"]["friday"], &stored["preferences"]), (&json!([3]), &json!("last")));
    stage.api.delete(&people::path(&email)).await?.is(204);
    for _ in 0..3 {
        stage.api.get(&people::path(&email)).await?.is(404);
        stage.api.put(&people::path(&email), &body).await?.is(404);
    }
    Ok(())
}

async fn a_known_address_is_a_conflict_and_cache_and_database_agree(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let other = people::body(&email, &json!({"monday": [10]}), "first");
    stage.api.post("/users/users", &other).await?.is(409);
    let stored = stage.api.get(&people::path(&email)).await?.is(200).json();
    assert_eq!(stored["availabilities"]["monday"], json!([9]));
    assert_eq!(stage.api.get(&people::cached_path(&email)).await?.is(200).json(), stored);
    Ok(())
}

async fn availabilities_are_an_object_from_the_cache_too(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    for path in [people::cached_path(&email), people::path(&email)].iter().cycle().take(6) {
        assert!(stage.api.get(path).await?.is(200).json()["availabilities"].is_object());
    }
    Ok(())
}

async fn the_cache_does_not_outlive_an_update_or_a_deletion(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let cached = people::cached_path(&email);
    for _ in 0..4 {
        stage.api.get(&cached).await?.is(200);
    }
    let body = people::body(&email, &json!({"monday": [10]}), "first");
    stage.api.put(&people::path(&email), &body).await?.is(200);
    for _ in 0..4 {
        assert_eq!(stage.api.get(&cached).await?.is(200).json()["availabilities"]["monday"], json!([10]));
    }
    stage.api.delete(&people::path(&email)).await?.is(204);
    for _ in 0..4 {
        stage.api.get(&cached).await?.is(404);
    }
    Ok(())
}

async fn nonsense_is_refused_with_its_place(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("nonsense");
    for (week, preference, loc) in [
        (json!({"monday": [99]}), "first", json!(["body", "availabilities", "monday", 0])),
        (json!({"Blursday": [9]}), "first", json!(["body", "availabilities", "Blursday"])),
        (json!({"monday": [9]}), "zzz", json!(["body", "preferences"])),
    ] {
        let reply = stage.api.post("/users/users", &people::body(&email, &week, preference)).await?;
        reply.refuses(400, &[(loc, "value_error")]);
        stage.api.get(&people::path(&email)).await?.is(404);
    }
    Ok(())
}

async fn a_missing_second_person_is_a_400(stage: &Stage) -> anyhow::Result<()> {
    for path in ["/availability/availabilities", "/suggestion/suggestions"] {
        let reply = stage.api.get(&format!("{path}?userId1=a@example.com")).await?;
        reply.refuses(400, &[(json!(["query", "userId2"]), "missing")]);
    }
    Ok(())
}

async fn a_job_can_be_looked_up(stage: &Stage) -> anyhow::Result<()> {
    let (one, other) = jobs::couple(&stage.api).await?;
    let job = jobs::ended(&stage.api, &jobs::post(&stage.api, &one, &other).await?).await?;
    assert_eq!(job["result"], jobs::couples_result());
    Ok(())
}

async fn a_jobs_preference_counts(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9], "friday": [3]}), "first").await?;
    let order = json!({"userId1": email, "userId2": email, "preference": "last"});
    let accepted = stage.api.post("/worker/tasks", &order).await?.is(202).json();
    let job = jobs::ended(&stage.api, accepted["job_id"].as_str().unwrap()).await?;
    assert_eq!(job["result"], json!([{"day": "friday", "slot": [3, 4]}]));
    Ok(())
}

async fn an_apostrophe_is_an_ordinary_letter(stage: &Stage) -> anyhow::Result<()> {
    let email = format!("o'brien.{}", people::fresh_address("x"));
    let created =
        stage.api.post("/users/users", &people::body(&email, &json!({}), "first")).await?.is(201).json();
    assert_eq!(stage.api.get(&format!("/users/users/{email}")).await?.is(200).json(), created);
    assert_eq!(stage.api.get(&people::cached_path(&email)).await?.is(200).json(), created);
    Ok(())
}

async fn twenty_creations_at_once_give_one_201(stage: &Stage) -> anyhow::Result<()> {
    let body = people::body(&people::fresh_address("twenty"), &json!({"monday": [9]}), "first");
    let replies = try_join_all((0..20).map(|_| stage.api.post("/users/users", &body))).await?;
    assert_eq!(replies.iter().filter(|reply| reply.status == 201).count(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 200).count(), 19);
    Ok(())
}

async fn errors_are_json_with_a_case_id(stage: &Stage) -> anyhow::Result<()> {
    for (method, path) in
        [(Method::GET, "/users/nothing"), (Method::PATCH, "/worker/tasks"), (Method::POST, "/users/users")]
    {
        let reply = stage.api.call(method, path).header("Case-ID", "mine").send().await?;
        assert!(reply.status >= 400 && reply.json()["case_id"] == "mine", "{}", reply.request);
    }
    Ok(())
}

async fn a_trailing_slash_does_not_redirect(stage: &Stage) -> anyhow::Result<()> {
    let body = people::body(&people::fresh_address("slash"), &json!({}), "first");
    stage.api.post("/users/users/", &body).await?.is(201);
    stage.api.get("/worker/tasks/").await?.is(200);
    Ok(())
}

async fn documentation_works_behind_the_prefix(stage: &Stage) -> anyhow::Result<()> {
    for prefix in ["/users", "/availability", "/suggestion", "/worker"] {
        stage.api.get(&format!("{prefix}/docs")).await?.is(200);
        assert!(stage.api.get(&format!("{prefix}/openapi.json")).await?.is(200).json()["paths"].is_object());
    }
    Ok(())
}
