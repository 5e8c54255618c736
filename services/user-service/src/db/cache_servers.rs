use sql_store::SqlError;
use sqlx::{Row, query};

use super::People;

/// The servers of the shared cache on which the replicas have agreed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CacheServers {
    /// Which agreement it is; it is never made again.
    pub(crate) agreement: i64,
    pub(crate) servers: String,
    /// Whether nothing is left in them from before the agreement.
    pub(crate) is_clean: bool,
}

impl People {
    /// What is agreed on now; `None` before the first agreement.
    pub(crate) async fn cache_servers(&self) -> Result<Option<CacheServers>, SqlError> {
        let select = query("SELECT agreement, servers, is_clean FROM cache_servers WHERE id = 1");
        let row = self.db.reader().await?.fetch_optional(select).await?;
        row.map(|row| {
            Ok(CacheServers {
                agreement: row.try_get("agreement")?,
                servers: row.try_get("servers")?,
                is_clean: row.try_get::<i64, _>("is_clean")? == 1,
            })
        })
        .transpose()
    }

    /// Makes an agreement on these servers, unless there is one on them already.
    pub(crate) async fn agree_on_cache_servers(&self, servers: &str) -> Result<(), SqlError> {
        let agree = query(
            "INSERT INTO cache_servers (id, agreement, servers, is_clean) VALUES (1, 1, $1, 0) \
             ON CONFLICT (id) DO UPDATE SET agreement = cache_servers.agreement + 1, \
             servers = excluded.servers, is_clean = 0 WHERE cache_servers.servers <> excluded.servers",
        );
        self.db.writer().await?.execute(agree.bind(servers.to_owned())).await.map(|_| ())
    }

    /// Notes that nothing is left from before this agreement, if it is still the one that holds.
    pub(crate) async fn cache_servers_are_clean(&self, agreement: i64) -> Result<(), SqlError> {
        let note = query("UPDATE cache_servers SET is_clean = 1 WHERE agreement = $1").bind(agreement);
        self.db.writer().await?.execute(note).await.map(|_| ())
    }
}
