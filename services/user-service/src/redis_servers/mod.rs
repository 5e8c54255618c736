//! Where Redis is: one server, the one that its Sentinels have made the master, or the masters of a cluster.

mod access;
mod cluster;
mod masters;
mod slots;
mod url;

pub(crate) use access::RedisAccess;
pub(crate) use masters::{Master, Masters};
pub(crate) use slots::{Slots, fence_key_in_slot_of};
pub(crate) use url::{RedisForm, RedisUrl, host};

use std::{fmt, sync::Arc};

use redis::{Client, RedisError, sentinel::SentinelClient};
use tokio::sync::Mutex;

/// The servers that one Redis consists of. Clones are the same.
#[derive(Clone)]
pub(crate) struct RedisServers(Arc<Form>);

enum Form {
    One(Client),
    Sentinels(Mutex<SentinelClient>),
    /// Some nodes by which all others are found.
    Cluster {
        nodes: Vec<(String, Client)>,
        access: RedisAccess,
    },
}

impl RedisServers {
    /// The servers of a URL, by this access; Sentinels by one of their own.
    ///
    /// # Errors
    /// When the access cannot be used with such servers.
    pub(crate) fn of(
        url: &RedisUrl,
        access: RedisAccess,
        sentinel_access: &RedisAccess,
    ) -> Result<RedisServers, RedisError> {
        let form = match &url.form {
            RedisForm::One => {
                let (host, port) = url.first_host();
                Form::One(access.client(host, port)?)
            }
            RedisForm::Sentinels { service } => {
                Form::Sentinels(Mutex::new(access.sentinel_client(&url.hosts, service, sentinel_access)?))
            }
            RedisForm::Cluster => {
                let node = |(host, port): &(String, u16)| Ok((host.clone(), access.client(host, *port)?));
                let nodes = url.hosts.iter().map(node).collect::<Result<_, RedisError>>()?;
                Form::Cluster { nodes, access }
            }
        };
        Ok(RedisServers(Arc::new(form)))
    }

    /// Whether keys are spread over several servers.
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(*self.0, Form::Cluster { .. })
    }

    /// Whether another server takes over from one that fails.
    pub(crate) fn may_fail_over(&self) -> bool {
        !matches!(*self.0, Form::One(_))
    }

    /// The servers that take changes now.
    ///
    /// # Errors
    /// When nobody tells of them, or not all keys have a server.
    pub(crate) async fn masters(&self) -> Result<Masters, RedisError> {
        match &*self.0 {
            Form::One(client) => Ok(Masters::one(client.clone())),
            Form::Sentinels(client) => Ok(Masters::one(client.lock().await.async_get_client().await?)),
            Form::Cluster { nodes, access } => cluster::masters(nodes, access).await,
        }
    }

    /// Servers of which any one passes on what is published, to whoever subscribes at any other.
    ///
    /// # Errors
    /// When nobody tells of them.
    pub(crate) async fn publishers(&self) -> Result<Vec<Client>, RedisError> {
        Ok(match &*self.0 {
            Form::One(client) => vec![client.clone()],
            Form::Sentinels(client) => vec![client.lock().await.async_get_client().await?],
            Form::Cluster { nodes, .. } => nodes.iter().map(|(_, client)| client.clone()).collect(),
        })
    }
}

impl fmt::Debug for RedisServers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.0 {
            Form::One(_) => "One",
            Form::Sentinels(_) => "Sentinels",
            Form::Cluster { .. } => "Cluster",
        })
    }
}
