//! The second yardstick: as many bare handlers and hops of a bare HTTP client as a request of ours takes, and the same questions
//! to the same stores by their plain clients, with nothing else.

mod hops;

use std::time::Instant;

use anyhow::Context;
use axum::body::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use lapin::{
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicQosOptions, QueueDeclareOptions, QueuePurgeOptions,
    },
    types::{AMQPValue, FieldTable},
};
use redis::cmd;
use sqlx::{Connection, PgConnection, PgPool, query};

use crate::{bare::Bare, stack::Stack};
pub(crate) use hops::{HopArgs, Hops};
use hops::{KEYS, QUEUE, channel, publish};

/// What a stored person has in Redis, about.
const VALUE_BYTES: usize = 500;
/// What a suggestion has, about.
const REPLY_BYTES: usize = 200;
/// Jobs at a time and messages fetched, as the consumer has them by default.
const CONCURRENCY: usize = 32;
const PREFETCH: u16 = 64;
/// Messages under way while the queue is filled.
const PUBLISHING: usize = 256;

/// Bare handlers that ask each other; the last one asks stores.
pub(crate) struct Chain {
    /// The last one first.
    handlers: Vec<Bare>,
}

impl Chain {
    /// The chain for the scenario of this name, if it has one; every handler answers with `status` and `reply`.
    pub(crate) async fn start(
        stack: &Stack,
        name: &str,
        status: u16,
        reply: &[u8],
    ) -> anyhow::Result<Option<Chain>> {
        let handlers = match name {
            "create" | "enqueue" => 1,
            "availability" => 2,
            "suggestion" => 3,
            _ => return Ok(None),
        };
        let mut stores = HopArgs::default();
        match name {
            "create" => stores.postgres = Some(database(stack).await?),
            "enqueue" => {
                stores.postgres = Some(database(stack).await?);
                stores.rabbitmq = Some(queue(stack).await?);
            }
            _ => stores.redis = Some(values(stack).await?),
        }
        Ok(Some(Chain::of(handlers, &stores, status, reply).await?))
    }

    async fn of(handlers: usize, stores: &HopArgs, status: u16, reply: &[u8]) -> anyhow::Result<Chain> {
        let mut chain = Chain { handlers: vec![Bare::start(status, reply, stores).await?] };
        for _ in 1..handlers {
            let next = HopArgs { next: Some(format!("{}/", chain.base()?)), ..HopArgs::default() };
            chain.handlers.push(Bare::start(status, reply, &next).await?);
        }
        Ok(chain)
    }

    /// URL of the first one.
    pub(crate) fn base(&self) -> anyhow::Result<&str> {
        Ok(self.handlers.last().context("a chain has handlers")?.base())
    }

    pub(crate) fn pids(&self) -> anyhow::Result<Vec<u32>> {
        self.handlers.iter().map(Bare::pid).collect()
    }
}

/// Jobs per second of a bare consumer: it asks a chain of three for each message, changes the job's row, and acknowledges.
pub(crate) async fn drain(stack: &Stack, jobs: usize) -> anyhow::Result<f64> {
    let stores = HopArgs { redis: Some(values(stack).await?), ..HopArgs::default() };
    let chain = Chain::of(3, &stores, 200, &[b' '; REPLY_BYTES]).await?;
    let (dsn, url) = (database(stack).await?, queue(stack).await?);
    let (pool, publisher) = (PgPool::connect(&dsn).await?, channel(&url).await?);
    let rows = query("INSERT INTO bare (body) SELECT 'queued' FROM generate_series(1, $1::BIGINT)");
    rows.bind(i64::try_from(jobs)?).execute(&pool).await?;
    let messages = stream::iter((1..=jobs).map(Ok::<_, anyhow::Error>));
    let published = messages
        .try_for_each_concurrent(PUBLISHING, async |id| publish(&publisher, id.to_string().as_bytes()).await);
    published.await?;

    let started = Instant::now();
    let next = HopArgs { next: Some(format!("{}/", chain.base()?)), ..HopArgs::default() };
    let (hops, consumer) = (Hops::connect(&next).await?, channel(&url).await?);
    consumer.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let deliveries =
        consumer.basic_consume(QUEUE.into(), "bare".into(), options, FieldTable::default()).await?;
    let done = deliveries.take(jobs).map_err(anyhow::Error::from);
    done.try_for_each_concurrent(CONCURRENCY, async |delivery| {
        hops.ask(&Bytes::new()).await?;
        let id: i64 = std::str::from_utf8(&delivery.data)?.parse()?;
        query("UPDATE bare SET body = 'succeeded' WHERE id = $1").bind(id).execute(&pool).await?;
        delivery.ack(BasicAckOptions::default()).await?;
        Ok(())
    })
    .await?;
    Ok(jobs as f64 / started.elapsed().as_secs_f64())
}

/// A new database with the table of rows.
async fn database(stack: &Stack) -> anyhow::Result<String> {
    let dsn = stack.new_database().await?;
    let mut connection = PgConnection::connect(&dsn).await?;
    let table = "CREATE TABLE bare (id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body TEXT NOT NULL)";
    query(table).execute(&mut connection).await?;
    connection.close().await?;
    Ok(dsn)
}

/// Sets the values that are read.
async fn values(stack: &Stack) -> anyhow::Result<String> {
    let url = stack.redis_url();
    let mut redis = redis::Client::open(url.as_str())?.get_multiplexed_async_connection().await?;
    for key in KEYS {
        let () = cmd("SET").arg(key).arg("x".repeat(VALUE_BYTES)).query_async(&mut redis).await?;
    }
    Ok(url)
}

/// An empty quorum queue.
async fn queue(stack: &Stack) -> anyhow::Result<String> {
    let url = stack.broker_url()?;
    let channel = channel(&url).await?;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let mut quorum = FieldTable::default();
    quorum.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    channel.queue_declare(QUEUE.into(), durable, quorum).await?;
    channel.queue_purge(QUEUE.into(), QueuePurgeOptions::default()).await?;
    Ok(url)
}
