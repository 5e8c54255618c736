use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::Context;
use rustix::process::Signal;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tokio::time::timeout;
use uuid::Uuid;

use super::HOST;
use super::account::Account;
use super::files::{ServerDirectory, ServerFiles};
use super::install::postgresql_programs;
use super::server::{Server, ServerKind};
use crate::ports::free_port;
use crate::probe;

const READY_WITHIN: Duration = Duration::from_secs(60);

#[derive(Clone, Debug, Default)]
pub struct PostgresOptions {
    pub files: ServerFiles,
    /// Whether a commit is acknowledged before it is on the disk. Then a start and many commits are faster, and what
    /// survives a kill of the server is still everything, but not what survives a crash of the machine.
    pub without_fsync: bool,
}

/// A PostgreSQL server. Everybody on this machine is its superuser.
pub type Postgres = Server<PostgresKind>;

pub struct PostgresKind {
    programs: PathBuf,
    account: Account,
    without_fsync: bool,
    /// The standby whose disk a commit waits for, by its name.
    waits_for: Option<&'static str>,
}

/// What a standby calls itself.
const STANDBY: &str = "standby";

impl Postgres {
    /// Starts a server with an empty cluster, as the user `postgres` when this is root.
    pub async fn start() -> anyhow::Result<Postgres> {
        Postgres::start_with(PostgresOptions::default()).await
    }

    /// Starts a server; a directory that holds a cluster already is used as it is.
    pub async fn start_with(options: PostgresOptions) -> anyhow::Result<Postgres> {
        let programs = postgresql_programs()?;
        let directory = ServerDirectory::make("postgres", options.files)?;
        let account = Account::choose(directory.path())?;
        let kind = PostgresKind { programs, account, without_fsync: options.without_fsync, waits_for: None };
        let mut postgres = Server::new(kind, directory, free_port()?);
        postgres.make_cluster().await?;
        postgres.launch().await?;
        Ok(postgres)
    }

    /// Starts a primary, and a standby that has each commit before it is acknowledged.
    pub async fn start_with_standby() -> anyhow::Result<(Postgres, Postgres)> {
        let mut primary = Postgres::start().await?;
        let directory = ServerDirectory::make("postgres", ServerFiles::default())?;
        let account = Account::choose(directory.path())?;
        let kind =
            PostgresKind { programs: postgresql_programs()?, account, without_fsync: false, waits_for: None };
        let mut standby = Server::new(kind, directory, free_port()?);
        standby.kind.account.make_directory(&standby.data())?;
        let mut copy = standby.kind.account.command(&standby.kind.programs.join("pg_basebackup"));
        let from = format!("host={HOST} port={} user=postgres application_name={STANDBY}", primary.port());
        copy.arg("--dbname").arg(from).args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        copy.arg("--pgdata").arg(standby.data());
        standby.run("pg_basebackup", copy).await?;
        standby.launch().await?;
        primary.kind.waits_for = Some(STANDBY);
        primary.restart().await?;
        Ok((primary, standby))
    }

    /// Makes a standby the primary; it takes writes afterwards.
    pub async fn promote(&self) -> anyhow::Result<()> {
        let mut connection = self.dsn().parse::<PgConnectOptions>()?.connect().await?;
        connection.execute("SELECT pg_promote(true, 60)").await?;
        Ok(connection.close().await?)
    }

    /// The DSN of the maintenance database.
    pub fn dsn(&self) -> String {
        self.dsn_of("postgres")
    }

    /// The DSN of the database `name`, whether or not it exists.
    pub fn dsn_of(&self, name: &str) -> String {
        format!("postgres://postgres@{}/{name}", self.address())
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

    async fn make_cluster(&self) -> anyhow::Result<()> {
        let data = self.data();
        if data.join("PG_VERSION").is_file() {
            return Ok(());
        }
        self.kind.account.make_directory(&data)?;
        let mut command = self.kind.account.command(&self.kind.programs.join("initdb"));
        command.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale"]);
        command.arg("--no-instructions");
        if self.kind.without_fsync {
            command.arg("--no-sync");
        }
        command.arg("--pgdata").arg(&data);
        self.run("initdb", command).await
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }
}

impl ServerKind for PostgresKind {
    const NAME: &'static str = "PostgreSQL";
    /// The "fast" stop: sessions are ended, everything is written.
    const STOP: Signal = Signal::INT;
    const STOP_WITHIN: Duration = Duration::from_secs(30);
    const READY_WITHIN: Duration = READY_WITHIN;
    /// It leaves without writing everything, and yet takes the shared memory along, which SIGKILL does not.
    const ON_DROP: Signal = Signal::QUIT;

    fn command(postgres: &Postgres) -> anyhow::Result<Command> {
        let kind = &postgres.kind;
        let mut command = kind.account.command(&kind.programs.join("postgres"));
        command.arg("-D").arg(postgres.data()).args(["-p", &postgres.port().to_string()]);
        let durable = if kind.without_fsync { "off" } else { "on" };
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
        let waits_for = kind.waits_for.map(|standby| ("synchronous_standby_names", standby));
        for (name, value) in settings.into_iter().chain(waits_for) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        Ok(command)
    }

    async fn answers(postgres: &Postgres, _process: u32) -> bool {
        probe::postgres(&postgres.dsn()).await
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
    timeout(READY_WITHIN, create)
        .await?
        .with_context(|| format!("cannot create a database by {maintenance_dsn}"))
}
