//! The one way to connect to RabbitMQ.

use std::{
    io,
    net::{Shutdown, TcpStream},
    os::fd::AsFd,
    sync::Arc,
    time::Duration,
};

use lapin::{
    AsyncTcpStream, Connection, ConnectionProperties,
    runtime::default_runtime,
    tcp::{OwnedTLSConfig, RustlsConnector},
    uri::{AMQPScheme, AMQPUri},
};
use parking_lot::Mutex;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio::{net::lookup_host, time::timeout};

use crate::InvalidOptions;

/// Seconds between heartbeats where the address does not say; silence of twice that breaks the connection. RabbitMQ
/// advises against less than 5.
const HEARTBEAT_SECONDS: u16 = 5;
/// Bytes of the largest frame: the client keeps two buffers of 32 frames for each connection, and messages are small.
const FRAME_BYTES: u32 = 16 * 1024;
/// Longest time for opening a TCP connection with TLS.
const TCP_LIMIT: Duration = Duration::from_secs(3);
const CLOSE_LIMIT: Duration = Duration::from_secs(1);
const OK: u16 = 200;

#[derive(Clone)]
pub struct Connector {
    pub(super) uri: AMQPUri,
    /// Instead of the system's certificates.
    tls: Option<RustlsConnector>,
}

impl Connector {
    /// Connects to this address; `amqps` trusts the system's certificates (`SSL_CERT_FILE` names others).
    pub fn new(mut uri: AMQPUri) -> Connector {
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        uri.query.frame_max.get_or_insert(FRAME_BYTES);
        Connector { uri, tls: None }
    }

    /// Has `amqps` trust what these certificates (PEM) have signed, and nothing else.
    pub fn with_ca(self, pem: &[u8]) -> Result<Connector, InvalidOptions> {
        let wrong = |error: &dyn std::error::Error| InvalidOptions::Ca(error.to_string());
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            roots.add(certificate.map_err(|error| wrong(&error))?).map_err(|error| wrong(&error))?;
        }
        if roots.is_empty() {
            return Err(InvalidOptions::Ca("it holds no certificate".to_owned()));
        }
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Connector { tls: Some(config.into()), ..self })
    }

    pub fn address(&self) -> String {
        format!("{}:{}", self.uri.authority.host, self.uri.authority.port)
    }

    /// Connects under a name by which the broker lists the connection.
    ///
    /// # Errors
    /// The client's own; no password is in it.
    pub async fn connect(&self, name: String) -> lapin::Result<BrokerConnection> {
        // Made first, so that giving up at any point cuts the connection off.
        let socket = SocketGuard::default();
        let (opened, tls) = (socket.0.clone(), self.tls.clone());
        let connection = Connection::connector(
            self.uri.clone(),
            default_runtime()?,
            async move |uri, runtime| {
                let reaching = async {
                    let (host, port) = (uri.authority.host.as_str(), uri.authority.port);
                    let addresses: Vec<_> = lookup_host((host, port)).await?.collect();
                    let plain = AsyncTcpStream::connect(&runtime, addresses.as_slice()).await?;
                    if let AsyncTcpStream::Plain(stream) = &plain {
                        opened.keep(stream.get_ref())?;
                    }
                    match (uri.scheme, &tls) {
                        (AMQPScheme::AMQP, _) => Ok(plain),
                        (AMQPScheme::AMQPS, Some(tls)) => plain.into_rustls(tls, host).await,
                        (AMQPScheme::AMQPS, None) => {
                            plain.into_tls(host, OwnedTLSConfig::default().as_ref()).await
                        }
                    }
                };
                match timeout(TCP_LIMIT, reaching).await {
                    Ok(reached) => Ok(reached?),
                    Err(_elapsed) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
                }
            },
            ConnectionProperties::default().with_connection_name(name.into()),
        )
        .await?;
        Ok(BrokerConnection { connection, _socket: socket })
    }
}

/// A connection to a broker. Dropping it cuts it off; [`BrokerConnection::close`] ends it in order.
pub struct BrokerConnection {
    pub connection: Connection,
    _socket: SocketGuard,
}

impl BrokerConnection {
    /// Ends the connection; what was sent before on it is done before. Takes at most a second.
    pub async fn close(self) {
        // An end that is not orderly is one all the same.
        let _ = timeout(CLOSE_LIMIT, self.connection.close(OK, "done".into())).await;
    }
}

/// Cuts the TCP connection beneath a client off when it is dropped. A client that waits for a broker which says nothing
/// would otherwise keep its thread and its buffers for ever.
#[derive(Default)]
struct SocketGuard(Arc<Socket>);

#[derive(Default)]
struct Socket(Mutex<SocketState>);

#[derive(Default)]
enum SocketState {
    #[default]
    NotYet,
    Open(TcpStream),
    Cut,
}

impl Socket {
    /// Remembers the connection; fails when it has been given up meanwhile.
    fn keep(&self, stream: &impl AsFd) -> io::Result<()> {
        let mut state = self.0.lock();
        if matches!(*state, SocketState::Cut) {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        *state = SocketState::Open(TcpStream::from(stream.as_fd().try_clone_to_owned()?));
        Ok(())
    }
}

impl Drop for SocketGuard {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        if let SocketState::Open(stream) = std::mem::replace(&mut *state, SocketState::Cut) {
            // It fails only when the connection is gone already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}
