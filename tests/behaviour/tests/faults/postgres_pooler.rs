//! Everything goes through a PgBouncer in transaction mode, which has three sessions for all connections of all replicas.

use std::process::Output;

use anyhow::ensure;
use behaviour::{
    Api, eventually, jobs,
    load::{Posters, Tolerated, Writers},
    people,
};
use reqwest::Method;
use serde_json::json;
use testkit::{
    Binary, Distributed, DistributedOptions, ServiceProcess, ServiceSpec,
    servers::{PgBouncer, PgBouncerOptions},
    shared,
};
use tokio::process::Command;

use super::{SOON, health_becomes, start};

const SERVICES: [Binary; 2] = [Binary::UserService, Binary::WorkerService];

/// `migrate` of both services that have tables.
async fn migrate(dsn: &str) -> anyhow::Result<Vec<Output>> {
    let mut outputs = Vec::new();
    for program in SERVICES {
        let mut command = Command::new(program.path()?);
        command.arg("migrate").env_clear().env("PG_DSN", dsn).kill_on_drop(true);
        outputs.push(command.output().await?);
    }
    Ok(outputs)
}

/// A pooler before a new database with all tables, and the platform on it.
async fn platform_behind_pooler() -> anyhow::Result<(PgBouncer, Distributed, Api)> {
    let direct = shared::postgres_database().await?;
    for output in migrate(&direct).await? {
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let pooler = PgBouncer::start(&direct, PgBouncerOptions::default()).await?;
    let pg_dsn = Some(format!("{}?pooler=transaction", pooler.dsn()));
    let (platform, api) = start(DistributedOptions { pg_dsn, ..DistributedOptions::default() }).await?;
    Ok((pooler, platform, api))
}

/// Two people answer a poll, and an hour is found for them.
async fn poll_is_answered(api: &Api) -> anyhow::Result<()> {
    let body = json!({"title": "Lunch", "kind": "dates", "dates": ["2026-03-06"], "time_zone": "UTC",
        "from": "09:00", "to": "17:00", "granularity_minutes": 30, "duration_minutes": 60});
    let poll = api.post("/users/polls", &body).await?.is(201).json();
    let id = poll["id"].as_str().unwrap_or_default();
    let range = |start, end| json!({"ranges": [{"start": start, "end": end, "level": "yes"}]});
    for (name, answer) in [
        ("Ada", range("2026-03-06T09:00:00Z", "2026-03-06T12:00:00Z")),
        ("Bob", range("2026-03-06T11:00:00Z", "2026-03-06T13:00:00Z")),
    ] {
        let path = format!("/users/polls/{id}/participants");
        let joined = api.post(&path, &json!({"name": name, "time_zone": "UTC"})).await?.is(201).json();
        let path = format!("{path}/{}/answer", joined["id"].as_str().unwrap_or_default());
        let token = format!("Bearer {}", joined["edit_token"].as_str().unwrap_or_default());
        let call = api.call(Method::PUT, &path).header("authorization", token);
        call.json(&answer).send().await?.is(200);
    }
    let map = api.get(&format!("/availability/polls/{id}/heatmap")).await?.is(200).json();
    assert_eq!(map["participants"], 2);
    let path = format!("/suggestion/polls/{id}/suggestions");
    let windows = api.post(&path, &json!({"max_windows": 1})).await?.is(200).json();
    assert_eq!(windows["windows"][0]["start"], "2026-03-06T11:00:00Z", "{windows}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_pooler_costs_answers_and_nothing_that_was_acknowledged() -> anyhow::Result<()> {
    let (mut pooler, platform, api) = platform_behind_pooler().await?;
    poll_is_answered(&api).await?;
    let couple = jobs::couple(&api).await?;
    let known = people::create(&api, json!({"monday": [9]}), "first").await?;
    let uncached = people::create(&api, json!({"monday": [9]}), "first").await?;
    api.get(&people::cached_path(&known)).await?.is(200);
    let mut accepted = jobs::post_many(&api, 40, &couple.0, &couple.1).await?;
    let mut writers = Writers::start(&api, 8, Tolerated::Unavailable).await?;
    writers.go_on(20).await?;

    pooler.kill().await?;
    for prefix in ["/users", "/worker"] {
        health_becomes(&api, prefix, "unhealthy").await?;
    }
    for user_service in &platform.users {
        user_service.ready().await?;
    }
    api.get(&people::cached_path(&known)).await?.is(200);
    api.get(&people::cached_path(&uncached)).await?.says(503, "Database unavailable");
    let ready = Api::new(format!("http://{}", platform.worker_api.ops()))?;
    eventually("the worker-service is not ready", SOON, async || {
        ready.call(Method::GET, "/readyz").send_unchecked().await?.ensure_status(503)
    })
    .await?;

    pooler.restart().await?;
    for prefix in ["/users", "/worker"] {
        health_becomes(&api, prefix, "healthy").await?;
    }
    platform.worker_api.ready().await?;
    api.get(&people::cached_path(&uncached)).await?.is(200);
    let mut posters = Posters::start(&api, 2, &couple, Tolerated::Nothing);
    writers.go_on(20).await?;
    posters.go_on(20).await?;
    accepted.extend(posters.stop().await?);
    let written = writers.stop_and_check(&api).await?;
    assert!(written.iter().any(|written| written.refused > 0), "the outage was not even noticed");
    jobs::all_succeed(&api, &accepted, &jobs::couples_result()).await?;
    poll_is_answered(&api).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_in_the_wrong_place_ends_the_process_and_is_named() -> anyhow::Result<()> {
    let direct = shared::postgres_database().await?;
    let pooler = PgBouncer::start(&direct, PgBouncerOptions::default()).await?;
    for output in migrate(&format!("{}?pooler=transaction", pooler.dsn())).await? {
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(!output.status.success() && said.contains("leads past it"), "{said}");
    }
    for program in SERVICES {
        let spec = ServiceSpec::new(program).env("PG_DSN", pooler.dsn());
        let mut process = ServiceProcess::start_unready(spec).await?;
        let status = tokio::time::timeout(SOON, process.wait()).await??;
        let log = process.logs().join("\n");
        ensure!(!status.success() && log.contains("pooler=transaction"), "{program:?}: {log}");
    }
    Ok(())
}
