//! All that is kept anywhere, as text.

use std::{fs, path::Path};

use anyhow::Context;
use lapin::{Connection, ConnectionProperties, options::BasicGetOptions};
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Row, query};
use testkit::{Distributed, Platform};

/// What a store has, and where.
pub(crate) type Found = (String, String);

/// Everything in every store of a platform, and all its logs.
pub(crate) async fn everything(
    platform: &Platform,
    dsn: Option<&str>,
    data: &Path,
) -> anyhow::Result<Vec<Found>> {
    let mut all = files(&data.join("mail"))?;
    match platform {
        Platform::Standalone(_) => {
            for file in ["users.db", "worker.db"] {
                let url = format!("sqlite://{}?mode=ro", data.join(file).display());
                let tables = "SELECT name FROM sqlite_master WHERE type = 'table'";
                all.extend(tables_of(&url, tables).await?);
            }
        }
        Platform::Distributed(platform) => {
            let tables = "SELECT table_schema || '.' || table_name AS name FROM information_schema.tables \
                 WHERE table_schema IN ('public', 'worker')";
            all.extend(tables_of(dsn.context("there is no database")?, tables).await?);
            all.extend(redis(platform).await?);
            all.extend(queues(platform).await?);
        }
    }
    for service in platform.services() {
        all.extend(service.logs().into_iter().map(|line| (format!("log of {}", service.name()), line)));
    }
    Ok(all)
}

/// Every row of every table.
async fn tables_of(url: &str, tables: &'static str) -> anyhow::Result<Vec<Found>> {
    sqlx::any::install_default_drivers();
    let mut connection = AnyConnection::connect(url).await?;
    let mut all = Vec::new();
    for table in query(tables).fetch_all(&mut connection).await? {
        let name: String = table.try_get("name")?;
        let row = if url.starts_with("sqlite") {
            let columns = query(AssertSqlSafe(format!("SELECT name FROM pragma_table_info('{name}')")));
            let columns = columns.fetch_all(&mut connection).await?;
            let quoted: Result<Vec<String>, sqlx::Error> = columns
                .iter()
                .map(|column| Ok(format!("quote({})", column.try_get::<String, _>(0)?)))
                .collect();
            quoted?.join(" || ' ' || ")
        } else {
            "CAST(stored AS TEXT)".to_owned()
        };
        let select = query(AssertSqlSafe(format!("SELECT {row} AS text FROM {name} AS stored")));
        for row in select.fetch_all(&mut connection).await? {
            all.push((format!("table {name}"), row.try_get("text")?));
        }
    }
    Ok(all)
}

fn files(folder: &Path) -> anyhow::Result<Vec<Found>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry?.path();
        let bytes = fs::read(&path)?;
        all.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(all)
}

async fn redis(platform: &Distributed) -> anyhow::Result<Vec<Found>> {
    let client = redis::Client::open(platform.redis.as_ref().context("there is no Redis")?.url())?;
    let mut connection = client.get_multiplexed_async_connection().await?;
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query_async(&mut connection).await?;
    let mut all = Vec::new();
    for key in keys {
        let value: Option<String> = redis::cmd("GET").arg(&key).query_async(&mut connection).await?;
        all.push(("Redis".to_owned(), format!("{key}: {}", value.unwrap_or_default())));
    }
    Ok(all)
}

/// What waits in the queue, and the dead letters; all of it goes back.
async fn queues(platform: &Distributed) -> anyhow::Result<Vec<Found>> {
    let connection = Connection::connect(platform.amqp_url(), ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let mut all = Vec::new();
    for queue in [platform.queue_name().to_owned(), format!("{}.dead", platform.queue_name())] {
        while let Some(got) = channel.basic_get(queue.as_str().into(), BasicGetOptions::default()).await? {
            let text =
                format!("{:?} {}", got.delivery.properties, String::from_utf8_lossy(&got.delivery.data));
            all.push((queue.clone(), text));
        }
    }
    // What was not acknowledged goes back.
    connection.close(200, "seen".into()).await?;
    Ok(all)
}
