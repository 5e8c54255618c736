use std::{fmt, io, sync::Arc, time::Duration};

use async_imap::{Client, Session as ImapSession, error::Error, types::Fetch};
use futures::{Stream, TryStreamExt};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};

use super::address::{Encryption, ImapAddress};

/// Longest wait for one answer of the server.
const ANSWER: Duration = Duration::from_secs(30);
/// Most mails whose sizes are asked for at a time.
const BATCH: usize = 200;

/// Why a mailbox is not read just now. The texts say nothing of who logs in, nor of what is in mails.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    #[error("it did not answer in time")]
    Deadline,
    #[error("it could not be reached, or broke off")]
    Connection(#[source] io::Error),
    #[error("it has a certificate that is not trusted, or no TLS")]
    Tls(#[source] io::Error),
    #[error("it does not offer STARTTLS")]
    NoStartTls(#[source] Error),
    #[error("it refuses the login")]
    Login(#[source] Error),
    #[error("it has no folder {folder:?}")]
    Folder { folder: String, source: Error },
    #[error("it answered what was not asked, or refused it")]
    Answer(#[from] Error),
}

trait Connection: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug> Connection for T {}

/// A folder of a mailbox, open for reading and marking.
pub(super) struct Session {
    imap: ImapSession<Box<dyn Connection>>,
    can_idle: bool,
}

/// A mail that nobody has read.
pub(super) struct Unread {
    pub(super) uid: u32,
    /// In bytes.
    pub(super) size: usize,
}

/// What trusts the authorities that the system knows.
pub(super) fn tls_config() -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

impl Session {
    /// Connects, encrypts, logs in and opens the folder, as the address says.
    pub(super) async fn open(
        address: &ImapAddress,
        tls: &Arc<ClientConfig>,
    ) -> Result<Session, SessionError> {
        let connect = TcpStream::connect((address.host.as_str(), address.port));
        let stream = within(ANSWER, connect).await?.map_err(SessionError::Connection)?;
        let client: Client<Box<dyn Connection>> = match &address.encryption {
            Encryption::Whole(name) => greeted(encrypted(stream, name, tls).await?).await?,
            Encryption::Never => greeted(Box::new(stream) as Box<dyn Connection>).await?,
            Encryption::StartTls(name) => {
                let mut client = greeted(stream).await?;
                let start = client.run_command_and_check_ok("STARTTLS", None);
                within(ANSWER, start).await?.map_err(SessionError::NoStartTls)?;
                // What was sent in the clear behind the answer goes with the client.
                Client::new(encrypted(client.into_inner(), name, tls).await?)
            }
        };
        let login = within(ANSWER, client.login(&address.user, &address.password)).await?;
        let mut imap = login.map_err(|(error, _)| SessionError::Login(error))?;
        let can_idle = within(ANSWER, imap.capabilities()).await??.has_str("IDLE");
        within(ANSWER, imap.select(&address.folder))
            .await?
            .map_err(|source| SessionError::Folder { folder: address.folder.clone(), source })?;
        Ok(Session { imap, can_idle })
    }

    /// Mails that nobody has read, the oldest ones.
    pub(super) async fn unread(&mut self) -> Result<Vec<Unread>, SessionError> {
        let found = within(ANSWER, self.imap.uid_search("UNSEEN UNDELETED")).await??;
        let mut uids: Vec<u32> = found.into_iter().collect();
        uids.sort_unstable();
        uids.truncate(BATCH);
        if uids.is_empty() {
            return Ok(Vec::new());
        }
        let set = uids.iter().map(u32::to_string).collect::<Vec<_>>().join(",");
        let fetched = within(ANSWER, self.imap.uid_fetch(set, "(UID RFC822.SIZE)")).await??;
        let fetched = collected(fetched).await?;
        let unread = |mail: &Fetch| {
            let size = mail.size.map_or(usize::MAX, |size| usize::try_from(size).unwrap_or(usize::MAX));
            Some(Unread { uid: mail.uid?, size })
        };
        Ok(fetched.iter().filter_map(unread).collect())
    }

    /// A mail as it came; `None` if it was deleted. It stays unread.
    pub(super) async fn mail(&mut self, uid: u32) -> Result<Option<Vec<u8>>, SessionError> {
        let fetched = within(ANSWER, self.imap.uid_fetch(uid.to_string(), "(UID BODY.PEEK[])")).await??;
        let fetched = collected(fetched).await?;
        let mail = fetched.into_iter().find(|mail| mail.uid == Some(uid));
        Ok(mail.and_then(|mail| mail.body().map(<[u8]>::to_vec)))
    }

    /// Marks a mail as read, so that it is not taken again.
    pub(super) async fn mark_read(&mut self, uid: u32) -> Result<(), SessionError> {
        let stored = self.imap.uid_store(uid.to_string(), "+FLAGS.SILENT (\\Seen)");
        collected(within(ANSWER, stored).await??).await.map(drop)
    }

    /// Waits until something has changed in the folder, where the server tells that (RFC 2177), or for this long.
    pub(super) async fn wait(self, longest: Duration) -> Result<Session, SessionError> {
        if !self.can_idle {
            tokio::time::sleep(longest).await;
            return Ok(self);
        }
        let mut idle = self.imap.idle();
        within(ANSWER, idle.init()).await??;
        // Dropped, the second one would end the wait.
        let (change, _interrupt) = idle.wait_with_timeout(longest);
        change.await?;
        let imap = within(ANSWER, idle.done()).await??;
        Ok(Session { imap, can_idle: self.can_idle })
    }
}

async fn encrypted(
    stream: TcpStream,
    name: &ServerName<'static>,
    tls: &Arc<ClientConfig>,
) -> Result<Box<dyn Connection>, SessionError> {
    let handshake = TlsConnector::from(tls.clone()).connect(name.clone(), stream);
    Ok(Box::new(within(ANSWER, handshake).await?.map_err(SessionError::Tls)?))
}

/// A client that has read the server's greeting.
async fn greeted<T: AsyncRead + AsyncWrite + Unpin + Send + fmt::Debug>(
    stream: T,
) -> Result<Client<T>, SessionError> {
    let mut client = Client::new(stream);
    let greeting = within(ANSWER, client.read_response()).await?.map_err(SessionError::Connection)?;
    greeting.ok_or_else(|| SessionError::Connection(io::ErrorKind::UnexpectedEof.into()))?;
    Ok(client)
}

async fn collected(answers: impl Stream<Item = Result<Fetch, Error>>) -> Result<Vec<Fetch>, SessionError> {
    Ok(within(ANSWER, answers.try_collect()).await??)
}

async fn within<T>(limit: Duration, step: impl Future<Output = T>) -> Result<T, SessionError> {
    timeout(limit, step).await.map_err(|_elapsed| SessionError::Deadline)
}
