//! The database is killed and comes back.

use behaviour::{
    Api, Reply, jobs,
    load::{Tolerated, Writers},
    people,
};
use serde_json::{Value, json};
use testkit::{Distributed, DistributedOptions, servers::Postgres};

use super::{health_becomes, start};

async fn platform_on(postgres: &Postgres) -> anyhow::Result<(Distributed, Api)> {
    let pg_dsn = Some(postgres.create_database().await?);
    start(DistributedOptions { pg_dsn, ..DistributedOptions::default() }).await
}

/// In shape, which every reply is checked for, and with what the contract says.
#[track_caller]
fn is_refused(reply: Reply) {
    let msg = reply.json()["detail"][0]["msg"].as_str().unwrap_or_default().to_owned();
    assert!(msg.ends_with("unavailable"), "{msg}");
    assert!(!reply.header("retry-after").is_empty());
    reply.says(503, &msg);
}

#[tokio::test(flavor = "multi_thread")]
async fn cached_reads_go_on_writes_are_refused_and_leave_no_trace() -> anyhow::Result<()> {
    let mut postgres = Postgres::start().await?;
    let (platform, api) = platform_on(&postgres).await?;
    let known = people::create(&api, json!({"monday": [9]}), "first").await?;
    let uncached = people::create(&api, json!({"monday": [9]}), "first").await?;
    let record = api.get(&people::cached_path(&known)).await?.is(200).json();
    let mut writers = Writers::start(&api, 4, Tolerated::Unavailable).await?;

    postgres.kill().await?;
    health_becomes(&api, "/users", "unhealthy").await?;
    health_becomes(&api, "/worker", "unhealthy").await?;
    let new = people::fresh_address("lost");
    refused_writes(&api, &known, &new).await?;
    for _ in 0..10 {
        assert_eq!(api.get(&people::cached_path(&known)).await?.is(200).json(), record);
        let id = people::encode(&known);
        api.get(&format!("/availability/availabilities?userId1={id}&userId2={id}")).await?.is(200);
        api.get(&format!("/suggestion/suggestions?userId1={id}&userId2={id}")).await?.is(200);
    }
    api.get(&people::cached_path(&uncached)).await?.says(503, "Database unavailable");

    postgres.restart().await?;
    for replica in &platform.users {
        // The first request of each replica, on connections that have died meanwhile.
        let replica = api.at(replica.url());
        let read =
            replica.get(&people::cached_path(&uncached).replacen("/users", "", 1)).await?.is(200).json();
        assert_eq!(read["email"], uncached.as_str());
    }
    health_becomes(&api, "/users", "healthy").await?;
    health_becomes(&api, "/worker", "healthy").await?;
    for _ in 0..4 {
        assert_eq!(api.get(&people::path(&known)).await?.is(200).json(), record);
        assert_eq!(api.get(&people::cached_path(&known)).await?.is(200).json(), record);
        api.get(&people::path(&new)).await?.is(404);
        api.get(&people::cached_path(&new)).await?.is(404);
    }
    writers.go_on(5).await?;
    let written = writers.stop_and_check(&api).await?;
    assert!(written.iter().any(|written| written.refused > 0), "the outage was not even noticed");
    assert_eq!(tasks(&api).await?, 0, "no job of a refused order");
    Ok(())
}

/// All at once, since each waits for a connection until its deadline.
async fn refused_writes(api: &Api, known: &str, new: &str) -> anyhow::Result<()> {
    let week = json!({"sunday": [1]});
    let (other, newcomer) = (people::body(known, &week, "last"), people::body(new, &week, "last"));
    let (path, order) = (people::path(known), json!({"userId1": known, "userId2": known}));
    for _ in 0..2 {
        let (create, again, replace, delete, order, list) = futures::try_join!(
            api.post("/users/users", &newcomer),
            api.post("/users/users", &other),
            api.put(&path, &other),
            api.delete(&path),
            api.post("/worker/tasks", &order),
            api.get("/worker/tasks"),
        )?;
        [create, again, replace, delete, order, list].into_iter().for_each(is_refused);
    }
    Ok(())
}

async fn tasks(api: &Api) -> anyhow::Result<usize> {
    let page = api.get("/worker/tasks").await?.is(200).json();
    Ok(page["tasks"].as_array().map_or(0, Vec::len))
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_under_way_wait_for_the_database() -> anyhow::Result<()> {
    let mut postgres = Postgres::start().await?;
    let (platform, api) = platform_on(&postgres).await?;
    let (one, other) = jobs::couple(&api).await?;
    for _ in 0..2 {
        let accepted = jobs::post_many(&api, 40, &one, &other).await?;
        // Some have ended, some are with the consumer, some wait.
        postgres.kill().await?;
        postgres.restart().await?;
        let jobs = jobs::all_succeed(&api, &accepted, &jobs::couples_result()).await?;
        assert_eq!(jobs.len(), 40);
    }
    let broker = super::broker::Broker::of(&platform).await?;
    assert_eq!(broker.dead().await?, 0);
    let page = api.get("/worker/tasks?limit=100").await?.is(200).json();
    assert_eq!(
        page["tasks"].as_array().map(Vec::len),
        Some(80),
        "no job more than were accepted: {}",
        page["next"]
    );
    assert_eq!(page["next"], Value::Null);
    Ok(())
}
