//! Peers at `https` URLs.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{Router, extract::FromRequestParts, routing::get, serve::Listener};
use http::{Request, StatusCode, Version};
use peer_client::{Answer, Limits, Peer, PeerError, PeerMetrics, PeerRequest};
use prometheus::Registry;
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use service_kit::{RequestContext, chain};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
    server::TlsStream,
};

/// Connections of clients that trust the certificate; those of others are dropped.
struct Encrypted(TcpListener, TlsAcceptor);

impl Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, peer) = self.0.accept().await.unwrap();
            if let Ok(stream) = self.1.accept(stream).await {
                return (stream, peer);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A certificate for this host, which is its own authority, and its PEM file.
fn certificate(host: &str, folder: &TempDir) -> (CertifiedKey<KeyPair>, PathBuf) {
    let pair = generate_simple_self_signed([host.to_owned()]).unwrap();
    let file = folder.path().join(host);
    fs::write(&file, pair.cert.pem()).unwrap();
    (pair, file)
}

/// The base URL of a service with this certificate, which agrees on HTTP/2 too, and says by which version it was asked.
async fn serve(pair: &CertifiedKey<KeyPair>) -> String {
    tls_provider::install();
    let key = PrivateKeyDer::try_from(pair.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let mut config = config.with_single_cert(vec![pair.cert.der().clone()], key).unwrap();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}", listener.local_addr().unwrap());
    let listener = Encrypted(listener, Arc::new(config).into());
    let router = Router::new().route("/", get(async |version: Version| format!("by {version:?}")));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base
}

fn peer(base: &str, ca: Option<&Path>) -> anyhow::Result<Peer> {
    let metrics = PeerMetrics::register(&Registry::new())?;
    Peer::http("user-service", &base.parse().unwrap(), ca, Limits::default(), metrics)
}

async fn ask(base: &str, ca: Option<&Path>) -> Result<Answer, PeerError> {
    let (mut parts, _) = Request::get("/").body(()).unwrap().into_parts();
    let Ok(context) = RequestContext::from_request_parts(&mut parts, &()).await;
    peer(base, ca).unwrap().send(&context, PeerRequest::get("/")).await
}

#[tokio::test]
async fn a_peer_is_asked_by_http1_whose_certificate_is_from_the_given_authority() {
    let folder = TempDir::new().unwrap();
    let (pair, ca) = certificate("127.0.0.1", &folder);
    let answer = ask(&serve(&pair).await, Some(&ca)).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"by HTTP/1.1"[..]));
}

#[tokio::test]
async fn no_other_peer_is() {
    let folder = TempDir::new().unwrap();
    let ((pair, _), (other, other_ca)) =
        (certificate("127.0.0.1", &folder), certificate("other.example", &folder));
    let base = serve(&pair).await;
    for (base, ca) in [
        (base.clone(), None),
        (base, Some(&*other_ca)),
        // The authority is right, and the host is not.
        (serve(&other).await, Some(&*other_ca)),
    ] {
        let refused = ask(&base, ca).await.unwrap_err();
        assert!(matches!(refused, PeerError::Unreachable(..)), "{refused:?}");
        assert!(chain(&refused).to_string().contains("certificate"), "{refused:?}");
    }
}

#[test]
fn a_file_without_an_authority_is_named_with_its_flag() {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("empty"), "").unwrap();
    fs::write(at("broken"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for name in ["missing", "empty", "broken"] {
        let refused = peer("https://user-service", Some(&at(name))).map(|_| ()).unwrap_err();
        let said = format!("{refused:#}");
        assert!(said.contains(&format!("--peer-ca {}", at(name).display())), "{said}");
    }
}
