use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use axum::{
    Router,
    http::{StatusCode, Version},
    routing::get,
};
use clap::Parser;
use rcgen::generate_simple_self_signed;
use reqwest::{Certificate, Client, ClientBuilder};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::Notify,
    task::JoinHandle,
    time::{advance, pause, resume},
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{Listeners, ServeArgs, ServiceContext, serve_all};

const SOON: Duration = Duration::from_secs(30);

#[derive(Parser)]
struct Args {
    #[command(flatten)]
    serve: ServeArgs,
}

/// The files of a certificate that is its own authority.
struct Files {
    folder: TempDir,
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    /// Files with a certificate, which is returned as well.
    fn new() -> (Files, String) {
        let folder = TempDir::new().unwrap();
        let [certificate, key] = ["tls.crt", "tls.key"].map(|name| folder.path().join(name));
        let files = Files { folder, certificate, key };
        let written = files.renew();
        (files, written)
    }

    /// Puts another certificate into the files.
    fn renew(&self) -> String {
        let pair = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(&self.certificate, pair.cert.pem()).unwrap();
        fs::write(&self.key, pair.signing_key.serialize_pem()).unwrap();
        pair.cert.pem()
    }

    fn load(&self) -> Tls {
        Tls::load(self.certificate.clone(), self.key.clone()).unwrap()
    }
}

/// What trusts this certificate and no other.
fn trusting(certificate: &str) -> ClientBuilder {
    tls_provider::install();
    Client::builder().tls_certs_only([Certificate::from_pem(certificate.as_bytes()).unwrap()])
}

fn args(words: &[&str]) -> Result<ServeArgs, clap::Error> {
    Args::try_parse_from([&["thing-service"], words].concat()).map(|args| args.serve)
}

/// A service whose API speaks TLS. `/slow` says when it has begun, and answers when it may.
struct Server {
    files: Files,
    tls: Arc<Tls>,
    api: SocketAddr,
    public: SocketAddr,
    ops: SocketAddr,
    begun: Arc<Notify>,
    may_end: Arc<Notify>,
    stopping: CancellationToken,
    served: JoinHandle<anyhow::Result<()>>,
}

impl Server {
    /// It, and the certificate that it has.
    fn start(more: &[&str]) -> (Server, String) {
        let (files, certificate) = Files::new();
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).to_string();
        let [certificate_file, key_file] =
            [&files.certificate, &files.key].map(|file| file.to_str().unwrap());
        let ports = ["--listen", &any, "--public-listen", &any, "--ops-listen", &any];
        let files_of_tls = ["--tls-certificate", certificate_file, "--tls-key", key_file];
        let words = [&ports[..], &files_of_tls, more].concat();
        let args = args(&words).unwrap();
        let listeners = Listeners::bind(&args).unwrap();
        let [api, public, ops] = [&listeners.api, listeners.public.as_ref().unwrap(), &listeners.ops]
            .map(|listener| listener.local_addr().unwrap());
        let (tls, stopping) = (listeners.tls.clone().unwrap(), CancellationToken::new());
        let service = ServiceContext::new("thing-service", stopping.clone()).unwrap();
        let (begun, may_end) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let signals = (begun.clone(), may_end.clone());
        let slow = async move || {
            signals.0.notify_one();
            signals.1.notified().await;
            "done"
        };
        let router = Router::new().route("/", get(async || "here")).route("/slow", get(slow));
        let served = tokio::spawn(async move {
            serve_all(&args, listeners, &service, router.clone(), router, vec![]).await
        });
        (Server { files, tls, api, public, ops, begun, may_end, stopping, served }, certificate)
    }

    fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.api)
    }

    async fn status(&self, client: &Client) -> reqwest::Result<StatusCode> {
        Ok(client.get(self.url("/")).send().await?.status())
    }
}

#[tokio::test]
async fn both_versions_of_http_are_spoken_over_tls_and_the_operations_port_stays_plain() {
    let (server, certificate) = Server::start(&[]);
    let client = || trusting(&certificate);
    for (client, version) in [(client(), Version::HTTP_2), (client().http1_only(), Version::HTTP_11)] {
        let client = client.build().unwrap();
        for address in [server.api, server.public] {
            let reply = client.get(format!("https://{address}/")).send().await.unwrap();
            assert_eq!((reply.status(), reply.version()), (StatusCode::OK, version));
            assert_eq!(reply.text().await.unwrap(), "here");
        }
    }
    let plain = client().build().unwrap();
    let live = plain.get(format!("http://{}/livez", server.ops)).send().await.unwrap();
    assert_eq!(live.status(), StatusCode::OK);
}

#[tokio::test]
async fn who_speaks_no_tls_or_trusts_somebody_else_is_refused_and_does_no_harm() {
    let (server, certificate) = Server::start(&[]);
    let stranger = trusting(&Files::new().1).build().unwrap();
    let refused = server.status(&stranger).await.unwrap_err();
    assert!(chain(&refused).to_string().contains("certificate"), "{refused:?}");
    for begin in ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\u{16}x"]
    {
        let mut plain = TcpStream::connect(server.api).await.unwrap();
        plain.write_all(begin.as_bytes()).await.unwrap();
        plain.shutdown().await.unwrap();
        let mut said = Vec::new();
        // Reset or closed: it is over.
        let _ = timeout(SOON, plain.read_to_end(&mut said)).await.unwrap();
        assert!(!said.windows(4).any(|part| part == b"HTTP"), "{begin:?}: {said:?}");
    }
    assert_eq!(server.status(&trusting(&certificate).build().unwrap()).await.unwrap(), StatusCode::OK);
}

/// The clock is ours and moves on when everybody waits.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_go_on_with_the_handshake_loses_the_connection() {
    let (files, _) = Files::new();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let _silent = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let refused = files.load().accept(listener.accept().await.unwrap().0).await.map(|_| ()).unwrap_err();
    assert_eq!(refused.kind(), io::ErrorKind::TimedOut);
}

#[tokio::test]
async fn connections_beyond_the_limit_are_refused_within_tls() {
    let (server, certificate) = Server::start(&["--max-connections", "1"]);
    let client = || trusting(&certificate).build().unwrap();
    let first = client();
    assert_eq!(server.status(&first).await.unwrap(), StatusCode::OK);
    let refused = client().get(server.url("/")).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.text().await.unwrap().contains("overloaded"));
    assert_eq!(server.status(&first).await.unwrap(), StatusCode::OK);
}

#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_a_bad_one_for_none() {
    let (server, certificate) = Server::start(&[]);
    let before = trusting(&certificate).build().unwrap();
    assert_eq!(server.status(&before).await.unwrap(), StatusCode::OK);
    let renewed = server.files.renew();
    server.tls.renew();
    let after = || trusting(&renewed).build().unwrap();
    assert_eq!(server.status(&after()).await.unwrap(), StatusCode::OK);
    assert_eq!(server.status(&before).await.unwrap(), StatusCode::OK, "its connection goes on");
    assert!(server.status(&trusting(&certificate).build().unwrap()).await.is_err());

    let other_key = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap().signing_key;
    fs::write(&server.files.key, other_key.serialize_pem()).unwrap();
    server.tls.renew();
    assert_eq!(server.status(&after()).await.unwrap(), StatusCode::OK, "the key is another certificate's");
    fs::remove_file(&server.files.certificate).unwrap();
    server.tls.renew();
    assert_eq!(server.status(&after()).await.unwrap(), StatusCode::OK, "there is no certificate");
}

#[tokio::test]
async fn the_files_are_looked_at_every_minute() {
    let (server, certificate) = Server::start(&[]);
    assert_eq!(server.status(&trusting(&certificate).build().unwrap()).await.unwrap(), StatusCode::OK);
    for _ in 0..2 {
        let client = trusting(&server.files.renew()).build().unwrap();
        assert!(server.status(&client).await.is_err(), "nobody has looked");
        pause();
        advance(BETWEEN_LOOKS).await;
        resume();
        let renewed = async { while server.status(&client).await.is_err() {} };
        timeout(SOON, renewed).await.unwrap();
    }
}

#[tokio::test]
async fn requests_under_way_are_answered_over_tls_before_the_end() {
    for is_http1 in [true, false] {
        let (server, certificate) = Server::start(&[]);
        let client = trusting(&certificate);
        let client = if is_http1 { client.http1_only() } else { client }.build().unwrap();
        let reply = tokio::spawn(client.get(server.url("/slow")).send());
        timeout(SOON, server.begun.notified()).await.unwrap();
        server.stopping.cancel();
        // Nobody new is let in from here on.
        let closed = async { while TcpStream::connect(server.api).await.is_ok() {} };
        timeout(SOON, closed).await.unwrap();
        server.may_end.notify_one();
        assert_eq!(reply.await.unwrap().unwrap().text().await.unwrap(), "done");
        timeout(SOON, server.served).await.unwrap().unwrap().unwrap();
    }
}

#[test]
fn a_certificate_needs_its_key_and_the_other_way_round() {
    for (given, missing) in [("--tls-certificate", "--tls-key"), ("--tls-key", "--tls-certificate")] {
        let refused = args(&[given, "/file"]).unwrap_err().to_string();
        assert!(refused.contains(missing), "{refused}");
    }
    assert!(args(&[]).unwrap().tls.load().unwrap().is_none());
}

#[test]
fn files_that_cannot_be_used_are_named_with_their_flags() {
    let ((files, _), (others, _)) = (Files::new(), Files::new());
    let [missing, empty, broken] = ["missing", "empty", "broken"].map(|name| files.folder.path().join(name));
    fs::write(&empty, "").unwrap();
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let (certificate, key) = (&files.certificate, &files.key);
    for (certificate, key, flag, file) in [
        (&missing, key, "--tls-certificate", &missing),
        (&empty, key, "--tls-certificate", &empty),
        (&broken, key, "--tls-certificate", &broken),
        (key, key, "--tls-certificate", key),
        (certificate, &missing, "--tls-key", &missing),
        (certificate, &empty, "--tls-key", &empty),
        (certificate, certificate, "--tls-key", certificate),
        (certificate, &others.key, "--tls-key", &others.key),
    ] {
        let refused = Tls::load(certificate.clone(), key.clone()).map(|_| ()).unwrap_err();
        let said = chain(refused.as_ref()).to_string();
        assert!(said.contains(&format!("{flag} {}", file.display())), "{said}");
    }
}
