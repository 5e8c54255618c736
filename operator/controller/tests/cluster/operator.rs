use std::{
    fs,
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::cluster::Cluster;

/// A process of the operator, which has the rights of its Roles only. Its lines go to the test's output.
pub(crate) struct Operator {
    process: Child,
    _kubeconfig: TempDir,
}

impl Operator {
    pub(crate) async fn start(cluster: &Cluster, identity: &str) -> anyhow::Result<Operator> {
        let folder = TempDir::new()?;
        let kubeconfig = folder.path().join("kubeconfig");
        fs::write(&kubeconfig, cluster.kubeconfig().await?)?;
        let process = Command::new(env!("CARGO_BIN_EXE_w2meet-operator"))
            .args(["run", "--identity", identity, "--ops-listen", "127.0.0.1:0", "--lease-seconds", "5"])
            .env_clear()
            .env("KUBECONFIG", &kubeconfig)
            .stdin(Stdio::null())
            .spawn()
            .context("the operator does not start")?;
        Ok(Operator { process, _kubeconfig: folder })
    }

    /// Sends SIGTERM and waits for the end.
    pub(crate) async fn stop(mut self) -> anyhow::Result<ExitStatus> {
        let id = i32::try_from(self.process.id())?;
        kill_process(Pid::from_raw(id).context("no process")?, Signal::TERM)?;
        for _ in 0..600 {
            if let Some(status) = self.process.try_wait()? {
                return Ok(status);
            }
            sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("the operator does not end")
    }

    /// Ends it as a crash does.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill()?;
        self.process.wait()?;
        Ok(())
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        // It fails only when the process has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
