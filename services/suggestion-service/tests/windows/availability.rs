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

/// An availability-service with one poll and some people.
#[derive(Clone, Default)]
pub(super) struct Availability {
    poll: Arc<Mutex<Value>>,
    people: Arc<Mutex<Vec<Value>>>,
    sent: Arc<AtomicUsize>,
}

impl Availability {
    pub(super) fn router(&self) -> Router {
        Router::new()
            .route("/polls/{id}/levels", get(poll_levels))
            .route("/polls/{id}/unrestricted-levels", get(unrestricted_levels))
            .route("/levels", post(people_levels))
            .with_state(self.clone())
    }

    pub(super) fn put_poll(&self, poll: Value) {
        *self.poll.lock().unwrap() = poll;
    }

    pub(super) fn put_people(&self, people: Vec<Value>) {
        *self.people.lock().unwrap() = people;
    }

    /// How many answers were sent as a whole.
    pub(super) fn times_sent(&self) -> usize {
        self.sent.load(Ordering::SeqCst)
    }

    fn whole(&self, headers: &HeaderMap, tag: &str, view: &str, body: Value) -> Response {
        let marked = [("poll-view", view.to_owned()), ("etag", tag.to_owned())];
        if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag) {
            return (StatusCode::NOT_MODIFIED, marked).into_response();
        }
        self.sent.fetch_add(1, Ordering::SeqCst);
        (marked, Json(body)).into_response()
    }
}

/// What may be seen is the bearer's token itself; without one, names.
async fn poll_levels(
    State(all): State<Availability>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let poll = all.poll.lock().unwrap().clone();
    let refuse = |status: StatusCode, msg: &str| {
        let detail = json!([{"loc": ["internal"], "msg": msg, "type": "http_error"}]);
        (status, Json(json!({"case_id": "c", "detail": detail}))).into_response()
    };
    if poll["id"] != id.as_str() {
        return refuse(StatusCode::NOT_FOUND, "There is no such poll");
    }
    let token = headers.get(header::AUTHORIZATION).map(|sent| sent.to_str().unwrap().replace("Bearer ", ""));
    match token.as_deref() {
        Some("nothing") => refuse(StatusCode::FORBIDDEN, "The token is right, but not enough for this"),
        Some("wrong") => refuse(StatusCode::UNAUTHORIZED, "It is none of this poll"),
        None if poll["visibility"] == "blind" => refuse(StatusCode::UNAUTHORIZED, "Send a token"),
        token => {
            all.whole(&headers, &format!("\"{}\"", poll["version"]), token.unwrap_or("names"), poll.clone())
        }
    }
}

async fn unrestricted_levels(State(all): State<Availability>, headers: HeaderMap) -> Response {
    let poll = all.poll.lock().unwrap().clone();
    all.whole(&headers, &format!("\"{}\"", poll["version"]), "names", poll.clone())
}

async fn people_levels(
    State(all): State<Availability>,
    headers: HeaderMap,
    Json(asked): Json<Value>,
) -> Response {
    let people = all.people.lock().unwrap().clone();
    let (mut found, mut unknown, mut tag) = (Vec::new(), Vec::new(), String::new());
    for email in asked["emails"].as_array().unwrap() {
        match people.iter().find(|person| person["email"] == *email) {
            Some(person) => {
                tag.push_str(&person["version"].to_string());
                found.push(person.clone());
            }
            None => unknown.push(email.clone()),
        }
    }
    all.whole(&headers, &format!("\"{tag}\""), "names", json!({"people": found, "unknown": unknown}))
}

/// Bitmaps of the levels of slots: `2` yes, `1` if needed, `0` no.
fn bitmaps(levels: &str) -> [String; 2] {
    let mut said = Levels::new(SlotSet::empty(levels.len()), SlotSet::empty(levels.len()));
    for (slot, level) in levels.chars().enumerate() {
        match level {
            '2' => said.insert_all(slot..slot + 1, Level::Yes),
            '1' => said.insert_all(slot..slot + 1, Level::IfNeeded),
            _ => (),
        }
    }
    [Bits::from(said.yes()).to_text(), Bits::from(&said.if_needed()).to_text()]
}

/// A poll about the morning of 9 March 2026 in Berlin, 09:00 to 11:00: 08:00Z to 10:00Z. Everybody works all the time.
pub(super) fn poll(version: i64, participants: &[Value]) -> Value {
    json!({"id": "p", "version": version, "kind": "dates", "dates": ["2026-03-09"],
        "time_zone": "Europe/Berlin", "from": "09:00", "to": "11:00", "granularity_minutes": 15,
        "duration_minutes": 60, "participants": participants,
        "working": [Bits::from(&SlotSet::full(8)).to_text(), Bits::from(&SlotSet::empty(8)).to_text()]})
}

/// A participant in Kathmandu who has said these levels.
pub(super) fn participant(id: &str, levels: &str) -> Value {
    let [yes, if_needed] = bitmaps(levels);
    json!({"id": id, "name": id.to_uppercase(), "time_zone": "Asia/Kathmandu", "required": false,
        "answered": true, "yes": yes, "if_needed": if_needed, "working": 0})
}

/// A bitmap of these slots of the poll.
pub(super) fn slots_text(slots: &[usize]) -> Value {
    let mut set = SlotSet::empty(8);
    slots.iter().for_each(|&slot| set.insert_all(slot..slot + 1));
    json!(Bits::from(&set).to_text())
}

/// A participant who has not answered.
pub(super) fn silent(id: &str) -> Value {
    json!({"id": id, "name": id.to_uppercase(), "time_zone": "UTC", "required": false, "answered": false,
        "working": 0})
}

/// A stored person, over the day from 2026-03-09T00:00Z and four weeks more, who is free from one hour to another on it.
pub(super) fn person(email: &str, version: i64, hours: std::ops::Range<usize>) -> Value {
    let slots = 29 * 96;
    let mut free = SlotSet::empty(slots);
    free.insert_all(hours.start * 4..hours.end * 4);
    json!({"email": email, "version": version, "time_zone": "UTC", "yes": Bits::from(&free).to_text(),
        "if_needed": Bits::from(&SlotSet::empty(slots)).to_text(),
        "working": Bits::from(&SlotSet::full(slots)).to_text()})
}
