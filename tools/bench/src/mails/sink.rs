//! A mail server that takes whatever comes, as fast as it comes.

use std::{collections::HashSet, net::SocketAddr};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// The line that ends a text.
const END: &[u8] = b".\r\n";
const MESSAGE_ID: &[u8] = b"Message-ID:";

/// What it has taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) mails: usize,
    /// The Message-IDs of these mails.
    pub(crate) ids: HashSet<Vec<u8>>,
}

/// The server, until this is dropped.
pub(crate) struct Sink {
    pub(crate) address: SocketAddr,
    pub(crate) taken: watch::Receiver<Taken>,
    server: JoinHandle<()>,
}

impl Sink {
    pub(crate) async fn start() -> anyhow::Result<Sink> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (note, taken) = watch::channel(Taken::default());
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let note = note.clone();
                // A client that goes away ends its session.
                tokio::spawn(async move { drop(talk(stream, &note).await) });
            }
        });
        Ok(Sink { address, taken, server })
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn talk(stream: TcpStream, note: &watch::Sender<Taken>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (reader, mut writer) = stream.into_split();
    let (mut reader, mut line) = (BufReader::new(reader), Vec::new());
    writer.write_all(b"220 bench ESMTP\r\n").await?;
    while read(&mut reader, &mut line).await? {
        let command = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match &command[..] {
            b"EHLO" => b"250-bench\r\n250 8BITMIME\r\n",
            b"DATA" => {
                writer.write_all(b"354 go on\r\n").await?;
                let mut id = Vec::new();
                while read(&mut reader, &mut line).await? && line != END {
                    if id.is_empty() && line.starts_with(MESSAGE_ID) {
                        id.clone_from(&line);
                    }
                }
                if line != END {
                    return Ok(());
                }
                note.send_modify(|taken| {
                    taken.mails += 1;
                    taken.ids.insert(id);
                });
                b"250 2.0.0 taken\r\n"
            }
            b"QUIT" => return writer.write_all(b"221 bye\r\n").await,
            _ => b"250 2.0.0 ok\r\n",
        };
        writer.write_all(answer).await?;
    }
    Ok(())
}

/// Reads the next line with its end; whether there was one.
async fn read(reader: &mut (impl AsyncBufReadExt + Unpin), line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    Ok(reader.read_until(b'\n', line).await? > 0)
}
