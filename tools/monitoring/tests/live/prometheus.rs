//! Prometheus's API.

use std::{
    collections::BTreeSet,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, bail, ensure};
use monitoring::{model::Query, page::Series};
use serde_json::Value;
use testkit::eventually;

use crate::http;

/// Longest wait for the first scrapes.
const SCRAPED: Duration = Duration::from_secs(30);
/// What Grafana would fill in for `$__rate_interval`, with a scrape each second.
const RATE_INTERVAL: &str = "5s";
/// Seconds that the drawn panels show, and between two of their points.
const SHOWN: f64 = 60.0;
const STEP: &str = "1";

pub(crate) struct Prometheus {
    url: String,
    client: reqwest::Client,
}

impl Prometheus {
    pub(crate) fn new(url: String) -> anyhow::Result<Prometheus> {
        Ok(Prometheus { url, client: http()? })
    }

    /// Returns when so many targets are up.
    pub(crate) async fn until_scraped(&self, targets: usize) -> anyhow::Result<()> {
        eventually("all targets are scraped", SCRAPED, async || {
            let up = self.ask("query", &[("query", "up == 1")]).await?.len();
            ensure!(up >= targets, "{up} of {targets} are");
            Ok(())
        })
        .await
    }

    /// What a query of a panel is answered for the last minute.
    pub(crate) async fn over_time(&self, query: &Query) -> anyhow::Result<Vec<Series>> {
        let expr = query.expr.replace("$__rate_interval", RATE_INTERVAL);
        // Whoever looks at one service looks at each of them in turn.
        let expr = expr.replace("=\"$service\"", "=~\".+\"");
        ensure!(!expr.contains('$'), "an unknown variable in {expr}");
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64();
        let (start, end) = ((now - SHOWN).to_string(), now.to_string());
        let range = [("query", expr.as_str()), ("start", &start), ("end", &end), ("step", STEP)];
        let answered = self.ask("query_range", &range).await?;
        Ok(answered.iter().filter_map(|series| read(series, query.legend)).collect())
    }

    /// Whether there is such a series now.
    pub(crate) async fn has(&self, selector: &str) -> anyhow::Result<bool> {
        Ok(!self.ask("query", &[("query", selector)]).await?.is_empty())
    }

    pub(crate) async fn firing(&self) -> anyhow::Result<BTreeSet<String>> {
        let firing = self.ask("query", &[("query", "ALERTS{alertstate=\"firing\"}")]).await?;
        Ok(firing
            .iter()
            .filter_map(|series| Some(series["metric"]["alertname"].as_str()?.to_owned()))
            .collect())
    }

    async fn ask(&self, what: &str, query: &[(&str, &str)]) -> anyhow::Result<Vec<Value>> {
        let request = self.client.get(format!("{}/api/v1/{what}", self.url)).query(query);
        let reply: Value = request.send().await?.json().await?;
        if reply["status"] != "success" {
            bail!("{query:?}: {}", reply["error"]);
        }
        reply["data"]["result"].as_array().cloned().context("a result")
    }
}

/// A series with at least one number; one of NaN alone is no data.
fn read(series: &Value, legend: &str) -> Option<Series> {
    let points: Vec<(f64, f64)> = series["values"]
        .as_array()?
        .iter()
        .filter_map(|point| Some((point[0].as_f64()?, point[1].as_str()?.parse().ok()?)))
        .collect();
    points.iter().any(|point| !point.1.is_nan()).then(|| Series { name: name(series, legend), points })
}

/// The legend with its labels filled in.
fn name(series: &Value, legend: &str) -> String {
    let mut name = legend.to_owned();
    for (label, value) in series["metric"].as_object().into_iter().flatten() {
        name = name.replace(&format!("{{{{{label}}}}}"), value.as_str().unwrap_or_default());
    }
    name
}
