//! Jobs: posting, looking up, waiting for their end.

use std::time::Duration;

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use serde_json::{Value, json};

use crate::{Api, eventually, people};

/// Longest wait for a job's end, retries and restarts included.
const END: Duration = Duration::from_secs(60);

pub fn path(job_id: &str) -> String {
    format!("/worker/tasks/{job_id}")
}

/// Posts a job for two people and gives its id.
pub async fn post(api: &Api, one: &str, other: &str) -> anyhow::Result<String> {
    let order = json!({"userId1": one, "userId2": other});
    let reply = api.post("/worker/tasks", &order).await?.ensure_status(202)?;
    Ok(reply.json()["job_id"].as_str().context("a job has no id")?.to_owned())
}

/// Posts that many jobs at once, all for the same two people, and gives their ids.
pub async fn post_many(api: &Api, count: usize, one: &str, other: &str) -> anyhow::Result<Vec<String>> {
    try_join_all((0..count).map(|_| post(api, one, other))).await
}

/// Two people with one shared hour, Friday from 9 to 10.
pub async fn couple(api: &Api) -> anyhow::Result<(String, String)> {
    let one = people::create(api, json!({"friday": [9], "monday": [1]}), "first").await?;
    let other = people::create(api, json!({"friday": [9, 10]}), "last").await?;
    Ok((one, other))
}

/// What a job for a [`couple`] comes to.
pub fn couples_result() -> Value {
    json!([{"day": "friday", "slot": [9, 10]}])
}

pub async fn look_up(api: &Api, job_id: &str) -> anyhow::Result<Value> {
    Ok(api.get(&path(job_id)).await?.ensure_status(200)?.json())
}

/// Waits until the job is in `state`, and gives it.
pub async fn becomes(api: &Api, job_id: &str, state: &str) -> anyhow::Result<Value> {
    eventually(&format!("job {job_id} is {state}"), END, async || {
        let job = look_up(api, job_id).await?;
        ensure!(job["state"] == state, "{job}");
        Ok(job)
    })
    .await
}

/// Waits until the job has come to its end, whatever that is, and gives it.
pub async fn ended(api: &Api, job_id: &str) -> anyhow::Result<Value> {
    eventually(&format!("job {job_id} ends"), END, async || {
        let job = look_up(api, job_id).await?;
        ensure!(has_ended(&job), "{job}");
        Ok(job)
    })
    .await
}

pub fn has_ended(job: &Value) -> bool {
    ["succeeded", "failed", "dead"].iter().any(|state| job["state"] == *state)
}

/// Waits until all of the jobs have succeeded with the same result, and gives them.
pub async fn all_succeed(api: &Api, job_ids: &[String], result: &Value) -> anyhow::Result<Vec<Value>> {
    let mut jobs = Vec::with_capacity(job_ids.len());
    for job_id in job_ids {
        let job = ended(api, job_id).await?;
        ensure!(job["state"] == "succeeded" && result_of(&job) == result, "{job}");
        jobs.push(job);
    }
    Ok(jobs)
}

/// The suggestions in a job that has succeeded.
pub fn result_of(job: &Value) -> &Value {
    &job["result"]
}
