//! A user-service that describes mails and hears what became of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use parking_lot::Mutex;
use peer_client::{Limits, Peer, PeerMetrics};
use prometheus::Registry;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Clones are the same service.
#[derive(Clone, Default)]
pub(crate) struct UserStub {
    mails: Arc<Mutex<BTreeMap<String, Value>>>,
    outcomes: Arc<Mutex<Vec<(String, Value)>>>,
    /// Reports that are not heard before the first that is.
    deaf_to: Arc<AtomicUsize>,
    /// How often somebody has asked for a mail, and reported one.
    asked: Arc<AtomicUsize>,
    reported: Arc<AtomicUsize>,
    /// Whether reports are heard and never answered.
    is_mute: Arc<AtomicBool>,
    /// Mails whose orders were taken over.
    taken: Arc<Mutex<BTreeSet<String>>>,
}

impl UserStub {
    /// Knows these mails, which were asked for at an instant.
    pub(crate) fn with_mails(ids: &[&str], created_at: &str) -> UserStub {
        let stub = UserStub::default();
        for id in ids {
            stub.mails.lock().insert((*id).to_owned(), description(id, created_at));
        }
        stub
    }

    /// Does not hear so many reports.
    pub(crate) fn deaf_to(self, reports: usize) -> UserStub {
        self.hear_after(reports);
        self
    }

    /// The same from now on.
    pub(crate) fn hear_after(&self, reports: usize) {
        self.deaf_to.store(reports, Ordering::SeqCst);
    }

    /// Hears reports, and never answers them.
    pub(crate) fn be_mute(&self, is_mute: bool) {
        self.is_mute.store(is_mute, Ordering::SeqCst);
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn reported(&self) -> usize {
        self.reported.load(Ordering::SeqCst)
    }

    /// What was reported, in the order in which it came.
    pub(crate) fn outcomes(&self) -> Vec<(String, Value)> {
        self.outcomes.lock().clone()
    }

    /// Serves it, with an order for each mail; its URL.
    pub(crate) async fn serve(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = self.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn router(&self) -> Router {
        Router::new()
            .route("/mails/{id}", get(describe))
            .route("/mails/{id}/outcome", post(end))
            .route("/job-orders/claims", post(claim))
            .route("/job-orders/taken", post(take))
            .with_state(self.clone())
    }

    pub(crate) fn peer(&self) -> Peer {
        let router = self.router();
        let limits = Limits { retries: 0, ..Limits::default() };
        Peer::local("user-service", router, limits, PeerMetrics::register(&Registry::new()).unwrap())
    }
}

async fn claim(State(stub): State<UserStub>) -> Json<Value> {
    let (mails, taken) = (stub.mails.lock(), stub.taken.lock());
    let order = |id: &String| json!({"id": id, "kind": "mail", "payload": {"mail": id}, "case_id": "case-1"});
    let orders: Vec<Value> = mails.keys().filter(|id| !taken.contains(*id)).map(order).collect();
    Json(json!({"orders": orders}))
}

async fn take(State(stub): State<UserStub>, Json(request): Json<Value>) -> StatusCode {
    let ids = request["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
    stub.taken.lock().extend(ids);
    StatusCode::NO_CONTENT
}

async fn describe(State(stub): State<UserStub>, Path(id): Path<String>) -> Response {
    stub.asked.fetch_add(1, Ordering::SeqCst);
    match stub.mails.lock().get(&id) {
        Some(mail) => Json(mail.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn end(State(stub): State<UserStub>, Path(id): Path<String>, Json(outcome): Json<Value>) -> StatusCode {
    stub.reported.fetch_add(1, Ordering::SeqCst);
    let is_deaf = stub.deaf_to.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if is_deaf.is_ok() {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    if let Some(mail) = stub.mails.lock().get_mut(&id) {
        mail["state"] = outcome["state"].clone();
    }
    stub.outcomes.lock().push((id, outcome));
    if stub.is_mute.load(Ordering::SeqCst) {
        pending::<()>().await;
    }
    StatusCode::NO_CONTENT
}

fn description(id: &str, created_at: &str) -> Value {
    json!({
        "id": id, "key": format!("invitation/poll/{id}"), "state": "waiting", "created_at": created_at,
        "recipient": {"name": "Ada", "email": "ada@example.com"}, "reply_to": null, "language": "en",
        "time_zone": "Europe/Berlin",
        "poll": {
            "id": "q1Zk3Y0uTtWb7l3m2n4o5A", "title": format!("Mail {id}"), "description": "", "location": "",
            "url": "http://localhost:8080/p/q1Zk3Y0uTtWb7l3m2n4o5A", "weekly_in": null,
        },
        "unsubscribe_url": "http://localhost:8080/users/unsubscribe?token=x",
        "content": {"purpose": "invitation", "link": "http://localhost:8080/p/q1#edit=a.b", "deadline": null},
    })
}
