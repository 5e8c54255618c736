//! Does it answer? Each probe speaks so much of the protocol that only the right kind of server passes.

use std::net::SocketAddr;
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{ConnectOptions, Connection};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One attempt; a server that needs longer on loopback is not ready.
const ATTEMPT: Duration = Duration::from_secs(2);

/// Redis answers `PING`. While it loads its data it answers with an error, which does not count.
pub(crate) async fn redis(address: SocketAddr) -> bool {
    exchange(address, b"PING\r\n", 7).await.is_some_and(|reply| reply == b"+PONG\r\n")
}

/// An AMQP 0-9-1 broker greets with a method frame (type 1) on channel 0.
pub(crate) async fn amqp(address: SocketAddr) -> bool {
    exchange(address, b"AMQP\x00\x00\x09\x01", 3).await.is_some_and(|reply| reply == [1, 0, 0])
}

pub(crate) async fn postgres(dsn: &str) -> bool {
    let Ok(options) = dsn.parse::<sqlx::postgres::PgConnectOptions>() else { return false };
    match timeout(ATTEMPT, options.disable_statement_logging().connect()).await {
        Ok(Ok(connection)) => PgConnection::close(connection).await.is_ok(),
        _ => false,
    }
}

/// A mail server greets with 220.
pub(crate) async fn smtp(address: SocketAddr) -> bool {
    exchange(address, b"", 3).await.is_some_and(|greeting| greeting == b"220")
}

/// An IMAP server greets with `* OK`.
pub(crate) async fn imap(address: SocketAddr) -> bool {
    exchange(address, b"", 4).await.is_some_and(|greeting| greeting == b"* OK")
}

pub(crate) async fn tcp(address: SocketAddr) -> bool {
    matches!(timeout(ATTEMPT, TcpStream::connect(address)).await, Ok(Ok(_)))
}

/// The status of `GET path`, if there is an HTTP server.
pub(crate) async fn http_status(address: SocketAddr, path: &str) -> Option<u16> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let status_line = exchange(address, request.as_bytes(), "HTTP/1.1 200".len()).await?;
    str::from_utf8(&status_line).ok()?.strip_prefix("HTTP/1.1 ")?.parse().ok()
}

/// Sends `request` and gives the first `length` bytes of the reply.
async fn exchange(address: SocketAddr, request: &[u8], length: usize) -> Option<Vec<u8>> {
    let conversation = async {
        let mut stream = TcpStream::connect(address).await.ok()?;
        stream.write_all(request).await.ok()?;
        let mut reply = vec![0; length];
        stream.read_exact(&mut reply).await.ok()?;
        Some(reply)
    };
    timeout(ATTEMPT, conversation).await.ok().flatten()
}
