//! Processes stop in order while clients work.

use std::time::{Duration, Instant};

use anyhow::ensure;
use behaviour::{
    Api, eventually, jobs,
    load::{Tolerated, Writers},
    people,
};
use prometheus_text::{Sample, samples};
use reqwest::Method;
use testkit::{Distributed, DistributedOptions, Service, TcpProxy};

use super::{SOON, proxy_before_peer, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_stops_in_order_fails_no_request() -> anyhow::Result<()> {
    let (mut platform, api) = start(DistributedOptions::default()).await?;
    for round in 0..4 {
        let mut writers = Writers::start(&api, 8, Tolerated::Nothing).await?;
        writers.go_on(10).await?;
        let replica = &mut platform.users[round % 2];
        replica.terminate()?;
        let status = replica.wait().await?;
        assert!(status.success(), "round {round}: {status}");
        writers.go_on(10).await?;
        let written = writers.stop_and_check(&api).await?;
        assert!(written.iter().all(|written| written.acknowledged == written.sent), "{written:?}");
        platform.users[round % 2].restart().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_platform_stops_in_order_after_finishing_its_jobs() -> anyhow::Result<()> {
    let (mut platform, api) = start(DistributedOptions::default()).await?;
    let (one, other) = jobs::couple(&api).await?;
    jobs::post_many(&api, 20, &one, &other).await?;
    platform.stop().await?;
    for service in platform.services() {
        let logs = service.logs();
        let end: Vec<&String> = logs.iter().skip_while(|line| !line.contains("\"stopping\"")).collect();
        assert!(end.iter().any(|line| line.contains("\"stopped\"")), "{}: {logs:#?}", service.name());
        assert!(!end.iter().any(|line| line.contains("\"ERROR\"")), "{}: {end:#?}", service.name());
    }
    Ok(())
}

/// A platform whose suggestion-service asks through a proxy, with one more variable, and a question for it.
async fn platform_with_proxy(name: &str, value: &str) -> anyhow::Result<(Distributed, TcpProxy, String)> {
    let options = DistributedOptions::default().env(Service::Suggestion, "PEER_TIMEOUT_MS", 30_000).env(
        Service::Suggestion,
        name,
        value,
    );
    let (mut platform, api) = start(options).await?;
    let proxy = proxy_before_peer(&mut platform.suggestion, "AVAILABILITY_SERVICE_BASE").await?;
    let (one, other) = jobs::couple(&api).await?;
    let (one, other) = (people::encode(&one), people::encode(&other));
    Ok((platform, proxy, format!("/suggestions?userId1={one}&userId2={other}")))
}

/// Asks in a task of its own, and waits until the service is at it.
async fn ask(
    platform: &Distributed,
    question: &str,
) -> anyhow::Result<tokio::task::JoinHandle<anyhow::Result<u16>>> {
    let api = Api::new(platform.suggestion.url())?;
    let ops = api.at(format!("http://{}", platform.suggestion.ops()));
    let question = question.to_owned();
    let asking = tokio::spawn(async move { Ok(api.get(&question).await?.status) });
    eventually("the question is under way", SOON, async || {
        let page = ops.call(Method::GET, "/metrics").send_unchecked().await?.text();
        let is_active = |sample: Sample| sample.name == "http_server_active_requests" && sample.value == 1.0;
        ensure!(samples(&page).any(is_active), "no request is");
        Ok(())
    })
    .await?;
    Ok(asking)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_under_way_is_answered_before_the_process_ends() -> anyhow::Result<()> {
    let (mut platform, proxy, question) = platform_with_proxy("SHUTDOWN_GRACE_SECONDS", "30").await?;
    proxy.hang();
    let asking = ask(&platform, &question).await?;
    platform.suggestion.terminate()?;
    platform.suggestion.wait_for_log("stopping", SOON).await?;
    proxy.heal().await?;
    assert_eq!(asking.await??, 200);
    let status = platform.suggestion.wait().await?;
    assert!(status.success(), "{status}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_ends_is_cut_off_at_the_hard_limit() -> anyhow::Result<()> {
    let (mut platform, proxy, question) = platform_with_proxy("SHUTDOWN_GRACE_SECONDS", "1").await?;
    proxy.hang();
    let asking = ask(&platform, &question).await?;
    let started = Instant::now();
    platform.suggestion.terminate()?;
    platform.suggestion.wait().await?;
    let took = started.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&took), "{took:?}");
    assert!(asking.await?.is_err(), "there was nobody left to answer");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_process_is_not_ready_while_it_still_answers() -> anyhow::Result<()> {
    let (mut platform, _proxy, question) = platform_with_proxy("DRAIN_DELAY_MS", "3000").await?;
    let api = Api::new(platform.suggestion.url())?;
    let ops = api.at(format!("http://{}", platform.suggestion.ops()));
    platform.suggestion.terminate()?;
    platform.suggestion.wait_for_log("stopping", SOON).await?;
    ops.call(Method::GET, "/readyz").send_unchecked().await?.is(503);
    ops.call(Method::GET, "/livez").send_unchecked().await?.is(200);
    api.get(&question).await?.is(200);
    let status = platform.suggestion.wait().await?;
    assert!(status.success(), "{status}");
    Ok(())
}
