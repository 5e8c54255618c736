use std::{
    fs,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use rustix::process::Signal;
use tempfile::TempDir;
use testkit::Supervised;

use crate::cluster::Cluster;

/// A process of the operator, which has the rights of its Roles only. Its lines go to the test's output.
pub(crate) struct Operator {
    process: Supervised,
    _kubeconfig: TempDir,
}

impl Operator {
    pub(crate) async fn start(cluster: &Cluster, identity: &str) -> anyhow::Result<Operator> {
        let folder = TempDir::new()?;
        let kubeconfig = folder.path().join("kubeconfig");
        fs::write(&kubeconfig, cluster.kubeconfig().await?)?;
        let mut command = Command::new(env!("CARGO_BIN_EXE_w2meet-operator"));
        command
            .args(["run", "--identity", identity, "--ops-listen", "127.0.0.1:0", "--lease-seconds", "5"])
            .env_clear()
            .env("KUBECONFIG", &kubeconfig)
            .stdin(Stdio::null());
        Ok(Operator { process: Supervised::spawn("the operator", command)?, _kubeconfig: folder })
    }

    /// Sends SIGTERM and waits for the end; SIGKILL follows after half a minute.
    pub(crate) async fn stop(mut self) -> anyhow::Result<ExitStatus> {
        self.process.stop(Signal::TERM, Duration::from_secs(30)).await
    }

    /// Ends it as a crash does.
    pub(crate) async fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill().await.map(drop)
    }
}
