//! TLS on the API's ports by the service itself.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, ensure};
use clap::Args;
use parking_lot::RwLock;
use sha2::{Digest, Sha256};
use tokio::{
    net::TcpStream,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
    server::TlsStream,
};
use tracing::{info, warn};

use crate::{accept::REFUSED_HEAD_TIMEOUT, chain};

/// Between two looks at the files.
const BETWEEN_LOOKS: Duration = Duration::from_secs(60);
/// Longest time of a client for its part of a handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
const HTTP1: &[u8] = b"http/1.1";
const HTTP2: &[u8] = b"h2";

/// The certificate by which the API is served.
#[derive(Args, Clone, Debug)]
pub struct TlsArgs {
    /// Certificate (PEM) by which the API's ports speak TLS, with those between it and its authority behind it. Without it they
    /// speak plain HTTP. It is read again every minute, as its key is.
    #[arg(long, env = "TLS_CERTIFICATE", requires = "tls_key", value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,

    /// Key (PEM, not encrypted) of that certificate.
    #[arg(long, env = "TLS_KEY", requires = "tls_certificate", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
}

impl TlsArgs {
    /// What serves by the certificate, if there is one.
    ///
    /// # Errors
    /// When a file cannot be read, has not in it what it should have, or the two do not belong together; the message has
    /// the flags and the files.
    pub(crate) fn load(&self) -> anyhow::Result<Option<Tls>> {
        let files = self.tls_certificate.clone().zip(self.tls_key.clone());
        files.map(|(certificate, key)| Tls::load(certificate, key)).transpose()
    }
}

/// A certificate with its key, which may be replaced while it serves.
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Pair>,
}

/// A certificate and its key as they were read from their files.
#[derive(Clone)]
struct Pair {
    /// Of what stands in the files.
    digest: [u8; 32],
    serving: TlsAcceptor,
    /// For connections that are only refused, by HTTP/1.
    refusing: TlsAcceptor,
}

impl Tls {
    fn load(certificate: PathBuf, key: PathBuf) -> anyhow::Result<Tls> {
        let current = RwLock::new(Pair::read(&certificate, &key)?);
        Ok(Tls { certificate, key, current })
    }

    /// Looks at the files again and again, first after the time [`BETWEEN_LOOKS`].
    pub(crate) async fn keep_current(self: Arc<Tls>) {
        let mut looks = interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first one is at once.
        looks.tick().await;
        loop {
            looks.tick().await;
            let tls = self.clone();
            if let Err(error) = spawn_blocking(move || tls.renew()).await {
                warn!(error = %chain(&error), "the files of the certificate could not be looked at");
            }
        }
    }

    /// Has new connections get the certificate that the files hold now. One that cannot be used changes nothing, and the
    /// log says so each time.
    fn renew(&self) {
        match Pair::read(&self.certificate, &self.key) {
            Ok(read) if read.digest == self.current.read().digest => (),
            Ok(read) => {
                *self.current.write() = read;
                info!(certificate = %self.certificate.display(), "new connections get another certificate");
            }
            Err(error) => {
                warn!(error = %chain(error.as_ref()), "the certificate stays the one before: its files cannot be used");
            }
        }
    }

    /// The connection once its client has agreed to TLS, and whether it speaks HTTP/2.
    ///
    /// # Errors
    /// When the client speaks something else, trusts another authority, ends, or takes longer than [`HANDSHAKE_TIMEOUT`].
    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<(TlsStream<TcpStream>, bool)> {
        let acceptor = self.current.read().serving.clone();
        let stream = timeout(HANDSHAKE_TIMEOUT, acceptor.accept(stream)).await??;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
        Ok((stream, is_http2))
    }

    /// The same for a connection that is only refused: it speaks HTTP/1, and is given up at once if its client says nothing.
    /// How long all of it may take is for the caller to say.
    pub(crate) async fn accept_to_refuse(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        timeout(REFUSED_HEAD_TIMEOUT, stream.readable()).await??;
        let acceptor = self.current.read().refusing.clone();
        acceptor.accept(stream).await
    }
}

impl Pair {
    fn read(certificate: &Path, key: &Path) -> anyhow::Result<Pair> {
        tls_provider::install();
        let of_certificate = || format!("--tls-certificate {}", certificate.display());
        let of_key = || format!("--tls-key {}", key.display());
        let certificate = fs::read(certificate).with_context(of_certificate)?;
        let key = fs::read(key).with_context(of_key)?;
        let digest = Sha256::new().chain_update(&certificate).chain_update(&key).finalize().into();
        let certificates: Vec<_> = CertificateDer::pem_slice_iter(&certificate)
            .collect::<Result<_, _>>()
            .with_context(of_certificate)?;
        ensure!(!certificates.is_empty(), "{}: it has no certificate (PEM)", of_certificate());
        let key = PrivateKeyDer::from_pem_slice(&key)
            .context("it has no key (PEM) that is not encrypted")
            .with_context(of_key)?;
        let mut serving =
            ServerConfig::builder()
                .with_no_client_auth()
                .with_single_cert(certificates, key)
                .with_context(|| format!("{} and {} cannot be used together", of_certificate(), of_key()))?;
        let mut refusing = serving.clone();
        serving.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
        refusing.alpn_protocols = vec![HTTP1.to_vec()];
        let [serving, refusing] = [serving, refusing].map(|config| TlsAcceptor::from(Arc::new(config)));
        Ok(Pair { digest, serving, refusing })
    }
}

#[cfg(test)]
mod tests;
