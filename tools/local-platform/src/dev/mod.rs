//! The distributed form on a developer's machine.

mod overview;
mod restarts;
mod scaling;
mod stores;

use std::fs::{self, File, TryLockError};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use testkit::{Distributed, DistributedOptions, Form, Service, ShutdownSignals};

use scaling::Scaled;
use stores::Stores;

/// The database in which the platform's data stays from one run to the next.
const DATABASE: &str = "w2meet";

/// Runs everything until somebody asks for the end; what dies meanwhile is started again.
pub(crate) async fn run(directory: &Path, port: u16) -> anyhow::Result<ExitCode> {
    let mut signals = ShutdownSignals::listen()?;
    let directory = prepare(directory)?;
    let _lock = lock(&directory)?;
    gateway_is_free(port)?;

    println!("Starting PostgreSQL, Redis, RabbitMQ, the services and nginx …");
    let started = tokio::select! {
        started = start(&directory, port) => started?,
        _ = signals.next() => return Ok(ExitCode::FAILURE),
    };
    let (mut stores, mut platform) = started;
    let scaled = Scaled::start(&platform, &stores)?;
    println!("\n{}", overview::overview(&platform, &stores, &directory));
    println!(
        "Workers come when there are jobs, up to {} of them, and leave when there are none.",
        scaling::MOST
    );
    println!("Ctrl-C stops all of it. The data stays in {}.", directory.display());

    tokio::select! {
        _ = signals.next() => (),
        failed = restarts::keep_running(&mut platform, &mut stores, &directory) => failed?,
    }
    println!("Stopping … (Ctrl-C again: killing)");
    tokio::select! {
        stopped = stop(scaled, &mut platform, &mut stores) => stopped?,
        () = asked_again(&mut signals) => bail!("asked a second time: everything is killed"),
    }
    Ok(ExitCode::SUCCESS)
}

async fn start(directory: &Path, port: u16) -> anyhow::Result<(Stores, Distributed)> {
    let stores = Stores::start(directory).await?;
    let options = DistributedOptions {
        pg_dsn: Some(stores.database().await?),
        redis: Some(stores.redis.address()),
        amqp_url: Some(stores.rabbitmq.url()),
        queue_name: Some("meeting_jobs".to_owned()),
        gateway_port: Some(port),
        directory: Some(directory.to_owned()),
        used_by_people: true,
        without_consumer: true,
        ..DistributedOptions::default()
    }
    .env(Service::WorkerConsumer, "CONCURRENCY", scaling::CONCURRENCY)
    .env(Service::WorkerConsumer, "PREFETCH", scaling::CONCURRENCY);
    let platform = Form::distributed(options).await?;
    Ok((stores, platform))
}

/// One Ctrl-C may reach us twice, from the terminal and from whoever has started us.
async fn asked_again(signals: &mut ShutdownSignals) {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(1) {
        signals.next().await;
    }
}

async fn stop(scaled: Scaled, platform: &mut Distributed, stores: &mut Stores) -> anyhow::Result<()> {
    scaled.stop().await?;
    platform.stop().await?;
    stores.stop().await
}

/// Makes the directory with its place for logs, and gives its full path.
fn prepare(directory: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(directory.join("logs"))
        .with_context(|| format!("cannot make {}", directory.display()))?;
    Ok(fs::canonicalize(directory)?)
}

/// Two runs on the same data would ruin it.
fn lock(directory: &Path) -> anyhow::Result<File> {
    let file = File::create(directory.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("another `make dev` runs in {}; stop it, or give another --dir", directory.display())
        }
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Says so before half a minute of starting rather than after it.
fn gateway_is_free(port: u16) -> anyhow::Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} is taken; give another --port"))?;
    Ok(())
}

/// The file to which a process's log goes.
fn log(directory: &Path, name: &str) -> PathBuf {
    directory.join("logs").join(format!("{name}.log"))
}
