use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use domain::{Level, Levels, SlotSet};
use serde_json::{Value, json};
use wire::Bits;

/// A user-service with one poll and some people.
#[derive(Clone, Default)]
pub(super) struct Users {
    poll: Arc<Mutex<Value>>,
    people: Arc<Mutex<Vec<Value>>>,
    /// How often the poll, or the time of a person, was sent as a whole.
    pub(super) sent: Arc<AtomicUsize>,
}

impl Users {
    pub(super) fn router(&self) -> Router {
        Router::new()
            .route("/polls/{id}/answers", get(answers))
            .route("/schedules/batch", post(batch))
            .with_state(self.clone())
    }

    /// Replaces the poll.
    pub(super) fn put_poll(&self, poll: Value) {
        *self.poll.lock().unwrap() = poll;
    }

    pub(super) fn put_people(&self, people: Vec<Value>) {
        *self.people.lock().unwrap() = people;
    }

    pub(super) fn times_sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }
}

/// What may be seen is the bearer's token itself; without one, names.
async fn answers(State(users): State<Users>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let poll = users.poll.lock().unwrap().clone();
    let refuse = |status: StatusCode, msg: &str| {
        let detail = json!([{"loc": ["internal"], "msg": msg, "type": "http_error"}]);
        (status, Json(json!({"case_id": "c", "detail": detail}))).into_response()
    };
    if poll["id"] != id.as_str() {
        return refuse(StatusCode::NOT_FOUND, "There is no such poll");
    }
    let view = match headers.get(header::AUTHORIZATION).map(|sent| sent.to_str().unwrap()) {
        None => poll["everybody"].as_str().unwrap_or("names").to_owned(),
        Some("Bearer wrong") => return refuse(StatusCode::UNAUTHORIZED, "It is none of this poll"),
        Some(token) => token.trim_start_matches("Bearer ").to_owned(),
    };
    let tag = format!("\"{}\"", poll["version"]);
    let marked = [("poll-view", view), ("etag", tag.clone())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag.as_str()) {
        return (StatusCode::NOT_MODIFIED, marked).into_response();
    }
    users.sent.fetch_add(1, Ordering::SeqCst);
    (marked, Json(poll)).into_response()
}

/// As user-service: without the time of those whose version is known.
async fn batch(State(users): State<Users>, Json(asked): Json<Value>) -> Json<Value> {
    let people = users.people.lock().unwrap();
    let is_known =
        |person: &Value| asked["known"].as_array().is_some_and(|known| known.contains(&person["version"]));
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for email in asked["emails"].as_array().unwrap() {
        match people.iter().find(|person| person["email"] == *email) {
            Some(person) if is_known(person) => {
                found.push(json!({"email": person["email"], "version": person["version"]}));
            }
            Some(person) => {
                users.sent.fetch_add(1, Ordering::SeqCst);
                found.push(person.clone());
            }
            None => unknown.push(email.clone()),
        }
    }
    Json(json!({"people": found, "unknown": unknown}))
}

/// A poll about the morning of 9 March 2026 in Berlin, 09:00 to 11:00, in cells of half an hour: 08:00Z to 10:00Z.
pub(super) fn poll(version: i64, participants: &[Value]) -> Value {
    json!({"id": "p", "version": version, "kind": "dates", "dates": ["2026-03-09"],
        "time_zone": "Europe/Berlin", "from": "09:00", "to": "11:00", "granularity_minutes": 30,
        "duration_minutes": 30, "deadline": null, "meeting": null, "participants": participants})
}

/// A participant who has said these levels, one for each of the 8 slots: `2` yes, `1` if needed, `0` no.
pub(super) fn participant(id: &str, levels: &str) -> Value {
    let mut said = Levels::new(SlotSet::empty(levels.len()), SlotSet::empty(levels.len()));
    for (slot, level) in levels.chars().enumerate() {
        match level {
            '2' => said.insert_all(slot..slot + 1, Level::Yes),
            '1' => said.insert_all(slot..slot + 1, Level::IfNeeded),
            _ => (),
        }
    }
    json!({"id": id, "name": id.to_uppercase(), "time_zone": "Asia/Kolkata", "required": false, "stored": false,
        "answered": true, "working_hours": [], "yes": Bits::from(said.yes()).to_text(),
        "if_needed": Bits::from(&said.if_needed()).to_text()})
}

/// A participant who has not answered.
pub(super) fn silent(id: &str) -> Value {
    json!({"id": id, "name": id.to_uppercase(), "time_zone": "UTC", "required": false, "stored": false,
        "answered": false, "working_hours": []})
}

/// A stored person who is free on Mondays from 09:00 to 12:00 in Berlin, gladly until 11:00.
pub(super) fn person(email: &str, version: i64, busy: Value) -> Value {
    let schedule = json!({"time_zone": "Europe/Berlin",
        "weekly": [{"day": "monday", "from": "09:00", "to": "11:00", "level": "yes"},
            {"day": "monday", "from": "11:00", "to": "12:00", "level": "if_needed"}],
        "overrides": [], "working_hours": []});
    json!({"email": email, "version": format!("{email}.{version}"), "time": {"schedule": schedule, "busy": busy}})
}
