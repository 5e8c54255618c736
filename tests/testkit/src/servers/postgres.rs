use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tokio::time::timeout;
use uuid::Uuid;

use super::account::Account;
use super::daemon::{Daemon, Stop};
use super::install::postgresql_programs;
use super::place::{Home, Place};
use super::{HOST, loopback};
use crate::ports::free_port;
use crate::probe;

const READY: Duration = Duration::from_secs(60);
/// SIGINT is the "fast" stop: sessions are ended, everything is written. SIGQUIT leaves without that, and yet takes the
/// shared memory along, which SIGKILL does not.
const STOP: Stop = Stop { signal: Signal::INT, grace: Duration::from_secs(30), farewell: Signal::QUIT };

#[derive(Clone, Debug)]
pub struct PostgresOptions {
    pub place: Place,
    /// Whether a commit waits for the disk (the default). Without it a start and many commits are faster, and what
    /// survives a kill of the server is still everything, but not what survives a crash of the machine.
    pub fsync: bool,
}

impl Default for PostgresOptions {
    fn default() -> PostgresOptions {
        PostgresOptions { place: Place::default(), fsync: true }
    }
}

/// A PostgreSQL server. Everybody on this machine is its superuser.
pub struct Postgres {
    daemon: Daemon,
    home: Home,
    programs: PathBuf,
    account: Account,
    port: u16,
    fsync: bool,
}

impl Postgres {
    /// Starts a server with an empty cluster, as the user `postgres` when this is root.
    pub async fn start() -> anyhow::Result<Postgres> {
        Postgres::start_with(PostgresOptions::default()).await
    }

    /// Starts a server as told; a directory that holds a cluster already is taken up as it is.
    pub async fn start_with(options: PostgresOptions) -> anyhow::Result<Postgres> {
        let programs = postgresql_programs()?;
        let home = Home::make("postgres", options.place)?;
        let account = Account::choose(home.path())?;
        let daemon = Daemon::new("PostgreSQL", home.log());
        let mut postgres =
            Postgres { daemon, home, programs, account, port: free_port()?, fsync: options.fsync };
        postgres.make_cluster().await?;
        postgres.launch().await?;
        Ok(postgres)
    }

    pub fn host(&self) -> &'static str {
        HOST
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The DSN of the maintenance database.
    pub fn dsn(&self) -> String {
        self.dsn_of("postgres")
    }

    /// The DSN of the database `name`, whether or not it exists.
    pub fn dsn_of(&self, name: &str) -> String {
        format!("postgres://postgres@{}/{name}", loopback(self.port))
    }

    /// Makes a database that nobody else has, and gives its DSN.
    pub async fn create_database(&self) -> anyhow::Result<String> {
        create_database(&self.dsn()).await
    }

    /// The DSN of the database `name`, which is made if it does not exist. Lower-case letters, digits and underscores.
    pub async fn database(&self, name: &str) -> anyhow::Result<String> {
        let dsn = self.dsn_of(name);
        if !probe::postgres(&dsn).await {
            create(&self.dsn(), name).await?;
        }
        Ok(dsn)
    }

    /// Kills all its processes by SIGKILL; its port refuses connections afterwards.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.daemon.kill().await
    }

    /// Stops it if it runs, and starts it on the same port with the same data.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        self.stop().await?;
        self.launch().await
    }

    /// Stops it in order: sessions are ended, everything is written.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.daemon.stop(STOP).await
    }

    /// Returns when it has ended although it should run.
    pub async fn ended(&self) -> anyhow::Result<()> {
        self.daemon.ended().await
    }

    async fn make_cluster(&self) -> anyhow::Result<()> {
        let data = self.data();
        if data.join("PG_VERSION").is_file() {
            return Ok(());
        }
        self.account.make_directory(&data)?;
        let mut command = self.account.command(&self.programs.join("initdb"));
        command.args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--no-locale",
            "--no-instructions",
        ]);
        if !self.fsync {
            command.arg("--no-sync");
        }
        command.arg("--pgdata").arg(&data);
        self.daemon.run("initdb", command, READY).await
    }

    async fn launch(&mut self) -> anyhow::Result<()> {
        let mut command = self.account.command(&self.programs.join("postgres"));
        command.arg("-D").arg(self.data()).args(["-p", &self.port.to_string()]);
        let durable = if self.fsync { "on" } else { "off" };
        let settings = [
            ("listen_addresses", HOST),
            ("unix_socket_directories", ""),
            // Room for many platforms at once, each with pools of its own.
            ("max_connections", "500"),
            ("shared_buffers", "64MB"),
            // In the data directory, so that nothing is left in /dev/shm after a kill.
            ("dynamic_shared_memory_type", "mmap"),
            // A commit is given to the kernel in any case, and so survives a kill of the server.
            ("fsync", durable),
            ("full_page_writes", durable),
        ];
        for (name, value) in settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        let dsn = self.dsn();
        self.daemon.launch(command, STOP, READY, async |_| probe::postgres(&dsn).await).await
    }

    fn data(&self) -> PathBuf {
        Path::join(self.home.path(), "data")
    }
}

/// Makes a database with a new name on the server of `maintenance_dsn`, and gives its DSN.
pub(crate) async fn create_database(maintenance_dsn: &str) -> anyhow::Result<String> {
    let (server, _) =
        maintenance_dsn.rsplit_once('/').context("a DSN names a database behind its last slash")?;
    let name = format!("w2meet_{}", Uuid::new_v4().simple());
    create(maintenance_dsn, &name).await?;
    Ok(format!("{server}/{name}"))
}

async fn create(maintenance_dsn: &str, name: &str) -> anyhow::Result<()> {
    let create = async {
        let mut connection =
            maintenance_dsn.parse::<PgConnectOptions>()?.disable_statement_logging().connect().await?;
        // Unlike template1, which anybody may be connected to, template0 can always be copied.
        connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"))).await?;
        connection.close().await
    };
    timeout(READY, create).await?.with_context(|| format!("cannot create a database by {maintenance_dsn}"))
}
