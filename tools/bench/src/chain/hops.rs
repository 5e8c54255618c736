//! What a bare handler asks before it answers.

use anyhow::{Context, ensure};
use axum::body::Bytes;
use clap::Args;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use redis::{aio::MultiplexedConnection, cmd};
use reqwest::Client;
use sqlx::{PgPool, postgres::PgPoolOptions, query};

/// The values of Redis that are read.
pub(super) const KEYS: [&str; 2] = ["bare-1", "bare-2"];
/// The queue to which messages go.
pub(super) const QUEUE: &str = "bare";
/// As many connections to PostgreSQL as there are clients in what is compared.
const POOL: u32 = 16;
/// Messages that survive a restart of the broker.
const PERSISTENT: u8 = 2;

/// Where a bare handler asks; nowhere by default.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct HopArgs {
    /// URL of the next handler.
    #[arg(long)]
    pub(super) next: Option<String>,
    /// URL of a Redis of which two values are read.
    #[arg(long)]
    pub(super) redis: Option<String>,
    /// DSN of a PostgreSQL in which the request's body becomes a row.
    #[arg(long)]
    pub(super) postgres: Option<String>,
    /// URL of a RabbitMQ to which the request's body is published, and which confirms it.
    #[arg(long)]
    pub(super) rabbitmq: Option<String>,
}

impl HopArgs {
    /// As they are given to a program.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let all = [
            ("--next", &self.next),
            ("--redis", &self.redis),
            ("--postgres", &self.postgres),
            ("--rabbitmq", &self.rabbitmq),
        ];
        let given = all.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
        given.flat_map(|(name, value)| [name.to_owned(), value]).collect()
    }
}

/// Plain clients of all that is asked.
#[derive(Clone)]
pub(crate) struct Hops {
    next: Option<(Client, String)>,
    redis: Option<MultiplexedConnection>,
    postgres: Option<PgPool>,
    rabbitmq: Option<Channel>,
}

impl Hops {
    pub(crate) async fn connect(args: &HopArgs) -> anyhow::Result<Hops> {
        let redis = match &args.redis {
            Some(url) => Some(redis::Client::open(url.as_str())?.get_multiplexed_async_connection().await?),
            None => None,
        };
        let postgres = match &args.postgres {
            Some(dsn) => Some(PgPoolOptions::new().max_connections(POOL).connect(dsn).await?),
            None => None,
        };
        let rabbitmq = match &args.rabbitmq {
            Some(url) => Some(channel(url).await?),
            None => None,
        };
        let next = match &args.next {
            Some(url) => Some((crate::http_client()?, url.clone())),
            None => None,
        };
        Ok(Hops { next, redis, postgres, rabbitmq })
    }

    /// Asks all of them, one after the other.
    pub(crate) async fn ask(&self, body: &Bytes) -> anyhow::Result<()> {
        if let Some((http, url)) = &self.next {
            http.get(url).send().await?.error_for_status()?.bytes().await?;
        }
        if let Some(redis) = &self.redis {
            let values: Vec<Vec<u8>> = cmd("MGET").arg(&KEYS).query_async(&mut redis.clone()).await?;
            ensure!(values.len() == KEYS.len(), "Redis has lost a value");
        }
        if let Some(pool) = &self.postgres {
            let text = std::str::from_utf8(body)?;
            query("INSERT INTO bare (body) VALUES ($1)").bind(text).execute(pool).await?;
        }
        if let Some(channel) = &self.rabbitmq {
            publish(channel, body).await?;
        }
        Ok(())
    }
}

/// A channel that confirms what is published on it; its connection lives as long as it does.
pub(super) async fn channel(url: &str) -> anyhow::Result<Channel> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await.context("no channel")?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    Ok(channel)
}

/// Publishes one message and awaits that the queue has it.
pub(super) async fn publish(channel: &Channel, body: &[u8]) -> anyhow::Result<()> {
    let properties = BasicProperties::default().with_delivery_mode(PERSISTENT);
    let options = BasicPublishOptions::default();
    let confirmation =
        channel.basic_publish("".into(), QUEUE.into(), options, body, properties).await?.await?;
    ensure!(matches!(confirmation, Confirmation::Ack(_)), "a message was not confirmed");
    Ok(())
}
