use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use behaviour::people;
use procfs::process::Process;
use serde_json::json;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use crate::{client, is_refused, refused};

/// Almost as many as a process takes by default; more are refused before their bodies are read.
const CONNECTIONS: u32 = 1_000;
/// The largest that is read.
const BODY: usize = 64 * 1024;
const HELD_BACK: usize = 1024;

/// Bodies of which the end does not come take no more memory than the chart gives a pod, and keep no other client from
/// being served.
#[tokio::test]
async fn bodies_that_are_held_back_stay_within_the_memory_of_a_pod() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let spec = ServiceSpec::new(Binary::UserService).env("DATA_DIR", data.path().display());
    let service = ServiceProcess::start(spec).await?;
    let mut held = Vec::new();
    for _ in 0..CONNECTIONS {
        held.push(hold_back(&service).await?);
    }
    let limit = memory_limit()?;
    let resident = resident(service.pid())?;
    assert!(resident < limit, "{resident} MiB of {limit}");
    let refused_bodies = refused(&service, "bodies").await?;
    assert!(refused_bodies > 100.0, "{refused_bodies}");

    let other = client(2)?;
    let person = json!({"email": people::fresh_address("bodies"), "availabilities": {"monday": [9]}});
    let created = other.post(service.url() + "/users").json(&person).send().await?;
    assert!(!is_refused(created).await?, "there is room for the bodies of others");
    drop(held);
    Ok(())
}

/// A connection that has sent all but the end of a body.
async fn hold_back(service: &ServiceProcess) -> anyhow::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.1:0".parse()?)?;
    let mut stream = socket.connect(service.api()).await?;
    let head = format!(
        "POST /users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {BODY}\r\n\r\n"
    );
    let mut begin = head.into_bytes();
    begin.resize(begin.len() + BODY - HELD_BACK, b' ');
    // Whoever is refused may find the connection closed before everything is sent.
    let _ = timeout(Duration::from_secs(5), stream.write_all(&begin)).await?;
    Ok(stream)
}

/// What the chart lets a pod of user-service use, in MiB.
fn memory_limit() -> anyhow::Result<u64> {
    let values = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../charts/user-service/values.yaml");
    let values = fs::read_to_string(values)?;
    let (_, limits) = values.split_once("  limits:\n    memory: ").context("the chart has no limit")?;
    let (number, _) = limits.split_once("Mi\n").context("the limit is in another unit")?;
    Ok(number.parse()?)
}

/// Resident memory in MiB, at its highest.
fn resident(pid: u32) -> anyhow::Result<u64> {
    let status = Process::new(pid.try_into()?)?.status()?;
    Ok(status.vmhwm.context("no VmHWM")? / 1024)
}
