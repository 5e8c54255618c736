//! Polls and schedules, above a user-service that has what each test wants.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod heat_map;
mod levels;
mod people;
mod users;

use availability_service::{Args, NAME, SERVICE};
use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode},
};
use clap::Parser;
use http_body_util::BodyExt;
use peer_client::{Limits, Peer, PeerMetrics};
use serde_json::Value;
use service_kit::ServiceContext;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use users::Users;

/// availability-service on top of a user-service that can be changed.
struct Service {
    router: Router,
    public: Router,
    users: Users,
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Service {
    fn new() -> Service {
        let service = ServiceContext::new(NAME, CancellationToken::new()).unwrap();
        let args = Args::parse_from([NAME]);
        let users = Users::default();
        let metrics = PeerMetrics::register(&service.registry).unwrap();
        let peer = Peer::local("user-service", users.router(), Limits::default(), metrics);
        let app = SERVICE.build(&service, &args.serve, peer).unwrap();
        Service { router: app.router, public: app.public, users }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request =
            headers.iter().fold(Request::get(path), |request, (name, value)| request.header(*name, *value));
        send(&self.router, request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
        let request = Request::builder().method(Method::POST).uri(path);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        send(&self.router, request.body(Body::from(body.to_string())).unwrap()).await
    }
}

async fn send(router: &Router, request: Request<Body>) -> Reply {
    let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    Reply { status: head.status, headers: head.headers, body: body.collect().await.unwrap().to_bytes() }
}

impl Reply {
    #[track_caller]
    fn is(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}
