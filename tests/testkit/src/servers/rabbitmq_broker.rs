use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use super::HOST;
use super::install::Package;
use super::rabbitmq::{ERLANG, READY_WITHIN, RabbitMqTls};
use super::server::{Server, ServerKind};
use crate::probe;
use crate::process::clean_command;

const PACKAGE: Package =
    Package { name: "rabbitmq-server", directories: &["/usr/lib/rabbitmq/bin", "/usr/sbin"] };
/// The name is the directory's, so that a kept one is found again; each server has a name service of its own, where
/// nobody else can have it.
pub(super) const NODE: &str = "w2meet@localhost";
/// Two schedulers that do not spin while they wait: a small machine has better things to do.
const ERLANG_FLAGS: &str = "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false";

/// The broker itself, with the ports that it has beside that of AMQP.
pub struct Broker {
    pub(super) amqps: SocketAddr,
    pub(super) management: SocketAddr,
    pub(super) prometheus: SocketAddr,
    pub(super) distribution: u16,
    pub(super) names: u16,
    pub(super) plugins: bool,
    pub(super) tls: bool,
    pub(super) node: String,
    /// The nodes of its cluster, itself among them; none if it is alone.
    pub(super) cluster: Vec<String>,
}

impl ServerKind for Broker {
    const NAME: &'static str = "RabbitMQ";
    const STOP: Signal = Signal::TERM;
    const STOP_WITHIN: Duration = Duration::from_secs(40);
    const READY_WITHIN: Duration = READY_WITHIN;

    fn command(broker: &Server<Broker>) -> anyhow::Result<Command> {
        let mut command = clean_command(PACKAGE.program("rabbitmq-server")?);
        command.current_dir(broker.directory.path());
        // Its script looks for Erlang by itself.
        let erlang = ERLANG.program("erl")?;
        let directories = erlang.parent().into_iter().map(Path::to_owned);
        let path = std::env::var_os("PATH").unwrap_or_default();
        command.env("PATH", std::env::join_paths(directories.chain(std::env::split_paths(&path)))?);
        // The cookie is made in the home directory.
        command.env("HOME", broker.directory.path());
        command.env("ERL_EPMD_PORT", broker.kind.names.to_string()).env("ERL_EPMD_ADDRESS", HOST);
        command
            .env("RABBITMQ_NODENAME", &broker.kind.node)
            .env("RABBITMQ_DIST_PORT", broker.kind.distribution.to_string());
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
            command.env(variable, broker.directory.path().join(name));
        }
        Ok(command)
    }

    /// The plugins' listeners come up one after another behind that of AMQP.
    async fn answers(broker: &Server<Broker>, _process: u32) -> bool {
        let Broker { management, prometheus, plugins, .. } = broker.kind;
        probe::amqp(broker.address()).await
            && (!plugins || probe::tcp(prometheus).await && probe::tcp(management).await)
    }
}

impl Server<Broker> {
    pub(super) fn write_configuration(&self, tls: Option<&RabbitMqTls>) -> anyhow::Result<()> {
        let at = |name: &str| self.directory.path().join(name);
        if let Some(RabbitMqTls { certificate, key }) = tls {
            fs::write(at("certificate.pem"), certificate)?;
            fs::write(at("key.pem"), key)?;
        }
        let plugins =
            if self.kind.plugins { "[rabbitmq_management,rabbitmq_prometheus].\n" } else { "[].\n" };
        // As often as other queues tell of themselves, see `configuration`.
        let tick = if self.kind.plugins { ", {rabbit, [{quorum_tick_interval, 1000}]}" } else { "" };
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
        let Broker { amqps, management, prometheus, .. } = &self.kind;
        let mut lines = vec![
            format!("listeners.tcp.1 = {}", self.address()),
            "raft.wal_max_size_bytes = 67108864".to_owned(),
            "log.console.level = info".to_owned(),
            "log.file = false".to_owned(),
        ];
        let identity = |prefix: &str| {
            [("certfile", "certificate.pem"), ("keyfile", "key.pem")].map(|(option, file)| {
                format!("{prefix}.{option} = {}", self.directory.path().join(file).display())
            })
        };
        for (number, node) in self.kind.cluster.iter().enumerate() {
            lines.push(format!("cluster_formation.classic_config.nodes.{} = {node}", number + 1));
        }
        if self.kind.tls {
            lines.push(format!("listeners.ssl.1 = {amqps}"));
            lines.extend(identity("ssl_options"));
        }
        if self.kind.plugins {
            // Five seconds otherwise, and so old would the plugins' figures be.
            lines.push("collect_statistics_interval = 1000".to_owned());
            for (plugin, address) in [("management", management), ("prometheus", prometheus)] {
                let listener = format!("{plugin}.{}", if self.kind.tls { "ssl" } else { "tcp" });
                lines.extend([
                    format!("{listener}.ip = {HOST}"),
                    format!("{listener}.port = {}", address.port()),
                ]);
                lines.extend(self.kind.tls.then(|| identity(&listener)).into_iter().flatten());
            }
        }
        lines.join("\n") + "\n"
    }
}
