use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Signal, geteuid};

use super::daemon::{Daemon, Stop};
use super::install::Package;
use super::place::{Home, Place};
use super::{HOST, loopback};
use crate::gateway::Site;
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package = Package { name: "nginx", directories: &["/usr/sbin"] };
const READY: Duration = Duration::from_secs(20);
/// SIGQUIT lets the requests that run come to their end.
const STOP: Stop = Stop { signal: Signal::QUIT, grace: Duration::from_secs(10), farewell: Signal::KILL };

pub struct Nginx {
    daemon: Daemon,
    home: Home,
    port: u16,
}

impl Nginx {
    pub async fn start(site: &Site) -> anyhow::Result<Nginx> {
        Nginx::start_in(Place::default(), site).await
    }

    /// Starts an nginx with its files in `place`.
    pub async fn start_in(place: Place, site: &Site) -> anyhow::Result<Nginx> {
        let port =
            site.port().context("the site has neither a gateway nor a balancer, so nothing to listen on")?;
        let user = geteuid().is_root().then_some("root");
        Nginx::start_configured(place, port, &site.nginx_conf(user)).await
    }

    /// Starts an nginx that serves on `port` what the text of this `nginx.conf` says. Its `pid` has to be `nginx.pid`
    /// and its temporary files in `temporary/`.
    pub async fn start_configured(place: Place, port: u16, conf: &str) -> anyhow::Result<Nginx> {
        let home = Home::make("nginx", place)?;
        fs::create_dir_all(home.path().join("temporary"))?;
        fs::write(home.path().join("nginx.conf"), conf)?;
        let daemon = Daemon::new("nginx", home.log());
        let mut nginx = Nginx { daemon, home, port };
        nginx.launch().await?;
        Ok(nginx)
    }

    pub fn host(&self) -> &'static str {
        HOST
    }

    /// The first port it listens on: the gateway's, if it has one.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of that port, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", loopback(self.port))
    }

    /// Kills it by SIGKILL; its ports refuse connections afterwards.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.daemon.kill().await
    }

    /// Stops it if it runs, and starts it on the same ports.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        self.launch().await
    }

    /// Stops it when the requests that run have ended.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.daemon.stop(STOP).await
    }

    /// Returns when it has ended although it should run.
    pub async fn ended(&self) -> anyhow::Result<()> {
        self.daemon.ended().await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let mut command = clean_command(PACKAGE.program("nginx")?);
        command.arg("-p").arg(self.home.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
        let (pid_file, address) = (self.home.path().join("nginx.pid"), loopback(self.port));
        // nginx writes its id when all its ports are its own. Before that it may be another who answers there.
        let answers = async |id| holds_id(&pid_file, id) && probe::tcp(address).await;
        self.daemon.launch(command, STOP, READY, answers).await
    }
}

fn holds_id(file: &Path, id: u32) -> bool {
    fs::read_to_string(file).is_ok_and(|text| text.trim() == id.to_string())
}
