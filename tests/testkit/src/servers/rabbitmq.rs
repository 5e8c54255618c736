use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::sleep;

use super::HOST;
use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::rabbitmq_broker::{Broker, NODE};
use super::server::{Server, ServerKind};
use crate::ports::{free_address, free_port};
use crate::probe;
use crate::process::clean_command;

pub(super) const ERLANG: Package = Package { name: "erlang-base", directories: &["/usr/bin"] };
/// Some seconds on a quiet machine, many on a busy one.
pub(super) const READY_WITHIN: Duration = Duration::from_secs(120);
/// After a declaration: twice the half second after which Erlang's `dets` saves itself, and some more.
const QUEUES_ARE_ON_DISK: Duration = Duration::from_millis(1500);

#[derive(Clone, Debug, Default)]
pub struct RabbitMqOptions {
    pub files: ServerFiles,
    /// Whether it has the plugins `rabbitmq_management` and `rabbitmq_prometheus`.
    pub plugins: bool,
    /// For TLS: then AMQP is served by it too, and the plugins by it alone.
    pub tls: Option<RabbitMqTls>,
}

/// What a server shows to its clients, as PEM.
#[derive(Clone, Debug)]
pub struct RabbitMqTls {
    pub certificate: String,
    pub key: String,
}

/// A RabbitMQ broker of one node, with the user `guest`, and the Erlang name service (epmd) that belongs to it.
pub struct RabbitMq {
    broker: Server<Broker>,
    names: Server<NameService>,
}

pub(super) struct NameService;

impl RabbitMq {
    /// Starts a broker; this takes some seconds.
    pub async fn start() -> anyhow::Result<RabbitMq> {
        RabbitMq::start_with(RabbitMqOptions::default()).await
    }

    /// Starts a broker; a directory that holds queues already is used as it is.
    pub async fn start_with(options: RabbitMqOptions) -> anyhow::Result<RabbitMq> {
        let directory = ServerDirectory::make("rabbitmq", options.files)?;
        let names = Server::new(NameService, directory.clone(), free_port()?);
        let broker = Broker {
            amqps: free_address()?,
            management: free_address()?,
            prometheus: free_address()?,
            distribution: free_port()?,
            names: names.port(),
            plugins: options.plugins,
            tls: options.tls.is_some(),
            node: NODE.to_owned(),
            cluster: Vec::new(),
        };
        let broker = Server::new(broker, directory, free_port()?);
        broker.write_configuration(options.tls.as_ref())?;
        let mut rabbitmq = RabbitMq { broker, names };
        rabbitmq.names.launch().await?;
        rabbitmq.broker.launch().await?;
        Ok(rabbitmq)
    }

    pub fn address(&self) -> SocketAddr {
        self.broker.address()
    }

    pub fn host(&self) -> &'static str {
        self.broker.host()
    }

    pub fn port(&self) -> u16 {
        self.broker.port()
    }

    pub fn url(&self) -> String {
        format!("amqp://guest:guest@{}/%2f", self.address())
    }

    /// The address of AMQP over TLS, for a server that has it.
    pub fn amqps_url(&self) -> String {
        format!("amqps://localhost:{}", self.broker.kind.amqps.port())
    }

    /// The management plugin's address, for a server that has it.
    pub fn management_url(&self) -> String {
        self.plugin_url(self.broker.kind.management)
    }

    /// The Prometheus plugin's address, for a server that has it.
    pub fn prometheus_url(&self) -> String {
        self.plugin_url(self.broker.kind.prometheus)
    }

    fn plugin_url(&self, address: SocketAddr) -> String {
        match self.broker.kind.tls {
            true => format!("https://localhost:{}", address.port()),
            false => format!("http://{address}"),
        }
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
        self.broker.stop().await?;
        self.names.restart().await?;
        self.broker.launch().await
    }

    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.broker.stop().await?;
        self.names.kill().await
    }

    /// Returns when the broker has ended although nobody asked it to.
    pub async fn ended(&self) -> anyhow::Result<()> {
        self.broker.ended().await
    }
}

/// It listens on loopback only, as the distribution protocol does: the cookie should not be all that guards a
/// developer's machine.
impl ServerKind for NameService {
    const NAME: &'static str = "epmd";
    /// It has nothing to finish, and would wait for its nodes.
    const STOP: Signal = Signal::KILL;
    const STOP_WITHIN: Duration = Duration::from_secs(10);
    const READY_WITHIN: Duration = READY_WITHIN;

    fn command(names: &Server<NameService>) -> anyhow::Result<Command> {
        let mut command = clean_command(ERLANG.program("epmd")?);
        command.args(["-address", HOST, "-port", &names.port().to_string()]);
        Ok(command)
    }

    async fn answers(names: &Server<NameService>, _process: u32) -> bool {
        probe::tcp(names.address()).await
    }
}
