//! Servers from Debian's packages, each in a private directory and on ports of its own.
//!
//! All have the same life: `start` returns when the server answers; `kill` is SIGKILL to all of its processes with the
//! data kept; `restart` brings it back on the same port with the same data; `stop` is the orderly end; a drop kills.

mod account;
mod daemon;
mod install;
mod nginx;
mod place;
mod postgres;
mod prometheus;
mod rabbitmq;
mod redis;

pub use nginx::Nginx;
pub use place::Place;
pub use postgres::{Postgres, PostgresOptions};
pub use prometheus::Prometheus;
pub use rabbitmq::{RabbitMq, RabbitMqOptions, RabbitMqTls};
pub use redis::{Redis, RedisOptions};

pub(crate) use postgres::create_database;

use std::net::{Ipv4Addr, SocketAddr};

/// All servers listen here and nowhere else.
const HOST: &str = "127.0.0.1";

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
