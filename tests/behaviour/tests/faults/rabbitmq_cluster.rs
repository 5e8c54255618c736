//! A broker of three nodes loses one.

use std::time::{Duration, Instant};

use anyhow::ensure;
use behaviour::{
    jobs,
    load::{Posters, Tolerated},
};
use prometheus_text::samples;
use reqwest::Method;
use testkit::{DistributedOptions, servers::RabbitMqCluster};

use super::{broker::Broker, health_becomes, rabbitmq::everything_is_done_once_by, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_jobs_outlive_the_node_that_leads_their_queue() -> anyhow::Result<()> {
    let mut cluster = RabbitMqCluster::start(3).await?;
    let options = DistributedOptions { amqp_url: Some(cluster.url()), ..DistributedOptions::default() };
    let (platform, api) = start(options).await?;
    let couple = jobs::couple(&api).await?;
    health_becomes(&api, "/worker", "healthy").await?;
    let mut posters = Posters::start(&api, 8, &couple, Tolerated::Nothing);
    posters.go_on(400).await?;

    let leader = cluster.leader(platform.queue_name(), 0).await?;
    cluster.nodes[leader].kill().await?;
    let killed = Instant::now();
    posters.go_on(600).await?;
    health_becomes(&api, "/worker", "healthy").await?;
    ensure!(killed.elapsed() < Duration::from_secs(30), "{:?}", killed.elapsed());
    let accepted = posters.stop().await?;
    assert!(accepted.len() >= 1_000, "{}", accepted.len());

    let other = cluster.node_url((leader + 1) % 3);
    everything_is_done_once_by(Broker::at(&other, &platform).await?, &api, &accepted).await?;
    // Every end of a job is counted where it was brought about.
    let consumer =
        platform.worker_consumer.as_ref().map(|consumer| api.at(format!("http://{}", consumer.ops())));
    let page = consumer.unwrap().call(Method::GET, "/metrics").send_unchecked().await?.text();
    let ends: Vec<_> = samples(&page).filter(|s| s.name == "worker_job_turnaround_seconds_count").collect();
    let ends: f64 = ends.iter().map(|sample| sample.value).sum();
    assert_eq!(ends.to_string(), accepted.len().to_string());
    Ok(())
}
