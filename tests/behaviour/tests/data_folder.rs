//! The folder in which the one process keeps people and jobs: who may have it, who may read it, what is said when it cannot
//! be used, and how it is backed up.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Output},
    time::Duration,
};

use anyhow::ensure;
use behaviour::{
    Api, eventually, jobs,
    load::{Tolerated, Writers},
    people,
};
use rustix::{
    fs::Mode,
    process::{Pid, Resource, Rlimit, prlimit},
};
use serde_json::json;
use sqlx::{ConnectOptions, Connection, Executor, sqlite::SqliteConnectOptions};
use tempfile::TempDir;
use testkit::{Binary, Form, ServiceProcess, ServiceSpec, Standalone, StandaloneOptions};

const SOON: Duration = Duration::from_secs(30);

/// Runs a program on a data folder to its end; its exit code and what it says on stderr.
fn run(program: Binary, folder: &Path, args: &[&str]) -> anyhow::Result<(Option<i32>, String)> {
    let mut command = Command::new(program.path()?);
    command.args(args).env_clear().env("LISTEN", "127.0.0.1:0").env("OPS_LISTEN", "127.0.0.1:0");
    let Output { status, stderr, .. } = command.env("DATA_DIR", folder).output()?;
    Ok((status.code(), String::from_utf8(stderr)?))
}

/// The one line with which a program ends that cannot use its folder.
#[track_caller]
fn refused((code, said): (Option<i32>, String), names: &Path) {
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains(names.to_str().unwrap()), "{said}");
    // No cause is told twice.
    let parts: Vec<&str> = said.trim().split(": ").collect();
    let repeated = parts.iter().filter(|part| parts.iter().filter(|other| other == part).count() > 1);
    assert_eq!(repeated.count(), 0, "{said}");
}

async fn platform(folder: &Path) -> anyhow::Result<(Standalone, Api)> {
    let options = StandaloneOptions { data_dir: Some(folder.to_owned()), ..StandaloneOptions::default() };
    let platform = Form::standalone(options).await?;
    let api = Api::new(platform.gateway_url())?;
    Ok((platform, api))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_one_process_until_that_one_ends_whatever_way() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let (mut first, _) = platform(folder.path()).await?;
    refused(run(Binary::W2meet, folder.path(), &[])?, folder.path());
    refused(run(Binary::UserService, folder.path(), &[])?, folder.path());
    refused(run(Binary::WorkerService, folder.path(), &[])?, folder.path());
    refused(run(Binary::UserService, folder.path(), &["migrate"])?, folder.path());
    first.process.kill().await?;
    platform(folder.path()).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_could_read_is_its_owners_alone_after_the_next_start() -> anyhow::Result<()> {
    let outer = TempDir::new()?;
    let folder = outer.path().join("data");
    let (mut first, api) = platform(&folder).await?;
    people::create(&api, json!({}), "first").await?;
    let modes = || -> anyhow::Result<Vec<u32>> {
        let files = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).chain([Ok(folder.clone())]);
        files.map(|path: anyhow::Result<_>| Ok(fs::metadata(path?)?.permissions().mode() & 0o077)).collect()
    };
    assert!(modes()?.len() > 6 && modes()?.iter().all(|mode| *mode == 0), "{:?}", modes()?);
    first.process.kill().await?;
    for entry in fs::read_dir(&folder)? {
        fs::set_permissions(entry?.path(), fs::Permissions::from_mode(0o644))?;
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755))?;
    let (_again, _) = platform(&folder).await?;
    assert!(modes()?.iter().all(|mode| *mode == 0), "{:?}", modes()?);
    Ok(())
}

#[test]
fn a_folder_or_file_that_cannot_be_used_ends_the_start_with_its_name() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let file = folder.path().join("file");
    fs::write(&file, "")?;
    let damaged = folder.path().join("damaged");
    fs::create_dir(&damaged)?;
    for name in ["users.db", "worker.db"] {
        fs::write(damaged.join(name), "no database, but enough for the head of one ".repeat(99))?;
    }
    let taken = folder.path().join("taken");
    fs::create_dir_all(taken.join("users.db"))?;
    fs::create_dir_all(taken.join("worker.db"))?;
    for program in [Binary::W2meet, Binary::UserService, Binary::WorkerService] {
        for folder in [&file, &file.join("below"), &damaged, &taken] {
            refused(run(program, folder, &[])?, folder);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_platform_is_restored_to_another_folder() -> anyhow::Result<()> {
    let (folder, other) = (TempDir::new()?, TempDir::new()?);
    let (backup, restored) = (other.path().join("backup.tar"), other.path().join("new/data"));
    let (backup, restored_text) = (backup.to_str().unwrap(), restored.to_str().unwrap());
    let (mut first, api) = platform(folder.path()).await?;
    let (one, two) = jobs::couple(&api).await?;
    let done = jobs::post(&api, &one, &two).await?;
    jobs::all_succeed(&api, std::slice::from_ref(&done), &jobs::couples_result()).await?;
    let mut writers = Writers::start(&api, 3, Tolerated::Disconnect).await?;
    writers.go_on(5).await?;
    let (code, said) = run(Binary::W2meet, folder.path(), &["backup", backup])?;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::metadata(backup)?.permissions().mode() & 0o777, 0o600);
    writers.go_on(5).await?;
    writers.stop_and_check(&api).await?;
    let later = people::create(&api, json!({"monday": [1]}), "first").await?;
    refused(run(Binary::W2meet, folder.path(), &["restore", backup])?, folder.path());

    let restore = ["restore", backup, "--data-dir", restored_text];
    let (code, said) = run(Binary::W2meet, folder.path(), &restore)?;
    assert_eq!(code, Some(0), "{said}");
    let (_second, copy) = platform(&restored).await?;
    assert_eq!(copy.get(&people::path(&one)).await?.is(200).json()["availabilities"]["friday"], json!([9]));
    copy.get(&people::path(&later)).await?.is(404);
    assert_eq!(jobs::result_of(&jobs::look_up(&copy, &done).await?), &jobs::couples_result());
    let anew = jobs::post(&copy, &one, &two).await?;
    jobs::all_succeed(&copy, &[anew], &jobs::couples_result()).await?;

    // And to its own folder, where what was there is kept.
    first.stop().await?;
    let (code, said) = run(Binary::W2meet, folder.path(), &["restore", backup])?;
    assert_eq!(code, Some(0), "{said}");
    let (_again, api) = platform(folder.path()).await?;
    api.get(&people::path(&one)).await?.is(200);
    api.get(&people::path(&later)).await?.is(404);
    assert!(folder.path().join("users.db.before-restore").is_file());
    Ok(())
}

#[test]
fn what_is_no_backup_is_not_restored() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let data = folder.path().join("data");
    let (missing, text) = (folder.path().join("missing.tar"), folder.path().join("letter.txt"));
    fs::write(&text, "Dear Ada, ".repeat(200))?;
    for file in [&missing, &text] {
        refused(run(Binary::W2meet, &data, &["restore", file.to_str().unwrap()])?, file);
    }
    let nothing = folder.path().join("nothing");
    refused(run(Binary::W2meet, &nothing, &["backup", missing.to_str().unwrap()])?, &nothing);
    assert!(!missing.exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_takes_the_place_of_no_data_and_no_device() -> anyhow::Result<()> {
    let (folder, other) = (TempDir::new()?, TempDir::new()?);
    let (platform, api) = platform(folder.path()).await?;
    let known = people::create(&api, json!({"monday": [9]}), "first").await?;
    let link = other.path().join("link.tar");
    symlink(folder.path().join("users.db"), &link)?;
    let pipe = other.path().join("pipe");
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, Mode::RUSR | Mode::WUSR)?;
    let same_folder = other.path().join("data");
    symlink(folder.path(), &same_folder)?;
    let own = ["users.db", "worker.db", "users.db-wal", "users.db.lock"].map(|name| folder.path().join(name));
    for file in own.iter().chain([&link, &pipe, &same_folder.join("worker.db"), &other.path().to_owned()]) {
        refused(run(Binary::W2meet, folder.path(), &["backup", file.to_str().unwrap()])?, file);
    }
    api.get(&people::path(&known)).await?.is(200);
    drop(platform);
    let left: Vec<String> =
        fs::read_dir(folder.path())?.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| name.contains(".db")), "{left:?}");

    // A link leads to where the backup goes.
    let (latest, file) = (other.path().join("latest.tar"), other.path().join("1.tar"));
    fs::write(&file, "an earlier one")?;
    symlink(&file, &latest)?;
    let (code, said) = run(Binary::W2meet, folder.path(), &["backup", latest.to_str().unwrap()])?;
    assert_eq!(code, Some(0), "{said}");
    assert!(latest.is_symlink() && fs::metadata(&file)?.len() > 1024);
    let restored = other.path().join("restored");
    let (code, said) = run(Binary::W2meet, &restored, &["restore", latest.to_str().unwrap()])?;
    assert_eq!(code, Some(0), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn databases_of_other_programs_are_not_restored() -> anyhow::Result<()> {
    let (folder, other) = (TempDir::new()?, TempDir::new()?);
    drop(platform(folder.path()).await?);
    // Jobs under the name of the people, and a database that another program has made.
    let foreign = other.path().join("foreign.db");
    let options = SqliteConnectOptions::new().filename(&foreign).create_if_missing(true);
    let mut connection = options.connect().await?;
    connection.execute("CREATE TABLE people (name TEXT); CREATE TABLE jobs (name TEXT)").await?;
    connection.close().await?;
    for (number, source) in [folder.path().join("worker.db"), foreign].iter().enumerate() {
        let file = other.path().join(format!("{number}.tar"));
        let mut archive = tar::Builder::new(fs::File::create(&file)?);
        archive.append_path_with_name(source, "users.db")?;
        archive.finish()?;
        let data = other.path().join(format!("data{number}"));
        let (code, said) = run(Binary::W2meet, &data, &["restore", file.to_str().unwrap()])?;
        assert_eq!(code, Some(1), "{said}");
        assert!(
            said.lines().count() == 1 && said.contains("users.db") && said.contains("another program"),
            "{said}"
        );
    }
    Ok(())
}

/// A process whose files may not grow any more, as on a full disk.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_by_health_while_reads_go_on() -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let wrapper = folder.path().join(Binary::W2meet.name());
    let program = Binary::W2meet.path()?;
    fs::write(&wrapper, format!("#!/bin/sh\ntrap '' XFSZ\nexec '{}' \"$@\"\n", program.display()))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let mut spec = ServiceSpec::new(Binary::W2meet).env("DATA_DIR", folder.path().join("data").display());
    spec.bin_dir = Some(folder.path().to_owned());
    let process = ServiceProcess::start(spec).await?;
    let api = Api::new(process.url())?;
    let known = people::create(&api, json!({"monday": [9]}), "first").await?;

    let pid = Pid::from_raw(i32::try_from(process.pid())?);
    let limit = |current| prlimit(pid, Resource::Fsize, Rlimit { current, maximum: None });
    limit(Some(1024))?;
    let body = people::body(&people::fresh_address("late"), &json!({}), "first");
    api.post("/users/users", &body).await?.is(503);
    api.get(&people::path(&known)).await?.is(200);
    let health = api.get("/users/health").await?.is(200).json();
    assert_eq!(health["status"], "degraded", "{health}");
    assert!(
        health["dependencies"]["postgresql"]["error"].to_string().contains("takes no writes"),
        "{health}"
    );
    process.wait_for_log("the database takes no writes", SOON).await?;

    limit(None)?;
    api.post("/users/users", &body).await?.is(201);
    eventually("it is healthy again", SOON, async || {
        let health = api.get("/users/health").await?.is(200).json();
        ensure!(health["status"] == "healthy", "{health}");
        Ok(())
    })
    .await
}
