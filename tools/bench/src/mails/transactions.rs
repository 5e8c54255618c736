//! The same mails from memory: what the sessions alone allow.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use anyhow::ensure;
use futures::future::try_join_all;
use lettre::transport::smtp::{client::AsyncSmtpConnection, extension::ClientId};
use mail::MailMessage;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

use super::{CONNECTIONS, sink::Sink};

/// Longest wait for a connection.
const LIMIT: Duration = Duration::from_secs(30);

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// Four requests with their answers on a socket, each written at once, and nothing else.
    Bare,
    /// The library that people would take.
    Lettre,
}

/// Sends a mail so many times; mails per second.
pub(crate) async fn send(client: Client, message: &MailMessage, mails: usize) -> anyhow::Result<f64> {
    let (sink, left) = (Sink::start().await?, AtomicUsize::new(mails));
    let started = Instant::now();
    let sessions = (0..CONNECTIONS).map(async |_| match client {
        Client::Bare => bare(sink.address, message, &left).await,
        Client::Lettre => lettre(sink.address, message, &left).await,
    });
    try_join_all(sessions).await?;
    let seconds = started.elapsed().as_secs_f64();
    let taken = sink.taken.borrow().mails;
    ensure!(taken == mails, "{taken} of {mails} mails have arrived");
    Ok(mails as f64 / seconds)
}

/// Whether there is one more to be sent.
fn take_one(left: &AtomicUsize) -> bool {
    left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}

async fn bare(address: SocketAddr, message: &MailMessage, left: &AtomicUsize) -> anyhow::Result<()> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let (mut reader, mut line) = (BufReader::new(reader), String::new());
    reader.read_line(&mut line).await?;
    let from = message.envelope.from().map(ToString::to_string).unwrap_or_default();
    let to = message.envelope.to().iter().map(ToString::to_string).collect::<String>();
    let text = [&message.bytes[..], b".\r\n"].concat();
    let (from, to) = (format!("MAIL FROM:<{from}>\r\n"), format!("RCPT TO:<{to}>\r\n"));
    writer.write_all(b"HELO bench\r\n").await?;
    reader.read_line(&mut line).await?;
    while take_one(left) {
        for request in [from.as_bytes(), to.as_bytes(), b"DATA\r\n", &text] {
            writer.write_all(request).await?;
            line.clear();
            reader.read_line(&mut line).await?;
            ensure!(line.starts_with(['2', '3']), "the server says {line}");
        }
    }
    Ok(())
}

async fn lettre(address: SocketAddr, message: &MailMessage, left: &AtomicUsize) -> anyhow::Result<()> {
    let hello = ClientId::default();
    let connect = AsyncSmtpConnection::connect_tokio1(address, Some(LIMIT), &hello, None, None);
    let mut connection = connect.await?;
    while take_one(left) {
        connection.send(&message.envelope, &message.bytes).await?;
    }
    Ok(())
}
