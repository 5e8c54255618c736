//! A mail server that does what it is told.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// What happens to a mail.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fate {
    /// The recipient is refused, with this answer.
    RefusedRecipient(&'static str),
    /// The content is refused, with this answer.
    RefusedContent(&'static str),
    /// It is taken, and the connection breaks off instead of an answer.
    TakenWithoutAnswer,
    /// The connection breaks off before anything is taken.
    BrokenOff,
    /// It does before anything is said, as when a server closes what is idle.
    Closed,
}

/// What anybody sees of the server. Clones are the same server.
#[derive(Clone, Default)]
pub(crate) struct SmtpStub {
    /// Of the next mails; all others are taken.
    fates: Arc<Mutex<VecDeque<Fate>>>,
    taken: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    /// While it is, connections are accepted and nothing is said on them.
    is_silent: watch::Sender<bool>,
}

impl SmtpStub {
    /// A server, and its URL.
    pub(crate) async fn start(fates: &[Fate]) -> (SmtpStub, String) {
        let stub =
            SmtpStub { fates: Arc::new(Mutex::new(fates.iter().copied().collect())), ..SmtpStub::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}?tls=none", listener.local_addr().unwrap());
        let server = stub.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                server.connections.fetch_add(1, Ordering::SeqCst);
                // A client that goes away ends its session, which is no matter here.
                tokio::spawn(async move { drop(server.talk(stream).await) });
            }
        });
        (stub, url)
    }

    /// The mails that were taken, in the order in which they came.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.taken.lock().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// What happens to the next mail.
    pub(crate) fn next(&self, fate: Fate) {
        self.fates.lock().push_back(fate);
    }

    pub(crate) fn be_silent(&self, is_silent: bool) {
        self.is_silent.send_replace(is_silent);
    }

    async fn talk(&self, stream: TcpStream) -> std::io::Result<()> {
        // It fails only when the sender is gone, and this is one.
        let _ = self.is_silent.subscribe().wait_for(|is_silent| !is_silent).await;
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 stub ESMTP\r\n").await?;
        let mut fate = None;
        while let Some(line) = lines.next_line().await? {
            let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match command.as_str() {
                "EHLO" => "250 stub",
                "MAIL" => {
                    fate = self.fates.lock().pop_front();
                    match fate {
                        Some(Fate::Closed) => return Ok(()),
                        _ => "250 go on",
                    }
                }
                "RCPT" => match fate {
                    Some(Fate::BrokenOff) => return Ok(()),
                    Some(Fate::RefusedRecipient(answer)) => answer,
                    _ => "250 go on",
                },
                "DATA" => {
                    writer.write_all(b"354 go on\r\n").await?;
                    let mut text = String::new();
                    while let Some(line) = lines.next_line().await? {
                        if line == "." {
                            break;
                        }
                        text.push_str(line.strip_prefix('.').unwrap_or(&line));
                        text.push_str("\r\n");
                    }
                    match fate {
                        Some(Fate::RefusedContent(answer)) => answer,
                        Some(Fate::TakenWithoutAnswer) => {
                            self.taken.lock().push(text);
                            return Ok(());
                        }
                        _ => {
                            self.taken.lock().push(text);
                            "250 2.0.0 taken"
                        }
                    }
                }
                "QUIT" => {
                    writer.write_all(b"221 bye\r\n").await?;
                    return Ok(());
                }
                _ => "250 ok",
            };
            writer.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
        Ok(())
    }
}
