use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use anyhow::Context;
use futures::future::try_join_all;
use tokio::time::sleep;

use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::rabbitmq::{ERLANG, NameService};
use super::rabbitmq_broker::Broker;
use super::server::Server;
use crate::ports::{free_address, free_port};
use crate::process::clean_command;

const CONTROL: Package =
    Package { name: "rabbitmq-server", directories: &["/usr/lib/rabbitmq/bin", "/usr/sbin"] };
/// By which the nodes know each other.
const COOKIE: &str = "w2meet-test-cluster";
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// Nodes of RabbitMQ that are one broker: a quorum queue has a member on each. It has the user `guest`.
pub struct RabbitMqCluster {
    pub nodes: Vec<Server<Broker>>,
    /// The Erlang name service of all of them.
    names: Server<NameService>,
}

impl RabbitMqCluster {
    /// Starts so many nodes; this takes some ten seconds.
    pub async fn start(nodes: usize) -> anyhow::Result<RabbitMqCluster> {
        let directory = ServerDirectory::make("rabbitmq-names", ServerFiles::default())?;
        let mut names = Server::new(NameService, directory, free_port()?);
        names.launch().await?;
        let all: Vec<String> = (1..=nodes).map(|number| format!("w2meet{number}@localhost")).collect();
        let start = all.iter().map(|node| start_node(node, &all, names.port()));
        let cluster = RabbitMqCluster { nodes: try_join_all(start).await?, names };
        cluster.wait_until_whole().await?;
        Ok(cluster)
    }

    /// The addresses of all nodes, separated by commas.
    pub fn url(&self) -> String {
        (0..self.nodes.len()).map(|place| self.node_url(place)).collect::<Vec<_>>().join(",")
    }

    /// The address of one node.
    pub fn node_url(&self, place: usize) -> String {
        format!("amqp://guest:guest@{}/%2f", self.nodes[place].address())
    }

    /// The place of the node that leads a quorum queue now, as the node at this place knows it.
    pub async fn leader(&self, queue: &str, asked: usize) -> anyhow::Result<usize> {
        let said = self.control(asked, &["list_queues", "--quiet", "--no-table-headers", "name", "pid"])?;
        // `jobs  <w2meet1@localhost.1700000000.345.0>`
        let lines = said.lines().find_map(|line| line.strip_prefix(queue)?.trim().strip_prefix('<'));
        let pid = lines.with_context(|| format!("there is no queue {queue}: {said}"))?;
        let node = self.nodes.iter().position(|node| pid.starts_with(&node.kind.node));
        node.with_context(|| format!("no node leads {queue}: {said}"))
    }

    /// Waits until each node knows that all run.
    async fn wait_until_whole(&self) -> anyhow::Result<()> {
        for place in 0..self.nodes.len() {
            let runs = |said: &str| {
                let running = said.split("\"running_nodes\":").nth(1).and_then(|rest| rest.split(']').next());
                running.is_some_and(|list| self.nodes.iter().all(|node| list.contains(&node.kind.node)))
            };
            while !runs(&self.control(place, &["cluster_status", "--formatter", "json"])?) {
                sleep(BETWEEN_LOOKS).await;
            }
        }
        Ok(())
    }

    /// What `rabbitmqctl` says of a node.
    fn control(&self, place: usize, arguments: &[&str]) -> anyhow::Result<String> {
        let node = &self.nodes[place];
        let mut command = clean_command(CONTROL.program("rabbitmqctl")?);
        let erlang = ERLANG.program("erl")?;
        let path = std::env::var_os("PATH").unwrap_or_default();
        let directories = erlang.parent().into_iter().map(std::path::Path::to_owned);
        command.env("PATH", std::env::join_paths(directories.chain(std::env::split_paths(&path)))?);
        command.env("HOME", node.directory.path()).env("ERL_EPMD_PORT", self.names.port().to_string());
        command.args(["--node", &node.kind.node, "--erlang-cookie", COOKIE]).args(arguments);
        let output = command.output().context("rabbitmqctl cannot be run")?;
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

async fn start_node(node: &str, all: &[String], names: u16) -> anyhow::Result<Server<Broker>> {
    let directory = ServerDirectory::make("rabbitmq", ServerFiles::default())?;
    let cookie = directory.path().join(".erlang.cookie");
    fs::write(&cookie, COOKIE)?;
    fs::set_permissions(&cookie, fs::Permissions::from_mode(0o400))?;
    let broker = Broker {
        amqps: free_address()?,
        management: free_address()?,
        prometheus: free_address()?,
        distribution: free_port()?,
        names,
        plugins: false,
        tls: false,
        node: node.to_owned(),
        cluster: all.to_vec(),
    };
    let mut server = Server::new(broker, directory, free_port()?);
    server.write_configuration(None)?;
    server.launch().await?;
    Ok(server)
}
