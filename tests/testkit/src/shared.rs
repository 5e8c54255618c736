//! The servers of one test run: PostgreSQL and RabbitMQ take seconds to start, so all tests share one of each, and
//! have their own databases and queues there. Redis is up at once; start one per test.

use anyhow::Context;

use crate::servers::create_database;

/// The variable with the DSN of the shared PostgreSQL's maintenance database.
pub const PG_VARIABLE: &str = "W2MEET_TEST_PG";
/// The variable with the URL of the shared RabbitMQ.
pub const AMQP_VARIABLE: &str = "W2MEET_TEST_AMQP";

/// The DSN of a database on the shared PostgreSQL that nobody else has.
pub async fn postgres_database() -> anyhow::Result<String> {
    create_database(&variable(PG_VARIABLE)?).await
}

/// The URL of the shared RabbitMQ. A queue there needs a name that nobody else has; see [`unique_name`].
pub fn amqp_url() -> anyhow::Result<String> {
    variable(AMQP_VARIABLE)
}

/// `label` with something behind it that makes it unique, for a queue.
pub fn unique_name(label: &str) -> String {
    format!("{label}_{}", uuid::Uuid::new_v4().simple())
}

fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var_os(name).and_then(|value| value.into_string().ok()).with_context(|| {
        format!(
            "{name} is not set: no servers were started for this test run. \
             Run `make test`, or `cargo run -p testkit -- with-servers cargo test …`"
        )
    })
}
