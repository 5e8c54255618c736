//! What a cluster promises beside the contract: pods come and go, and nobody who uses the platform notices. The platform
//! is the one at W2MEET_URL; scripts/e2e.sh runs this.

use std::{env, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use behaviour::{
    Stage, jobs,
    load::{Posters, Tolerated, Writers},
    people, run_elsewhere,
};
use serde_json::json;
use tokio::{process::Command, time::timeout};

/// The variable with the command that disturbs the platform; it ends when it has, and all is well again.
const DISTURBANCE: &str = "W2MEET_DISTURBANCE";
/// The variable with the address of a person who outlives the platform's installation.
const WITNESS: &str = "W2MEET_WITNESS";
/// Longest time for it.
const LIMIT: Duration = Duration::from_secs(900);
/// Rounds of each client before and after it, so that it happens in the middle of something.
const ROUNDS: usize = 20;

fn variable(name: &str) -> anyhow::Result<String> {
    let value = env::var_os(name).and_then(|value| value.into_string().ok());
    value.with_context(|| format!("{name} is not set; scripts/e2e.sh sets it"))
}

async fn disturb() -> anyhow::Result<()> {
    let command = variable(DISTURBANCE)?;
    let running =
        Command::new("bash").args(["-c", &command]).stdin(Stdio::null()).kill_on_drop(true).status();
    let status = timeout(LIMIT, running).await.with_context(|| format!("{command} does not end"))??;
    ensure!(status.success(), "{command} failed: {status}");
    Ok(())
}

#[test]
fn no_request_fails_and_no_job_is_lost_while_pods_come_and_go() -> anyhow::Result<()> {
    run_elsewhere(async |stage: &Stage| {
        let couple = jobs::couple(&stage.api).await?;
        let mut writers = Writers::start(&stage.api, 8, Tolerated::Nothing).await?;
        let mut posters = Posters::start(&stage.api, 2, &couple, Tolerated::Nothing);
        writers.go_on(ROUNDS).await?;
        disturb().await?;
        writers.go_on(ROUNDS).await?;
        posters.go_on(ROUNDS).await?;
        let posted = posters.stop().await?;
        writers.stop_and_check(&stage.api).await?;
        jobs::all_succeed(&stage.api, &posted, &jobs::couples_result()).await?;
        Ok(())
    })
}

#[test]
fn a_witness_is_written() -> anyhow::Result<()> {
    run_elsewhere(async |stage: &Stage| {
        let body = people::body(&variable(WITNESS)?, &json!({"sunday": [23]}), "last");
        stage.api.post("/users/users", &body).await?.is(201);
        Ok(())
    })
}

#[test]
fn a_witness_is_still_there() -> anyhow::Result<()> {
    run_elsewhere(async |stage: &Stage| {
        let read = stage.api.get(&people::path(&variable(WITNESS)?)).await?.is(200).json();
        ensure!(read["availabilities"] == people::week(&json!({"sunday": [23]})), "{read}");
        Ok(())
    })
}
