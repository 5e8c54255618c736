use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::task::JoinSet;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use crate::{client, is_refused, refused};

const PAIR: &str = "/availabilities?userId1=a@example.com&userId2=b@example.com";
/// How long one question takes.
const WORK: Duration = Duration::from_millis(200);

async fn users(work: Duration) -> MockServer {
    let server = MockServer::start().await;
    let person = json!({
        "email": "a@example.com",
        "availabilities": {"monday": [9]},
        "preferences": "first",
        "created_at": "2026-11-29T10:00:00Z",
    });
    let batch = ResponseTemplate::new(200).set_body_json(json!({"people": [person, person]})).set_delay(work);
    Mock::given(path("/health")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
    Mock::given(method("GET")).respond_with(batch.clone()).mount(&server).await;
    Mock::given(method("POST")).respond_with(batch).mount(&server).await;
    server
}

async fn availability(users: &MockServer, max_wait_ms: u32) -> anyhow::Result<ServiceProcess> {
    let spec = ServiceSpec::new(Binary::AvailabilityService)
        .env("USER_SERVICE_BASE", users.uri())
        .env("MAX_REQUESTS", 8)
        .env("MAX_WAIT_MS", max_wait_ms);
    ServiceProcess::start(spec).await
}

#[tokio::test]
async fn what_is_too_much_is_refused_at_once_and_the_rest_is_served() -> anyhow::Result<()> {
    let users = users(WORK).await;
    let service = availability(&users, 500).await?;
    let (client, url) = (client(1)?, service.url() + PAIR);
    let mut asked = JoinSet::new();
    for _ in 0..100 {
        let request = client.get(&url);
        asked.spawn(async move {
            let started = Instant::now();
            anyhow::Ok((is_refused(request.send().await?).await?, started.elapsed()))
        });
    }
    let (mut given, mut turned_away) = (0, 0);
    for outcome in asked.join_all().await {
        let (is_refused, took) = outcome?;
        assert!(took < Duration::from_secs(10), "{took:?}");
        *if is_refused { &mut turned_away } else { &mut given } += 1;
    }
    // Eight at once, and eight more each time that these are done, while the others may wait.
    assert!((8..=72).contains(&given), "{given} of 100 were answered");
    assert_eq!(refused(&service, "requests").await?, f64::from(turned_away));
    Ok(())
}

#[tokio::test]
async fn a_greedy_client_keeps_nobody_else_waiting() -> anyhow::Result<()> {
    let users = users(WORK).await;
    let service = availability(&users, 1_000).await?;
    let (greedy, url) = (client(1)?, service.url() + PAIR);
    let over = Arc::new(AtomicBool::new(false));
    let mut asking = JoinSet::new();
    for _ in 0..200 {
        let (greedy, url, over) = (greedy.clone(), url.clone(), over.clone());
        asking.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                if is_refused(greedy.get(&url).send().await?).await? {
                    tokio::time::sleep(WORK / 10).await;
                }
            }
            anyhow::Ok(())
        });
    }
    tokio::time::sleep(WORK).await;
    let other = client(2)?;
    for _ in 0..5 {
        assert!(!is_refused(other.get(&url).send().await?).await?, "another client is served");
    }
    over.store(true, Ordering::Relaxed);
    for ended in asking.join_all().await {
        ended?;
    }
    Ok(())
}

#[tokio::test]
async fn health_waits_for_no_turn() -> anyhow::Result<()> {
    let users = users(Duration::from_secs(20)).await;
    let spec = ServiceSpec::new(Binary::AvailabilityService)
        .env("USER_SERVICE_BASE", users.uri())
        .env("MAX_REQUESTS", 1)
        .env("MAX_WAIT_MS", 10_000);
    let service = ServiceProcess::start(spec).await?;
    let client = client(1)?;
    let held = tokio::spawn(client.get(service.url() + PAIR).send());
    while users.received_requests().await.unwrap_or_default().is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(client.get(service.url() + "/health").send().await?.status(), 200);
    assert!(!held.is_finished(), "the only place is taken");
    held.abort();
    Ok(())
}
