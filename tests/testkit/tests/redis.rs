//! Redis as a test server.

use testkit::servers::{Redis, RedisOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The reply to an inline command, as it stands on the wire.
async fn ask(server: &Redis, command: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(server.address()).await?;
    stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).await?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await?;
    Ok(reply)
}

#[tokio::test]
async fn is_empty_after_a_kill() {
    let mut server = Redis::start().await.unwrap();
    assert!(ask(&server, "SET k v").await.unwrap().starts_with("+OK"));
    server.kill().await.unwrap();
    assert!(ask(&server, "GET k").await.is_err(), "somebody still answers");
    server.restart().await.unwrap();
    assert!(ask(&server, "GET k").await.unwrap().starts_with("$-1"));
}

#[tokio::test]
async fn a_durable_one_comes_back_with_what_it_held() {
    let mut server =
        Redis::start_with(RedisOptions { durable: true, ..RedisOptions::default() }).await.unwrap();
    ask(&server, "SET k stale").await.unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    assert!(ask(&server, "GET k").await.unwrap().contains("stale"));
}

#[tokio::test]
async fn servers_run_side_by_side() {
    let (one, other) = tokio::try_join!(Redis::start(), Redis::start()).unwrap();
    ask(&one, "SET k v").await.unwrap();
    assert!(ask(&other, "GET k").await.unwrap().starts_with("$-1"));
}
