use std::fs;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use url::Url;

use super::HOST;
use super::account::Account;
use super::files::{ServerDirectory, ServerFiles};
use super::install::Package;
use super::server::{Server, ServerKind};
use crate::ports::free_port;
use crate::probe;

const PACKAGE: Package = Package { name: "pgbouncer", directories: &["/usr/sbin"] };

/// A PgBouncer: in transaction mode each transaction has one of a few sessions of a PostgreSQL, and the next one another.
pub type PgBouncer = Server<PgBouncerKind>;

pub struct PgBouncerKind {
    account: Account,
    database: String,
}

#[derive(Clone, Debug)]
pub struct PgBouncerOptions {
    /// `transaction`, or `session`: then each connection keeps the one that it got.
    pub mode: &'static str,
    /// How many sessions it has at most with each database, for all of its clients.
    pub sessions: u32,
    /// Parameters of a client's start that are passed over. Others than a few that it knows end the connection.
    pub ignored: &'static str,
}

impl Default for PgBouncerOptions {
    /// Transaction mode with three sessions, and what the services' client sends is passed over.
    fn default() -> PgBouncerOptions {
        PgBouncerOptions { mode: "transaction", sessions: 3, ignored: "extra_float_digits" }
    }
}

impl PgBouncer {
    /// Starts one before the server of this DSN, all of whose databases it has.
    pub async fn start(dsn: &str, options: PgBouncerOptions) -> anyhow::Result<PgBouncer> {
        let url: Url = dsn.parse()?;
        let database = url.path().trim_start_matches('/').to_owned();
        let (user, host) = (url.username(), url.host_str().context("the DSN names no host")?);
        let directory = ServerDirectory::make("pgbouncer", ServerFiles::default())?;
        let account = Account::choose(directory.path())?;
        let port = free_port()?;
        let PgBouncerOptions { mode, sessions, ignored } = options;
        // Whoever comes is the user of the DSN. A server that was away is tried again at once.
        let conf = format!(
            "[databases]\n* = host={host} port={server} user={user}\n[pgbouncer]\nlisten_addr = {HOST}\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = {sessions}\n\
             max_client_conn = 500\nignore_startup_parameters = {ignored}\nserver_login_retry = 1\n",
            server = url.port().unwrap_or(5432),
        );
        fs::write(directory.path().join("pgbouncer.ini"), conf)?;
        let mut pooler = Server::new(PgBouncerKind { account, database }, directory, port);
        pooler.launch().await?;
        Ok(pooler)
    }

    /// The DSN of the same database through the pooler, which does not say that it is one.
    pub fn dsn(&self) -> String {
        format!("postgres://postgres@{}/{}", self.address(), self.kind.database)
    }
}

impl ServerKind for PgBouncerKind {
    const NAME: &'static str = "PgBouncer";
    /// The fast stop.
    const STOP: Signal = Signal::TERM;
    const STOP_WITHIN: Duration = Duration::from_secs(10);
    const READY_WITHIN: Duration = Duration::from_secs(20);

    fn command(pooler: &PgBouncer) -> anyhow::Result<Command> {
        let mut command = pooler.kind.account.command(&PACKAGE.program("pgbouncer")?);
        command.arg(pooler.directory.path().join("pgbouncer.ini"));
        Ok(command)
    }

    async fn answers(pooler: &PgBouncer, _process: u32) -> bool {
        probe::tcp(pooler.address()).await
    }
}
