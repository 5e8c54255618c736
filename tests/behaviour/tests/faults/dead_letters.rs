//! Jobs that fail again and again.

use anyhow::ensure;
use behaviour::{Api, eventually, jobs, people};
use reqwest::Method;
use serde_json::json;
use testkit::{DistributedOptions, Service};

use super::{SOON, broker::Broker, proxy_before_peer, start};

const ATTEMPTS: u32 = 3;

/// The consumer tries a job at most so often, with short pauses.
fn attempts(most: u32) -> DistributedOptions {
    DistributedOptions::default().env(Service::WorkerConsumer, "MAX_ATTEMPTS", most).env(
        Service::WorkerConsumer,
        "RETRY_BASE_MS",
        50,
    )
}

async fn order(api: &Api, case_id: &str, couple: &(String, String)) -> anyhow::Result<String> {
    let order = json!({"userId1": couple.0, "userId2": couple.1});
    let call = api.call(Method::POST, "/worker/tasks").header("Case-ID", case_id).json(&order);
    let accepted = call.send().await?.is(202).json();
    Ok(accepted["job_id"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_whose_peer_always_fails_ends_among_the_dead_letters_with_the_reason() -> anyhow::Result<()> {
    let (mut platform, api) = start(attempts(ATTEMPTS)).await?;
    let proxy = proxy_before_peer(platform.consumer()?, "SUGGESTION_BASE").await?;
    let couple = jobs::couple(&api).await?;

    proxy.cut().await;
    let mut dead = Vec::new();
    for number in 0..3 {
        dead.push(order(&api, &format!("case-{number}"), &couple).await?);
    }
    for job_id in &dead {
        let job = jobs::ended(&api, job_id).await?;
        assert_eq!((&job["state"], &job["attempts"]), (&json!("dead"), &json!(ATTEMPTS)), "{job}");
        assert!(!job["error"].as_str().unwrap().is_empty() && job["finished_at"].is_string(), "{job}");
        assert_eq!(job["result"], json!(null));
    }
    let listed = api.get("/worker/tasks?state=dead").await?.is(200).json();
    assert_eq!(listed["tasks"].as_array().unwrap().len(), dead.len());

    // What is posted while it fails, and what comes after, is not held up.
    let waiting = order(&api, "case-later", &couple).await?;
    eventually("a failing job waits for its next attempt", SOON, async || {
        let job = jobs::look_up(&api, &waiting).await?;
        ensure!(job["attempts"] != 0, "{job}");
        Ok(())
    })
    .await?;
    proxy.heal().await?;
    let later = jobs::ended(&api, &order(&api, "case-last", &couple).await?).await?;
    ensure!(jobs::has_ended(&jobs::ended(&api, &waiting).await?));

    let broker = Broker::of(&platform).await?;
    let letters = broker.take_dead_letters().await?;
    for (number, job_id) in dead.iter().enumerate() {
        let of_job: Vec<_> =
            letters.iter().filter(|letter| letter.body["job_id"] == job_id.as_str()).collect();
        assert_eq!(of_job.len(), 1, "each is there once: {letters:?}");
        assert_eq!(of_job[0].correlation_id, format!("case-{number}"));
        assert!(!of_job[0].body.to_string().contains('@'), "it tells whom it is about");
        assert!(of_job[0].reason.contains("suggestion-service"), "{:?}", of_job[0].reason);
        assert!(of_job[0].persistent);
    }
    let others: Vec<_> =
        letters.iter().filter(|letter| !dead.iter().any(|id| letter.body["job_id"] == id.as_str())).collect();
    assert!(
        others
            .iter()
            .all(|letter| letter.body["job_id"] == waiting.as_str()
                || letter.body["job_id"] == later["job_id"])
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passing_failure_is_tried_again_and_a_definite_answer_is_not() -> anyhow::Result<()> {
    let (mut platform, api) = start(attempts(50)).await?;
    let couple = jobs::couple(&api).await?;

    platform.suggestion.kill().await?;
    let job_id = order(&api, "case", &couple).await?;
    let failing = eventually("it fails", SOON, async || {
        let job = jobs::look_up(&api, &job_id).await?;
        ensure!(job["attempts"].as_u64() >= Some(2) && job["state"] == "queued", "{job}");
        Ok(job)
    })
    .await?;
    assert!(failing["error"].is_string() && failing["next_attempt_at"].is_string(), "{failing}");
    platform.suggestion.restart().await?;
    let job = jobs::ended(&api, &job_id).await?;
    assert_eq!((&job["state"], &job["result"]), (&json!("succeeded"), &jobs::couples_result()));
    assert_eq!((&job["error"], &job["next_attempt_at"]), (&json!(null), &json!(null)));

    let nobody = (people::fresh_address("nobody"), couple.1.clone());
    let job = jobs::ended(&api, &order(&api, "case", &nobody).await?).await?;
    assert_eq!((&job["state"], &job["attempts"]), (&json!("failed"), &json!(1)));
    assert_eq!(Broker::of(&platform).await?.dead().await?, 0);
    Ok(())
}
