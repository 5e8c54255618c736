use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::sleep;

use super::daemon::{Daemon, Stop};
use super::install::Package;
use super::place::{Home, Place};
use super::{HOST, loopback};
use crate::ports::free_port;
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package =
    Package { name: "rabbitmq-server", directories: &["/usr/lib/rabbitmq/bin", "/usr/sbin"] };
const ERLANG: Package = Package { name: "erlang-base", directories: &["/usr/bin"] };
/// Some seconds on a quiet machine, many on a busy one.
const READY: Duration = Duration::from_secs(120);
const STOP: Stop = Stop { signal: Signal::TERM, grace: Duration::from_secs(40), farewell: Signal::KILL };
/// After a declaration: twice the half second after which Erlang's `dets` saves itself, and some more.
const QUEUES_ARE_ON_DISK: Duration = Duration::from_millis(1500);
/// The name is the directory's, so that a kept one is found again; each server has a name service of its own, where
/// nobody else can have it.
const NODE: &str = "w2meet@localhost";
/// Two schedulers that do not spin while they wait: a small machine has better things to do.
const ERLANG_FLAGS: &str = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false";

#[derive(Clone, Debug, Default)]
pub struct RabbitMqOptions {
    pub place: Place,
    /// Whether it has the plugins `rabbitmq_management` and `rabbitmq_prometheus`.
    pub plugins: bool,
    /// For TLS: then AMQP is served by it too, and the plugins by it alone.
    pub tls: Option<RabbitMqTls>,
}

/// What a server shows to its clients, as PEM.
#[derive(Clone, Debug)]
pub struct RabbitMqTls {
    /// Its certificate.
    pub certificate: String,
    /// The key of that.
    pub key: String,
}

/// A RabbitMQ broker of one node, with the user `guest`, and the Erlang name service (epmd) that belongs to it.
pub struct RabbitMq {
    broker: Daemon,
    names: Daemon,
    home: Home,
    ports: Ports,
    plugins: bool,
    tls: bool,
}

#[derive(Clone, Copy)]
struct Ports {
    amqp: u16,
    amqps: u16,
    management: u16,
    prometheus: u16,
    distribution: u16,
    names: u16,
}

impl Ports {
    fn choose() -> anyhow::Result<Ports> {
        Ok(Ports {
            amqp: free_port()?,
            amqps: free_port()?,
            management: free_port()?,
            prometheus: free_port()?,
            distribution: free_port()?,
            names: free_port()?,
        })
    }
}

impl RabbitMq {
    /// Starts a broker; this takes some seconds.
    pub async fn start() -> anyhow::Result<RabbitMq> {
        RabbitMq::start_with(RabbitMqOptions::default()).await
    }

    /// Starts a broker as told; a directory that holds queues already is taken up as it is.
    pub async fn start_with(options: RabbitMqOptions) -> anyhow::Result<RabbitMq> {
        let home = Home::make("rabbitmq", options.place)?;
        let ports = Ports::choose()?;
        let broker = Daemon::new("RabbitMQ", home.log());
        let names = Daemon::new("epmd", home.log());
        let (plugins, tls) = (options.plugins, options.tls.is_some());
        let mut rabbitmq = RabbitMq { broker, names, home, ports, plugins, tls };
        rabbitmq.write_configuration(options.tls.as_ref())?;
        rabbitmq.launch_names().await?;
        rabbitmq.launch().await?;
        Ok(rabbitmq)
    }

    pub fn address(&self) -> SocketAddr {
        loopback(self.ports.amqp)
    }

    pub fn host(&self) -> &'static str {
        HOST
    }

    pub fn port(&self) -> u16 {
        self.ports.amqp
    }

    pub fn url(&self) -> String {
        format!("amqp://guest:guest@{}/%2f", self.address())
    }

    /// The address of AMQP over TLS, for a server that has it.
    pub fn amqps_url(&self) -> String {
        format!("amqps://localhost:{}", self.ports.amqps)
    }

    /// The management plugin's address, for a server that has it.
    pub fn management_url(&self) -> String {
        self.plugin_url(self.ports.management)
    }

    /// The Prometheus plugin's address, for a server that has it.
    pub fn prometheus_url(&self) -> String {
        self.plugin_url(self.ports.prometheus)
    }

    fn plugin_url(&self, port: u16) -> String {
        if self.tls { format!("https://localhost:{port}") } else { format!("http://{HOST}:{port}") }
    }

    /// Kills the broker by SIGKILL; its port refuses connections afterwards.
    ///
    /// The signal comes after 1.5 s. RabbitMQ 3.10 takes up to a second until the names of its quorum queues are in a
    /// file; when it is killed before, a queue that is just declared comes back as one that answers nobody.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        sleep(QUEUES_ARE_ON_DISK).await;
        self.broker.kill().await
    }

    /// Stops it if it runs, and starts it on the same port with the same queues.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.broker.stop(STOP).await?;
        self.launch_names().await?;
        self.launch().await
    }

    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.broker.stop(STOP).await?;
        self.names.kill().await
    }

    /// Returns when it has ended although it should run.
    pub async fn ended(&self) -> anyhow::Result<()> {
        self.broker.ended().await
    }

    fn write_configuration(&self, tls: Option<&RabbitMqTls>) -> anyhow::Result<()> {
        let at = |name: &str| self.home.path().join(name);
        if let Some(RabbitMqTls { certificate, key }) = tls {
            fs::write(at("certificate.pem"), certificate)?;
            fs::write(at("key.pem"), key)?;
        }
        let plugins = if self.plugins { "[rabbitmq_management,rabbitmq_prometheus].\n" } else { "[].\n" };
        // As often as other queues tell of themselves, see `configuration`.
        let tick = if self.plugins { ", {rabbit, [{quorum_tick_interval, 1000}]}" } else { "" };
        let advanced = format!("[{{kernel, [{{inet_dist_use_interface, {{127,0,0,1}}}}]}}{tick}].\n");
        for (name, text) in [
            ("rabbitmq.conf", self.configuration().as_str()),
            ("advanced.config", &advanced),
            ("enabled_plugins", plugins),
            ("rabbitmq-env.conf", ""),
        ] {
            fs::write(at(name), text)?;
        }
        Ok(())
    }

    fn configuration(&self) -> String {
        let Ports { amqps, management, prometheus, .. } = self.ports;
        let mut lines = vec![
            format!("listeners.tcp.1 = {}", self.address()),
            "raft.wal_max_size_bytes = 67108864".to_owned(),
            "log.console.level = info".to_owned(),
            "log.file = false".to_owned(),
        ];
        let identity = |prefix: &str| {
            [("certfile", "certificate.pem"), ("keyfile", "key.pem")].map(|(option, file)| {
                format!("{prefix}.{option} = {}", self.home.path().join(file).display())
            })
        };
        if self.tls {
            lines.push(format!("listeners.ssl.1 = {HOST}:{amqps}"));
            lines.extend(identity("ssl_options"));
        }
        if self.plugins {
            // Five seconds otherwise, and so old would the plugins' figures be.
            lines.push("collect_statistics_interval = 1000".to_owned());
            for (plugin, port) in [("management", management), ("prometheus", prometheus)] {
                let listener = format!("{plugin}.{}", if self.tls { "ssl" } else { "tcp" });
                lines.extend([format!("{listener}.ip = {HOST}"), format!("{listener}.port = {port}")]);
                lines.extend(self.tls.then(|| identity(&listener)).into_iter().flatten());
            }
        }
        lines.join("\n") + "\n"
    }

    /// The distribution protocol listens on loopback only, as do the names: the cookie should not be all that guards
    /// a developer's machine.
    async fn launch_names(&mut self) -> anyhow::Result<()> {
        self.names.kill().await?;
        let port = self.ports.names;
        let mut command = clean_command(ERLANG.program("epmd")?);
        command.args(["-address", HOST, "-port", &port.to_string()]);
        let stop = Stop { signal: Signal::TERM, ..STOP };
        self.names.launch(command, stop, READY, async |_| probe::tcp(loopback(port)).await).await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let command = self.command()?;
        let address = self.address();
        let last = self.plugins.then(|| loopback(self.ports.prometheus));
        // The plugins' listeners come up one after another behind that of AMQP.
        let answers = async |_: u32| {
            probe::amqp(address).await
                && match last {
                    Some(last) => probe::tcp(last).await && probe::tcp(loopback(self.ports.management)).await,
                    None => true,
                }
        };
        self.broker.launch(command, STOP, READY, answers).await
    }

    fn command(&self) -> anyhow::Result<Command> {
        let mut command = clean_command(PACKAGE.program("rabbitmq-server")?);
        command.current_dir(self.home.path());
        // Its script looks for Erlang by itself.
        let erlang = ERLANG.program("erl")?;
        let directories = erlang.parent().into_iter().map(Path::to_owned);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env("PATH", std::env::join_paths(directories.chain(std::env::split_paths(&path)))?);
        // The cookie is made in the home directory.
        command.env("HOME", self.home.path());
        command.env("ERL_EPMD_PORT", self.ports.names.to_string()).env("ERL_EPMD_ADDRESS", HOST);
        command.env("RABBITMQ_NODENAME", NODE).env("RABBITMQ_DIST_PORT", self.ports.distribution.to_string());
        command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", ERLANG_FLAGS).env("RABBITMQ_LOGS", "-");
        for (variable, name) in [
            ("RABBITMQ_CONF_ENV_FILE", "rabbitmq-env.conf"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
            ("RABBITMQ_ADVANCED_CONFIG_FILE", "advanced.config"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "enabled_plugins"),
            ("RABBITMQ_MNESIA_BASE", "mnesia"),
            ("RABBITMQ_LOG_BASE", "log"),
            ("RABBITMQ_PID_FILE", "rabbitmq.pid"),
        ] {
            command.env(variable, self.home.path().join(name));
        }
        Ok(command)
    }
}
