//! nginx as the gateway and as the balancer between services.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::collections::HashSet;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use testkit::servers::Nginx;
use testkit::{Route, Site, free_port};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A service that says who it is and what it was asked, with a status that nobody else would use.
async fn stub(name: &'static str) -> (SocketAddr, JoinHandle<std::io::Result<()>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| async move {
        let case_id = headers.get("Case-ID").map_or("none", |value| value.to_str().unwrap());
        (StatusCode::IM_A_TEAPOT, format!("{name} {uri} {case_id} {}", body.len()))
    };
    let limit = axum::extract::DefaultBodyLimit::disable();
    let router = Router::new().fallback(answer).layer(limit);
    (address, tokio::spawn(async { axum::serve(listener, router).await }))
}

async fn send(port: u16, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("{head}Host: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    reply
}

async fn get(port: u16, path: &str) -> String {
    send(port, &format!("GET {path} HTTP/1.1\r\n"), b"").await
}

fn body(reply: &str) -> &str {
    reply.split_once("\r\n\r\n").unwrap().1
}

fn route(prefix: &'static str, replicas: &[SocketAddr], balancer_port: Option<u16>) -> Route {
    Route { prefix, replicas: replicas.to_vec(), balancer_port }
}

async fn gateway(routes: &[Route]) -> Nginx {
    Nginx::start(&Site::gateway(free_port().unwrap(), routes)).await.unwrap()
}

#[tokio::test]
async fn the_gateway_passes_paths_headers_and_bodies_on_unchanged() {
    let (users, _users) = stub("users").await;
    let (worker, _worker) = stub("worker").await;
    let nginx = gateway(&[route("users", &[users], None), route("worker", &[worker], None)]).await;
    for path in ["/users", "/users/", "/users/users/a%2Fb%40c?x=%0A&y=1", "/users//double", "/users/users/"] {
        let reply = get(nginx.port(), path).await;
        assert!(reply.starts_with("HTTP/1.1 418"), "{path}: {reply}");
        assert!(body(&reply).contains(&format!("users {path} none 0")), "{path}: {reply}");
    }
    let large = vec![b'x'; 1_000_000];
    let reply = send(nginx.port(), "POST /worker/tasks HTTP/1.1\r\nCase-ID: c-1\r\n", &large).await;
    assert!(body(&reply).contains("worker /worker/tasks c-1 1000000"), "{reply}");
}

#[tokio::test]
async fn the_gateway_itself_is_healthy() {
    let nginx = gateway(&[]).await;
    let reply = get(nginx.port(), "/health").await;
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert_eq!(body(&reply), "ok");
}

#[tokio::test]
async fn the_default_backend_gets_what_belongs_to_no_service() {
    let (users, _users) = stub("users").await;
    let nginx = gateway(&[route("users", &[users], None)]).await;
    for path in ["/", "/userss", "/Users/", "/metrics", "/health/", "//users/"] {
        let reply = send(nginx.port(), &format!("GET {path} HTTP/1.1\r\nCase-ID: a.B_9-\r\n"), b"").await;
        assert_eq!(body(&reply), format!("users {path} a.B_9- 0"), "{reply}");
    }
}

#[tokio::test]
async fn what_nginx_refuses_is_in_the_contracts_shape_too() {
    let gone = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let nginx = gateway(&[route("users", &[gone], None)]).await;
    let long = format!("GET /users/{} HTTP/1.1\r\n", "x".repeat(40_000));
    let heavy = format!("GET /users/ HTTP/1.1\r\nX-Heavy: {}\r\n", "x".repeat(40_000));
    let large = "POST /users/ HTTP/1.1\r\nContent-Length: 99999999\r\n".to_owned();
    let bad = "GET /users/ HTTP/1.1\r\nContent-Length: x\r\n".to_owned();
    let down = "GET /users/ HTTP/1.1\r\n".to_owned();
    for (status, head) in [(414, long), (431, heavy), (413, large), (400, bad), (502, down)] {
        let mut stream = TcpStream::connect(("127.0.0.1", nginx.port())).await.unwrap();
        stream.write_all(format!("{head}Host: test\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
        let mut reply = Vec::new();
        // A reset after the reply is nginx's right: there is more of the request than it wants to read.
        let _ = stream.read_to_end(&mut reply).await;
        let reply = String::from_utf8(reply).unwrap();
        assert!(reply.starts_with(&format!("HTTP/1.1 {status}")), "{status}: {reply}");
        assert!(reply.contains("\r\nCase-ID: "), "{status}: {reply}");
        let json: serde_json::Value = serde_json::from_str(body(&reply)).unwrap();
        assert_eq!(json["detail"][0]["type"], "http_error", "{status}: {reply}");
    }
}

#[tokio::test]
async fn a_balancer_uses_all_replicas_and_passes_over_one_that_is_gone() {
    let (one, _one) = stub("one").await;
    let (two, two_task) = stub("two").await;
    let port = free_port().unwrap();
    let nginx = Nginx::start(&Site::balancers(&[route("users", &[one, two], Some(port))])).await.unwrap();
    assert_eq!(nginx.port(), port);
    let mut answered = HashSet::new();
    for _ in 0..4 {
        answered.insert(body(&get(port, "/any").await).starts_with("one "));
    }
    assert_eq!(answered.len(), 2, "one replica got all requests");
    two_task.abort();
    assert!(two_task.await.unwrap_err().is_cancelled());
    for _ in 0..4 {
        let reply = get(port, "/any").await;
        assert!(reply.starts_with("HTTP/1.1 418"), "{reply}");
    }
}

#[tokio::test]
async fn a_balancer_without_a_replica_says_503() {
    let gone = SocketAddr::from(([127, 0, 0, 1], free_port().unwrap()));
    let port = free_port().unwrap();
    let _nginx = Nginx::start(&Site::balancers(&[route("users", &[gone], Some(port))])).await.unwrap();
    let reply = get(port, "/users/x").await;
    assert!(reply.starts_with("HTTP/1.1 503"), "{reply}");
}

#[tokio::test]
async fn nginx_is_killed_and_comes_back_on_its_port() {
    let mut nginx = gateway(&[]).await;
    nginx.kill().await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", nginx.port())).await.is_err());
    nginx.restart().await.unwrap();
    assert_eq!(body(&get(nginx.port(), "/health").await), "ok");
    nginx.stop().await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", nginx.port())).await.is_err());
}

#[tokio::test]
async fn a_taken_port_is_an_error_with_the_log() {
    let taken = gateway(&[]).await;
    let error = Nginx::start(&Site::gateway(taken.port(), &[])).await.err().expect("both have the port");
    assert!(format!("{error:#}").contains("Address already in use"), "{error:#}");
}
