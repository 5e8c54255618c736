use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Signal, geteuid};

use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::server::{Server, ServerKind};
use crate::gateway::Site;
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package = Package { name: "nginx", directories: &["/usr/sbin"] };

/// An nginx, with the first port that it listens on: the gateway's, if it has one.
pub type Nginx = Server<NginxKind>;

pub struct NginxKind;

impl Nginx {
    pub async fn start(site: &Site) -> anyhow::Result<Nginx> {
        Nginx::start_in(ServerFiles::default(), site).await
    }

    pub async fn start_in(files: ServerFiles, site: &Site) -> anyhow::Result<Nginx> {
        let port =
            site.port().context("the site has neither a gateway nor a balancer, so nothing to listen on")?;
        let user = geteuid().is_root().then_some("root");
        Nginx::start_configured(files, port, &site.nginx_conf(user)).await
    }

    /// Starts an nginx that serves on `port` what the text of this `nginx.conf` says. Its `pid` has to be `nginx.pid`
    /// and its temporary files in `temporary/`.
    pub async fn start_configured(files: ServerFiles, port: u16, conf: &str) -> anyhow::Result<Nginx> {
        let directory = ServerDirectory::make("nginx", files)?;
        fs::create_dir_all(directory.path().join("temporary"))?;
        fs::write(directory.path().join("nginx.conf"), conf)?;
        let mut nginx = Server::new(NginxKind, directory, port);
        nginx.launch().await?;
        Ok(nginx)
    }

    /// The URL of its port, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}

impl ServerKind for NginxKind {
    const NAME: &'static str = "nginx";
    /// Lets the requests that run come to their end.
    const STOP: Signal = Signal::QUIT;
    const STOP_WITHIN: Duration = Duration::from_secs(10);
    const READY_WITHIN: Duration = Duration::from_secs(20);

    fn command(nginx: &Nginx) -> anyhow::Result<Command> {
        let mut command = clean_command(PACKAGE.program("nginx")?);
        command.arg("-p").arg(nginx.directory.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
        Ok(command)
    }

    /// nginx writes its id when all its ports are its own. Before that it may be another who answers there.
    async fn answers(nginx: &Nginx, process: u32) -> bool {
        let id = fs::read_to_string(nginx.directory.path().join("nginx.pid"));
        id.is_ok_and(|id| id.trim() == process.to_string()) && probe::tcp(nginx.address()).await
    }
}
