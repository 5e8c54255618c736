//! The platform under load, scraped by a real Prometheus: every metric is documented, and every query of every dashboard
//! and of every alert has an answer. The dashboards are drawn into pages on the way, for `make dashboards-png`.

mod catalogue;
mod load;
mod operator;
mod prometheus;
mod queries;

use std::{collections::BTreeSet, fs, net::SocketAddr, path::PathBuf, time::Duration};

use behaviour::Api;
use monitoring::{alerts_file, dashboards, page};
use testkit::{DistributedOptions, Form, StandaloneOptions, servers};

use operator::Operator;
use prometheus::Prometheus;

/// The load goes on for so long, for lines that are more than a dot.
const LOAD: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
async fn every_query_has_an_answer_and_every_metric_is_documented() -> anyhow::Result<()> {
    let mut platform = Form::distributed(DistributedOptions::default()).await?;
    let operator = Operator::start(platform.amqp_url(), platform.queue_name()).await?;
    let services = platform.services().into_iter().map(|service| service.ops());
    let targets: Vec<SocketAddr> = services.chain([operator.ops]).collect();
    let mut server = servers::Prometheus::start(&targets, &alerts_file()).await?;
    let prometheus = Prometheus::new(server.url())?;
    prometheus.until_scraped(targets.len()).await?;

    let api = Api::new(platform.gateway_url())?;
    load::ask_without(&mut platform.availability, &api).await?;
    load::work_for(LOAD, &api).await?;

    catalogue::compare(&targets).await?;
    for dashboard in dashboards::all() {
        let mut drawn = Vec::new();
        for panel in dashboard.panels() {
            let mut series = Vec::new();
            for query in &panel.queries {
                let answered = prometheus.over_time(query).await?;
                anyhow::ensure!(
                    !answered.is_empty(),
                    "{}, {}: no data for {}",
                    dashboard.title,
                    panel.title,
                    query.expr
                );
                series.extend(answered);
            }
            drawn.push((panel, series));
        }
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.html", dashboard.uid));
        fs::write(file, page::html(&dashboard, &drawn))?;
    }
    for selector in queries::selectors(&fs::read_to_string(alerts_file())?)? {
        anyhow::ensure!(
            prometheus.has(&selector).await?,
            "an alert asks for {selector}, and there is no such series"
        );
    }
    let firing = prometheus.firing().await?;
    anyhow::ensure!(firing == BTreeSet::new(), "alerts that nobody should see: {firing:?}");
    server.stop().await?;
    drop(operator);
    platform.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_services_in_one_process_have_the_same_metrics() -> anyhow::Result<()> {
    let mut platform = Form::standalone(StandaloneOptions::default()).await?;
    load::work_once(0, &Api::new(platform.gateway_url())?).await?;
    catalogue::known(&[platform.process.ops()]).await?;
    platform.stop().await
}

fn http() -> anyhow::Result<reqwest::Client> {
    tls_provider::install();
    Ok(reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?)
}
