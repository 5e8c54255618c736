//! Stands in for user-service: orders mails, describes them, and hears what became of them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{path, path_regex};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

/// How long it takes to describe a mail: about what a mail takes where its server is somewhere else.
const DESCRIBED_AFTER: Duration = Duration::from_millis(20);

/// The stand-in, and what it knows.
pub(super) struct Mails {
    server: MockServer,
    to_order: Arc<AtomicU32>,
    outcomes: Outcomes,
}

/// How often each mail was said to be sent.
type Outcomes = Arc<Mutex<BTreeMap<String, u32>>>;

impl Mails {
    pub(super) async fn start() -> Mails {
        let server = MockServer::start().await;
        let (to_order, outcomes) = (Arc::<AtomicU32>::default(), Outcomes::default());
        let claims = Mock::given(path("/job-orders/claims")).respond_with(Claims(to_order.clone()));
        claims.mount(&server).await;
        let taken = ResponseTemplate::new(204);
        Mock::given(path("/job-orders/taken")).respond_with(taken).mount(&server).await;
        let outcome = Mock::given(path_regex("^/mails/[^/]+/outcome$"));
        outcome.respond_with(Hears(outcomes.clone())).mount(&server).await;
        Mock::given(path_regex("^/mails/[^/]+$")).respond_with(Describes).mount(&server).await;
        Mails { server, to_order, outcomes }
    }

    pub(super) fn url(&self) -> String {
        self.server.uri()
    }

    /// Orders so many mails, which are claimed from now on.
    pub(super) fn order(&self, count: u32) {
        self.to_order.store(count, Ordering::SeqCst);
    }

    /// How many mails were sent, and how many of them more than once.
    pub(super) fn sent(&self) -> (usize, usize) {
        let outcomes = self.outcomes.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        (outcomes.len(), outcomes.values().filter(|times| **times > 1).count())
    }
}

/// Gives orders away, each once.
struct Claims(Arc<AtomicU32>);

impl Respond for Claims {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let limit = request.body_json::<Value>().ok().and_then(|body| body["limit"].as_u64()).unwrap_or(1);
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let less = |left: u32| Some(left.saturating_sub(limit));
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).unwrap_or_default();
        let order = |number: u32| {
            let id = format!("{number:05}");
            json!({"id": format!("mail/{id}"), "kind": "mail", "payload": {"mail": id}, "case_id": "demo"})
        };
        let orders: Vec<Value> = (left.saturating_sub(limit)..left).map(order).collect();
        ResponseTemplate::new(200).set_body_json(json!({"orders": orders}))
    }
}

struct Describes;

impl Respond for Describes {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let id = last_part(request, 1);
        let url = "http://localhost:8080/p/demo";
        let mail = json!({
            "id": id, "key": format!("invitation/demo/{id}"), "state": "waiting",
            "created_at": "2026-01-01T00:00:00Z",
            "recipient": {"name": "", "email": format!("p{id}@example.com")}, "reply_to": null,
            "language": "en", "time_zone": "UTC",
            "poll": {"id": "demo", "title": "Demonstration", "description": "", "location": "", "url": url,
                "weekly_in": null},
            "unsubscribe_url": url,
            "content": {"purpose": "invitation", "link": url, "deadline": null},
        });
        ResponseTemplate::new(200).set_body_json(mail).set_delay(DESCRIBED_AFTER)
    }
}

struct Hears(Outcomes);

impl Respond for Hears {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut outcomes = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *outcomes.entry(last_part(request, 2)).or_default() += 1;
        ResponseTemplate::new(204)
    }
}

/// A part of the path, counted from its end.
fn last_part(request: &Request, from_end: usize) -> String {
    request.url.path().rsplit('/').nth(from_end - 1).unwrap_or_default().to_owned()
}
