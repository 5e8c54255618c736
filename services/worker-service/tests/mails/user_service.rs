//! A user-service that describes mails and hears what became of them.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
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

/// Clones are the same service.
#[derive(Clone, Default)]
pub(crate) struct UserStub {
    mails: Arc<Mutex<BTreeMap<String, Value>>>,
    outcomes: Arc<Mutex<Vec<(String, Value)>>>,
    /// Reports that are not heard before the first that is.
    deaf_to: Arc<AtomicUsize>,
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
        self.deaf_to.store(reports, Ordering::SeqCst);
        self
    }

    /// What was reported, in the order in which it came.
    pub(crate) fn outcomes(&self) -> Vec<(String, Value)> {
        self.outcomes.lock().clone()
    }

    pub(crate) fn peer(&self) -> Peer {
        let router = Router::new()
            .route("/mails/{id}", get(describe))
            .route("/mails/{id}/outcome", post(end))
            .with_state(self.clone());
        let limits = Limits { retries: 0, ..Limits::default() };
        Peer::local("user-service", router, limits, PeerMetrics::register(&Registry::new()).unwrap())
    }
}

async fn describe(State(stub): State<UserStub>, Path(id): Path<String>) -> Response {
    match stub.mails.lock().get(&id) {
        Some(mail) => Json(mail.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn end(State(stub): State<UserStub>, Path(id): Path<String>, Json(outcome): Json<Value>) -> StatusCode {
    let is_deaf = stub.deaf_to.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
    if is_deaf.is_ok() {
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    if let Some(mail) = stub.mails.lock().get_mut(&id) {
        mail["state"] = outcome["state"].clone();
    }
    stub.outcomes.lock().push((id, outcome));
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
