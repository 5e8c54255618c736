//! The proxy that breaks connections.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::net::SocketAddr;
use std::time::Duration;

use testkit::TcpProxy;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// Long enough for a byte that is allowed to pass, short enough to wait for one that is not.
const MOMENT: Duration = Duration::from_millis(200);

/// A server that sends everything back.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut reader, mut writer) = stream.split();
                tokio::io::copy(&mut reader, &mut writer).await
            });
        }
    });
    address
}

async fn exchange(stream: &mut TcpStream) -> std::io::Result<u8> {
    stream.write_u8(7).await?;
    stream.read_u8().await
}

#[tokio::test]
async fn passes_everything_on_until_both_sides_are_done() {
    let proxy = TcpProxy::start(echo().await).await.unwrap();
    let (mut reader, mut writer) = TcpStream::connect(proxy.address()).await.unwrap().into_split();
    let sent: Vec<u8> = (0..1_000_000).map(|n: u32| n.to_le_bytes()[0]).collect();
    let mut received = Vec::new();
    let send = async {
        writer.write_all(&sent).await.unwrap();
        writer.shutdown().await.unwrap();
    };
    let (length, ()) = tokio::join!(reader.read_to_end(&mut received), send);
    assert_eq!(length.unwrap(), sent.len());
    assert!(received == sent);
}

#[tokio::test]
async fn a_cut_ends_connections_and_refuses_new_ones_until_healed() {
    let proxy = TcpProxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(exchange(&mut stream).await.unwrap(), 7);
    proxy.cut().await;
    assert!(exchange(&mut stream).await.is_err());
    let refused = TcpStream::connect(proxy.address()).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    proxy.heal().await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(exchange(&mut stream).await.unwrap(), 7);
}

#[tokio::test]
async fn a_hang_holds_old_and_new_connections_until_healed() {
    let proxy = TcpProxy::start(echo().await).await.unwrap();
    let mut old = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(exchange(&mut old).await.unwrap(), 7);
    proxy.hang();
    let mut new = TcpStream::connect(proxy.address()).await.unwrap();
    old.write_u8(1).await.unwrap();
    new.write_u8(2).await.unwrap();
    assert!(timeout(MOMENT, old.read_u8()).await.is_err(), "a byte has passed");
    assert!(timeout(MOMENT, new.read_u8()).await.is_err(), "a byte has passed");
    proxy.heal().await.unwrap();
    assert_eq!(old.read_u8().await.unwrap(), 1);
    assert_eq!(new.read_u8().await.unwrap(), 2);
}

#[tokio::test]
async fn a_delay_holds_each_direction() {
    let proxy = TcpProxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    proxy.delay(MOMENT);
    let begin = Instant::now();
    assert_eq!(exchange(&mut stream).await.unwrap(), 7);
    assert!(begin.elapsed() >= 2 * MOMENT);
}

#[tokio::test]
async fn ends_with_its_owner() {
    let proxy = TcpProxy::start(echo().await).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert_eq!(exchange(&mut stream).await.unwrap(), 7);
    drop(proxy);
    assert!(stream.read_u8().await.is_err());
}

#[tokio::test]
async fn a_server_that_is_not_there_ends_the_connection() {
    let proxy = TcpProxy::start(([127, 0, 0, 1], testkit::free_port().unwrap()).into()).await.unwrap();
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(exchange(&mut stream).await.is_err());
}
