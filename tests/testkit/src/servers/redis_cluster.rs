use std::path::Path;
use std::time::Duration;

use anyhow::{Context, ensure};
use futures::future::try_join_all;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use super::HOST;
use super::redis::{Redis, RedisOptions};
use crate::ports::free_port;

const SLOTS: usize = 16_384;
/// Until all nodes know each other and have their parts.
const READY_WITHIN: Duration = Duration::from_secs(60);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// What the nodes of a cluster show to clients and to each other, as PEM: one certificate for `127.0.0.1`, which is its own
/// authority.
#[derive(Clone, Debug)]
pub struct RedisTls {
    pub certificate: String,
    pub key: String,
}

/// A Redis Cluster: masters that share the slots, and for each as many replicas.
pub struct RedisCluster {
    /// The masters first, as they were at the start, then the replicas of each in the same order.
    pub nodes: Vec<Redis>,
    masters: usize,
    /// Where the nodes speak TLS, if they do.
    tls_ports: Vec<u16>,
    _certificates: TempDir,
}

impl RedisCluster {
    /// Starts a cluster. A replica takes over when its master has not answered for `node_timeout`.
    pub async fn start(
        masters: usize,
        replicas_of_each: usize,
        node_timeout: Duration,
    ) -> anyhow::Result<RedisCluster> {
        RedisCluster::start_with(masters, replicas_of_each, node_timeout, None).await
    }

    /// The same, by TLS if there is a certificate: then clients have to speak TLS, except those that ask one node alone.
    pub async fn start_with(
        masters: usize,
        replicas_of_each: usize,
        node_timeout: Duration,
        tls: Option<&RedisTls>,
    ) -> anyhow::Result<RedisCluster> {
        let certificates = tempfile::tempdir()?;
        let nodes = masters * (1 + replicas_of_each);
        let tls_ports = tls.map_or(0..0, |_| 0..nodes).map(|_| free_port()).collect::<Result<Vec<_>, _>>()?;
        let tls_settings = tls.map(|tls| tls_settings(certificates.path(), tls)).transpose()?;
        let start = (0..nodes).map(async |node| {
            let setting = |name: &str, value: String| (name.to_owned(), value);
            let mut settings = vec![
                setting("cluster-enabled", "yes".to_owned()),
                setting("cluster-port", free_port()?.to_string()),
                setting("cluster-node-timeout", node_timeout.as_millis().to_string()),
                setting("cluster-announce-ip", HOST.to_owned()),
                // A replica may take over however long ago it last heard of its master.
                setting("cluster-replica-validity-factor", "0".to_owned()),
                setting("repl-diskless-sync-delay", "0".to_owned()),
            ];
            settings.extend(tls_settings.iter().flatten().cloned());
            settings.extend(tls_ports.get(node).map(|port| setting("tls-port", port.to_string())));
            Redis::start_with(RedisOptions { settings, ..RedisOptions::default() }).await
        });
        let nodes = try_join_all(start).await?;
        let cluster = RedisCluster { nodes, masters, tls_ports, _certificates: certificates };
        timeout(READY_WITHIN, cluster.join()).await.context("the cluster does not get ready")??;
        Ok(cluster)
    }

    /// What a client is given to find all nodes.
    pub fn url(&self) -> String {
        let hosts: Vec<String> = self.nodes.iter().map(|node| node.address().to_string()).collect();
        format!("redis+cluster://{}", hosts.join(","))
    }

    /// The same for a client that speaks TLS.
    pub fn tls_url(&self) -> String {
        let hosts: Vec<String> = self.tls_ports.iter().map(|port| format!("{HOST}:{port}")).collect();
        format!("rediss+cluster://{}", hosts.join(","))
    }

    /// The place among the nodes of the one that has the slot of `key` now, by the word of the first that answers.
    pub async fn owner(&self, key: &str) -> anyhow::Result<usize> {
        for node in &self.nodes {
            // The node that has the key answers it; another one names that node: `-MOVED slot host:port`.
            let Ok(answer) = node.ask(&format!("GET {key}")).await else { continue };
            let owner = answer.trim_end().rsplit_once(' ').filter(|_| answer.starts_with("-MOVED"));
            let address = owner.map_or_else(|| node.address().to_string(), |(_, address)| address.to_owned());
            if let Some(place) = self.nodes.iter().position(|node| node.address().to_string() == address) {
                return Ok(place);
            }
        }
        anyhow::bail!("no node of the cluster answers")
    }

    async fn join(&self) -> anyhow::Result<()> {
        let (first, others) = self.nodes.split_first().context("a cluster has nodes")?;
        for (place, master) in self.nodes.iter().take(self.masters).enumerate() {
            let [from, until] = [place, place + 1].map(|place| place * SLOTS / self.masters);
            tell(master, &format!("CLUSTER ADDSLOTSRANGE {from} {}", until - 1)).await?;
            // So that no two of them have the same one.
            tell(master, &format!("CLUSTER SET-CONFIG-EPOCH {}", place + 1)).await?;
        }
        for node in others {
            let bus = node.setting("cluster-port").context("it has a port for other nodes")?;
            let place = self.nodes.iter().position(|other| other.port() == node.port()).unwrap_or_default();
            let port = self.tls_ports.get(place).copied().unwrap_or(node.port());
            tell(first, &format!("CLUSTER MEET {HOST} {port} {bus}")).await?;
        }
        for node in &self.nodes {
            self.becomes(node, "CLUSTER INFO", &format!("cluster_known_nodes:{}", self.nodes.len())).await;
        }
        for (place, replica) in self.nodes.iter().enumerate().skip(self.masters) {
            let master = self.nodes[place % self.masters].ask("CLUSTER MYID").await?;
            let master = master.lines().nth(1).context("a node has no id")?.to_owned();
            // It has to have heard of the node whose replica it becomes.
            while tell(replica, &format!("CLUSTER REPLICATE {master}")).await.is_err() {
                sleep(BETWEEN_LOOKS).await;
            }
            self.becomes(replica, "INFO replication", "master_link_status:up").await;
        }
        for node in &self.nodes {
            self.becomes(node, "CLUSTER INFO", "cluster_state:ok").await;
        }
        Ok(())
    }

    /// Waits until a node answers a question with this line among others.
    async fn becomes(&self, node: &Redis, question: &str, line: &str) {
        let says = async || {
            let answer = node.ask(question).await.unwrap_or_default();
            answer.lines().any(|said| said == line)
        };
        while !says().await {
            sleep(BETWEEN_LOOKS).await;
        }
    }
}

fn tls_settings(folder: &Path, tls: &RedisTls) -> anyhow::Result<Vec<(String, String)>> {
    let [certificate, key] =
        [("certificate.pem", &tls.certificate), ("key.pem", &tls.key)].map(|(name, pem)| {
            let file = folder.join(name);
            std::fs::write(&file, pem).map(|()| file.display().to_string())
        });
    let (certificate, key) = (certificate?, key?);
    let settings = [
        ("tls-cluster", "yes"),
        ("tls-replication", "yes"),
        ("tls-auth-clients", "no"),
        ("tls-cert-file", &certificate),
        ("tls-key-file", &key),
        ("tls-ca-cert-file", &certificate),
    ];
    Ok(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}

async fn tell(node: &Redis, command: &str) -> anyhow::Result<()> {
    let answer = node.ask(command).await?;
    ensure!(answer.starts_with("+OK"), "{command}: {answer}");
    Ok(())
}
