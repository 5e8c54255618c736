//! A user-service that takes answers, each once, and what became of mails.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use parking_lot::Mutex;
use peer_client::{Limits, Peer, PeerMetrics};
use prometheus::Registry;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::MAIL;

/// Clones are the same service.
#[derive(Clone, Default)]
pub(crate) struct UserStub(Arc<Mutex<Taken>>);

#[derive(Default)]
struct Taken {
    answers: Vec<Value>,
    outcomes: Vec<(String, Value)>,
    is_down: bool,
}

impl UserStub {
    /// Answers nobody from now on, or everybody again.
    pub(crate) fn set_down(&self, is_down: bool) {
        self.0.lock().is_down = is_down;
    }

    /// What was passed on while it was up, in the order in which it came.
    pub(crate) fn answers(&self) -> Vec<Value> {
        self.0.lock().answers.clone()
    }

    /// What became of mails, by their ids.
    pub(crate) fn outcomes(&self) -> Vec<(String, Value)> {
        self.0.lock().outcomes.clone()
    }

    /// Serves it; its URL.
    pub(crate) async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = self.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/meeting-replies", post(take))
            .route("/mails/{id}/outcome", post(end))
            .with_state(self.clone())
    }

    pub(crate) fn peer(&self) -> Peer {
        let router = self.router();
        let limits = Limits { retries: 0, ..Limits::default() };
        Peer::local("user-service", router, limits, PeerMetrics::register(&Registry::new()).unwrap())
    }
}

async fn take(State(stub): State<UserStub>, Json(answer): Json<Value>) -> Response {
    let mut taken = stub.0.lock();
    if taken.is_down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let outcome = if taken.answers.contains(&answer) { "unchanged" } else { "taken" };
    taken.answers.push(answer);
    Json(json!({"outcome": outcome, "reason": null})).into_response()
}

/// It knows one mail.
async fn end(State(stub): State<UserStub>, Path(id): Path<String>, Json(outcome): Json<Value>) -> StatusCode {
    let mut taken = stub.0.lock();
    match id == MAIL {
        _ if taken.is_down => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::NOT_FOUND,
        true => {
            taken.outcomes.push((id, outcome));
            StatusCode::NO_CONTENT
        }
    }
}
