use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use behaviour::eventually;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{client, refused};

const FILES: u32 = 64;
/// More than there are files.
const CONNECTIONS: usize = 200;
const REQUEST: &[u8] = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test]
async fn without_files_left_the_second_port_answers_and_the_log_is_quiet() -> anyhow::Result<()> {
    let mut spec = ServiceSpec::new(Binary::AvailabilityService);
    spec.open_files = Some(FILES);
    let service = ServiceProcess::start_unready(spec).await?;
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        open.push(TcpStream::connect(service.api()).await?);
    }
    for connection in &mut open {
        connection.write_all(REQUEST).await?;
    }
    assert!(reply(open.first_mut().context("there are some")?).await?.starts_with("HTTP/1.1 200 "));
    let refusal = reply(open.last_mut().context("there are some")?).await?;
    assert!(refusal.starts_with("HTTP/1.1 503 ") && refusal.contains("overloaded"), "{refusal}");
    assert!(refusal.contains("connection: close"), "{refusal}");

    let probes = client(1)?;
    let until = Instant::now() + Duration::from_secs(3);
    while Instant::now() < until {
        for path in ["livez", "readyz"] {
            let asked = probes.get(format!("http://{}/{path}", service.ops())).send();
            assert_eq!(timeout(Duration::from_secs(1), asked).await??.status(), 200);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(refused(&service, "connections").await? >= 1.0);
    let complaints =
        service.logs().into_iter().filter(|line| line.contains("WARN") || line.contains("ERROR"));
    let complaints: Vec<String> = complaints.collect();
    assert!((1..=3).contains(&complaints.len()), "{complaints:#?}");

    drop(open);
    eventually("everybody is served again", Duration::from_secs(10), async || {
        let status = client(1)?.get(service.url() + "/openapi.json").send().await?.status();
        ensure!(status == 200, "{status}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn one_client_leaves_connections_to_others() -> anyhow::Result<()> {
    let spec = ServiceSpec::new(Binary::AvailabilityService).env("MAX_CONNECTIONS", 20);
    let service = ServiceProcess::start_unready(spec).await?;
    let (mut open, mut served) = (Vec::new(), 0);
    for _ in 0..30 {
        let mut connection = TcpStream::connect(service.api()).await?;
        connection.write_all(REQUEST).await?;
        served += usize::from(reply(&mut connection).await?.starts_with("HTTP/1.1 200 "));
        open.push(connection);
    }
    assert_eq!(served, 16, "four fifths");
    let other = client(2)?.get(service.url() + "/openapi.json").send().await?;
    assert_eq!(other.status(), 200);
    Ok(())
}

#[tokio::test]
async fn connections_on_which_nothing_is_sent_keep_nobody_from_being_accepted() -> anyhow::Result<()> {
    let spec = ServiceSpec::new(Binary::AvailabilityService).env("MAX_CONNECTIONS", 20);
    let service = ServiceProcess::start_unready(spec).await?;
    let mut open = Vec::new();
    for _ in 0..600 {
        open.push(TcpStream::connect(service.api()).await?);
    }
    let other = client(2)?.get(service.url() + "/openapi.json").send();
    assert_eq!(timeout(Duration::from_secs(4), other).await??.status(), 200);
    Ok(())
}

async fn reply(connection: &mut TcpStream) -> anyhow::Result<String> {
    let mut begin = vec![0; 1024];
    let length = timeout(Duration::from_secs(15), connection.read(&mut begin)).await??;
    Ok(String::from_utf8_lossy(begin.get(..length).unwrap_or_default()).into_owned())
}
