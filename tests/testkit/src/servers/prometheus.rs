use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::server::{Server, ServerKind};
use crate::ports::free_port;
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package = Package { name: "prometheus", directories: &["/usr/bin"] };

/// A Prometheus that scrapes, and evaluates its rules, every second.
pub type Prometheus = Server<PrometheusKind>;

pub struct PrometheusKind;

impl Prometheus {
    /// Starts a server that scrapes `/metrics` of each target and evaluates the rules of this file.
    pub async fn start(targets: &[SocketAddr], rules: &Path) -> anyhow::Result<Prometheus> {
        let directory = ServerDirectory::make("prometheus", ServerFiles::default())?;
        let mut config =
            String::from("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n");
        writeln!(config, "rule_files: [{}]", serde_json::to_string(&fs::canonicalize(rules)?)?)?;
        config.push_str("scrape_configs:\n  - job_name: w2meet\n    static_configs:\n      - targets:\n");
        for target in targets {
            writeln!(config, "          - {target}")?;
        }
        fs::write(directory.path().join("prometheus.yml"), config)?;
        let mut prometheus = Server::new(PrometheusKind, directory, free_port()?);
        prometheus.launch().await?;
        Ok(prometheus)
    }

    /// The URL of its API, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}

impl ServerKind for PrometheusKind {
    const NAME: &'static str = "Prometheus";
    const STOP: Signal = Signal::TERM;
    const STOP_WITHIN: Duration = Duration::from_secs(10);
    const READY_WITHIN: Duration = Duration::from_secs(30);

    fn command(prometheus: &Prometheus) -> anyhow::Result<Command> {
        let mut command = clean_command(PACKAGE.program("prometheus")?);
        command.arg("--config.file").arg(prometheus.directory.path().join("prometheus.yml"));
        command.arg("--storage.tsdb.path").arg(prometheus.directory.path().join("data"));
        command.arg(format!("--web.listen-address={}", prometheus.address()));
        Ok(command)
    }

    async fn answers(prometheus: &Prometheus, _process: u32) -> bool {
        probe::http_status(prometheus.address(), "/-/ready").await == Some(200)
    }
}
