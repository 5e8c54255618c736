//! Windows of polls and of named people, above an availability-service that has what each test wants.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod availability;
mod bad_input;
mod find_times;
mod polls;
mod weekly;

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Method, Request, StatusCode},
};
use clap::Parser;
use http_body_util::BodyExt;
use peer_client::{Limits, Peer, PeerMetrics};
use serde_json::Value;
use service_kit::ServiceContext;
use suggestion_service::{Args, NAME, SERVICE};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use availability::Availability;

/// suggestion-service on top of an availability-service that can be changed.
struct Service {
    router: Router,
    availability: Availability,
}

struct Reply {
    status: StatusCode,
    body: Bytes,
}

impl Service {
    fn new() -> Service {
        let service = ServiceContext::new(NAME, CancellationToken::new()).unwrap();
        let args = Args::parse_from([NAME]);
        let availability = Availability::default();
        let metrics = PeerMetrics::register(&service.registry).unwrap();
        let peer = Peer::local("availability-service", availability.router(), Limits::default(), metrics);
        let app = SERVICE.build(&service, &args.serve, peer).unwrap();
        Service { router: app.router, availability }
    }

    async fn post(&self, path: &str, body: &Value) -> Reply {
        self.post_as(path, body, None).await
    }

    async fn post_as(&self, path: &str, body: &Value, token: Option<&str>) -> Reply {
        let mut request = Request::builder().method(Method::POST).uri(path).header("Case-ID", "case-7");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let reply = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let status = reply.status();
        Reply { status, body: reply.into_body().collect().await.unwrap().to_bytes() }
    }

    async fn get(&self, path: &str) -> Reply {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let reply = self.router.clone().oneshot(request).await.unwrap();
        let status = reply.status();
        Reply { status, body: reply.into_body().collect().await.unwrap().to_bytes() }
    }

    /// The answer for the poll `p`.
    async fn suggest(&self, options: &Value) -> Value {
        self.post("/suggestion/polls/p/suggestions", options).await.is(200).json()
    }
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

    /// The places and types of the faults.
    fn faults(&self) -> Vec<(Value, String)> {
        let detail = self.json()["detail"].as_array().unwrap().clone();
        detail
            .iter()
            .map(|fault| (fault["loc"].clone(), fault["type"].as_str().unwrap().to_owned()))
            .collect()
    }
}
