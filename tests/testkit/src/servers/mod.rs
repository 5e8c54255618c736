//! Servers from Debian's packages, each in a private directory and on ports of its own.
//!
//! All have the same life: `start` returns when the server answers; `kill` is SIGKILL to all of its processes with the
//! data kept; `restart` brings it back on the same port with the same data; `stop` is the orderly end; a drop kills.

mod account;
mod dovecot;
mod files;
mod install;
mod nginx;
mod pgbouncer;
mod postfix;
mod postgres;
mod prometheus;
mod rabbitmq;
mod rabbitmq_broker;
mod rabbitmq_cluster;
mod redis;
mod redis_cluster;
mod redis_sentinels;
mod server;

pub use dovecot::Dovecot;
pub use files::ServerFiles;
pub use nginx::Nginx;
pub use pgbouncer::{PgBouncer, PgBouncerOptions};
pub use postfix::Postfix;
pub use postgres::{Postgres, PostgresOptions};
pub use prometheus::Prometheus;
pub use rabbitmq::{RabbitMq, RabbitMqOptions, RabbitMqTls};
pub use rabbitmq_cluster::RabbitMqCluster;
pub use redis::{Redis, RedisOptions};
pub use redis_cluster::{RedisCluster, RedisTls};
pub use redis_sentinels::RedisSentinels;

pub(crate) use postgres::create_database;

/// All servers listen here and nowhere else.
const HOST: &str = "127.0.0.1";
