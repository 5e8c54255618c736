use std::path::Path;

use testkit::servers::{
    Postgres, PostgresOptions, RabbitMq, RabbitMqOptions, Redis, RedisOptions, ServerFiles,
};

use super::{DATABASE, log};

/// The stores of a developer's platform. PostgreSQL and RabbitMQ keep their data.
pub(super) struct Stores {
    pub(super) postgres: Postgres,
    pub(super) redis: Redis,
    pub(super) rabbitmq: RabbitMq,
}

impl Stores {
    pub(super) async fn start(directory: &Path) -> anyhow::Result<Stores> {
        let files = |name: &str| ServerFiles {
            directory: Some(directory.join(name)),
            log: Some(log(directory, name)),
        };
        let (postgres, redis, rabbitmq) = tokio::try_join!(
            Postgres::start_with(PostgresOptions { files: files("postgresql"), without_fsync: false }),
            Redis::start_with(RedisOptions { files: files("redis"), ..RedisOptions::default() }),
            RabbitMq::start_with(RabbitMqOptions { files: files("rabbitmq"), plugins: true, tls: None }),
        )?;
        Ok(Stores { postgres, redis, rabbitmq })
    }

    /// The DSN of the platform's database, which the first run makes.
    pub(super) async fn database(&self) -> anyhow::Result<String> {
        self.postgres.database(DATABASE).await
    }

    /// Returns the name of the first of them that ends, but for those that are down already.
    pub(super) async fn first_to_end(&self, is_down: &impl Fn(&str) -> bool) -> anyhow::Result<&'static str> {
        tokio::select! {
            ended = self.postgres.ended(), if !is_down("postgresql") => ended.map(|()| "postgresql"),
            ended = self.redis.ended(), if !is_down("redis") => ended.map(|()| "redis"),
            ended = self.rabbitmq.ended(), if !is_down("rabbitmq") => ended.map(|()| "rabbitmq"),
            else => std::future::pending().await,
        }
    }

    pub(super) async fn stop(&mut self) -> anyhow::Result<()> {
        tokio::try_join!(self.postgres.stop(), self.redis.stop(), self.rabbitmq.stop())?;
        Ok(())
    }
}
