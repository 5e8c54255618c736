use std::fmt::Write;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;

use super::daemon::{Daemon, Stop};
use super::install::Package;
use super::place::{Home, Place};
use super::{HOST, loopback};
use crate::ports::free_port;
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package = Package { name: "prometheus", directories: &["/usr/bin"] };
const READY: Duration = Duration::from_secs(30);
const STOP: Stop = Stop { signal: Signal::TERM, grace: Duration::from_secs(10), farewell: Signal::KILL };

/// A Prometheus that scrapes, and evaluates its rules, every second.
pub struct Prometheus {
    daemon: Daemon,
    home: Home,
    port: u16,
}

impl Prometheus {
    /// Starts a server that scrapes `/metrics` of each target and evaluates the rules of this file.
    pub async fn start(targets: &[SocketAddr], rules: &Path) -> anyhow::Result<Prometheus> {
        let home = Home::make("prometheus", Place::default())?;
        let mut config =
            String::from("global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}\n");
        writeln!(config, "rule_files: [{}]", serde_json::to_string(&fs::canonicalize(rules)?)?)?;
        config.push_str("scrape_configs:\n  - job_name: w2meet\n    static_configs:\n      - targets:\n");
        for target in targets {
            writeln!(config, "          - {target}")?;
        }
        fs::write(home.path().join("prometheus.yml"), config)?;
        let daemon = Daemon::new("Prometheus", home.log());
        let mut prometheus = Prometheus { daemon, home, port: free_port()? };
        prometheus.launch().await?;
        Ok(prometheus)
    }

    /// The URL of its API, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", loopback(self.port))
    }

    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.daemon.stop(STOP).await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let mut command = clean_command(PACKAGE.program("prometheus")?);
        command.arg("--config.file").arg(self.home.path().join("prometheus.yml"));
        command.arg("--storage.tsdb.path").arg(self.home.path().join("data"));
        command.arg(format!("--web.listen-address={HOST}:{}", self.port));
        let address = loopback(self.port);
        self.daemon
            .launch(command, STOP, READY, async |_| {
                probe::http_status(address, "/-/ready").await == Some(200)
            })
            .await
    }
}
