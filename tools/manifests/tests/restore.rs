//! Backup and restore with PostgreSQL's own tools, by the commands that docs/operations.md gives for a cluster, on the
//! tables that the services make.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use behaviour::{Api, jobs, people};
use serde_json::json;
use testkit::servers::{Postgres, PostgresOptions, Redis};
use testkit::{DistributedOptions, Form};

/// How the document reaches the embedded database.
const IN_THE_POD: [&str; 2] =
    ["kubectl exec w2meet-postgresql-0 -- ", "kubectl exec --stdin w2meet-postgresql-0 -- "];

/// The document's commands for the database in the section under this heading, without the way into the pod.
fn commands(heading: &str) -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    let text = fs::read_to_string(file).unwrap();
    let section =
        text.lines().skip_while(|line| *line != heading).skip(1).take_while(|line| !line.starts_with('#'));
    let inside = |line: &str| IN_THE_POD.iter().find_map(|way| line.strip_prefix(way)).map(str::to_owned);
    section.filter_map(inside).collect()
}

/// Runs them where the dump is, against a server on this machine that has the cluster's names.
fn run(commands: &[String], postgres: &Postgres, folder: &Path) -> anyhow::Result<()> {
    for command in commands {
        let mut bash = Command::new("bash");
        bash.args(["-c", command]).current_dir(folder);
        bash.env("PGHOST", postgres.host()).env("PGPORT", postgres.port().to_string());
        let done = bash.output().context("no bash")?;
        ensure!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }
    Ok(())
}

/// A server with the embedded one's user and an empty database.
async fn server() -> anyhow::Result<Postgres> {
    let options = PostgresOptions { without_fsync: true, ..PostgresOptions::default() };
    let postgres = Postgres::start_with(options).await?;
    let names = ["CREATE ROLE w2meet SUPERUSER LOGIN", "CREATE DATABASE w2meet OWNER w2meet"];
    let commands = names.map(|sql| format!("psql --username=postgres --dbname=postgres --command='{sql}'"));
    run(&commands, &postgres, Path::new("/"))?;
    Ok(postgres)
}

fn dsn(postgres: &Postgres) -> String {
    format!("postgres://w2meet@{}:{}/w2meet", postgres.host(), postgres.port())
}

fn forget(redis: &Redis) -> anyhow::Result<()> {
    let address = redis.address();
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let done = Command::new("redis-cli").args(["-h", &host, "-p", &port, "FLUSHALL"]).output()?;
    ensure!(done.status.success(), "redis-cli: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

#[tokio::test]
async fn what_was_there_at_the_backup_is_there_after_the_restore() {
    let (backup, restore) = (commands("### Backup"), commands("### Restore"));
    assert!(backup.len() == 1 && restore.len() == 4, "{backup:#?} {restore:#?}");
    let folder = tempfile::tempdir().unwrap();
    let postgres = server().await.unwrap();
    let options = DistributedOptions { pg_dsn: Some(dsn(&postgres)), ..DistributedOptions::default() };
    let mut platform = Form::distributed(options).await.unwrap();
    let api = Api::new(platform.gateway_url()).unwrap();

    // Before: two people, a job that is done, and one that nobody does yet.
    let (one, other) = jobs::couple(&api).await.unwrap();
    let before = api.get(&people::cached_path(&one)).await.unwrap().is(200).json();
    let done = jobs::post(&api, &one, &other).await.unwrap();
    jobs::ended(&api, &done).await.unwrap();
    platform.consumer().unwrap().stop().await.unwrap();
    let waiting = jobs::post(&api, &one, &other).await.unwrap();
    run(&backup, &postgres, folder.path()).unwrap();

    // Afterwards: what the restore has to undo. The job that waited is done, so its message is gone.
    let changed = people::body(&one, &json!({"sunday": [1]}), "last");
    api.put(&people::path(&one), &changed).await.unwrap().is(200);
    api.get(&people::cached_path(&one)).await.unwrap().is(200);
    let late = people::create(&api, json!({"monday": [9]}), "first").await.unwrap();
    platform.consumer().unwrap().restart().await.unwrap();
    jobs::ended(&api, &waiting).await.unwrap();
    let late_job = jobs::post(&api, &one, &late).await.unwrap();
    jobs::ended(&api, &late_job).await.unwrap();

    platform.consumer().unwrap().stop().await.unwrap();
    platform.worker_api.stop().await.unwrap();
    for service in &mut platform.users {
        service.stop().await.unwrap();
    }
    run(&restore, &postgres, folder.path()).unwrap();
    forget(platform.redis.as_ref().unwrap()).unwrap();
    for service in &mut platform.users {
        service.restart().await.unwrap();
    }
    platform.worker_api.restart().await.unwrap();
    platform.consumer().unwrap().restart().await.unwrap();

    for path in [people::cached_path(&one), people::path(&one)] {
        assert_eq!(api.get(&path).await.unwrap().is(200).json(), before);
    }
    api.get(&people::cached_path(&late)).await.unwrap().is(404);
    api.get(&jobs::path(&late_job)).await.unwrap().is(404);
    let known = [done, waiting];
    jobs::all_succeed(&api, &known, &jobs::couples_result()).await.unwrap();
    people::create(&api, json!({"monday": [9]}), "first").await.unwrap();
    platform.stop().await.unwrap();
}

/// The machine with the database is lost, and with it the cache and the queue.
#[tokio::test]
async fn a_backup_is_restored_on_another_server() {
    let folder = tempfile::tempdir().unwrap();
    let lost = server().await.unwrap();
    let options = DistributedOptions { pg_dsn: Some(dsn(&lost)), ..DistributedOptions::default() };
    let mut platform = Form::distributed(options).await.unwrap();
    let api = Api::new(platform.gateway_url()).unwrap();
    let (one, other) = jobs::couple(&api).await.unwrap();
    platform.consumer().unwrap().stop().await.unwrap();
    let waiting = jobs::post(&api, &one, &other).await.unwrap();
    run(&commands("### Backup"), &lost, folder.path()).unwrap();
    platform.stop().await.unwrap();
    drop(lost);

    let new = server().await.unwrap();
    run(&commands("### Restore"), &new, folder.path()).unwrap();
    let options = DistributedOptions { pg_dsn: Some(dsn(&new)), ..DistributedOptions::default() };
    let mut platform = Form::distributed(options).await.unwrap();
    let api = Api::new(platform.gateway_url()).unwrap();
    api.get(&people::cached_path(&other)).await.unwrap().is(200);
    jobs::all_succeed(&api, &[waiting], &jobs::couples_result()).await.unwrap();
    platform.stop().await.unwrap();
}
