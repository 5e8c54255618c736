use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Service};

const CALENDARS: &str = "/users/ada@example.com/calendars";
const WORK: &str = "/users/ada@example.com/calendars/work";
const URL: &str = "https://calendars.example.com/secret/basic.ics";

/// A calendar with an event on the next New Year at this hour in UTC.
fn calendar(hour: u32) -> (String, Value) {
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() + 1;
    let event = format!("UID:a\r\nSUMMARY:Doctor\r\nDTSTART:{year}0101T{hour:02}0000Z\r\nDURATION:PT1H\r\n");
    let file = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n");
    let at = |hour: u32| format!("{year}-01-01T{hour:02}:00:00Z");
    (file, json!([{"start": at(hour), "end": at(hour + 1)}]))
}

async fn busy(service: &Service) -> Value {
    let year = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).year() + 1;
    let path =
        format!("/users/ada@example.com/freebusy?from={year}-01-01T00:00:00Z&to={year}-01-02T00:00:00Z");
    service.get(&path).await.is(200).json()["busy"].clone()
}

async fn put(service: &Service, path: &str, body: Value) -> Reply {
    service.ask(Method::PUT, path, &[("content-type", "application/json")], body).await
}

async fn subscribe(service: &Service, url: &str) -> Reply {
    put(service, WORK, json!({"url": url})).await
}

/// What the list says of the one calendar that there is.
async fn entry(service: &Service) -> Value {
    service.get(CALENDARS).await.is(200).json()["calendars"][0].clone()
}

/// Fetching a calendar once, as worker-service is told of it.
struct Fetch {
    path: String,
    fetch_number: u64,
}

impl Fetch {
    /// The one that is to begin now, of a single subscription.
    async fn ordered(service: &Service) -> Fetch {
        let claimed = service.by("", Method::POST, "/job-orders/claims", json!({"limit": 10})).await.is(200);
        assert!(!claimed.text.contains("secret"), "an order names no URL: {}", claimed.text);
        let orders = claimed.json()["orders"].as_array().unwrap().clone();
        let [order] = orders.as_slice() else { panic!("one order: {orders:?}") };
        assert_eq!(order["kind"], "refresh-calendar");
        let ids = json!({"ids": [order["id"]]});
        service.by("", Method::POST, "/job-orders/taken", ids).await.is(204);
        let id = order["payload"]["subscription"].as_str().unwrap();
        Fetch {
            path: format!("/calendar-subscriptions/{id}"),
            fetch_number: order["payload"]["turn"].as_u64().unwrap(),
        }
    }

    async fn known(&self, service: &Service) -> Value {
        service.get(&self.path).await.is(200).json()
    }

    async fn content(&self, service: &Service, query: &str, file: &str) -> Reply {
        let path = format!("{}/content?turn={}{query}", self.path, self.fetch_number);
        service.ask(Method::PUT, &path, &[("content-type", "text/calendar")], file).await
    }

    async fn outcome(&self, service: &Service, error: Option<&str>) -> Reply {
        let code = error.map(|_| "gone");
        let body = json!({"turn": self.fetch_number, "error": error, "error_code": code});
        service.by("", Method::POST, &format!("{}/outcome", self.path), body).await
    }

    fn next(&self) -> Fetch {
        Fetch { path: self.path.clone(), fetch_number: self.fetch_number + 1 }
    }
}

#[tokio::test]
async fn a_calendar_is_subscribed_to_fetched_and_kept_when_it_vanishes() {
    for service in Service::both().await {
        subscribe(&service, URL).await.is(404);
        service.person("ada@example.com", json!({})).await;
        let waiting = subscribe(&service, URL).await.is(202);
        assert!(!waiting.text.contains("secret"), "{}", waiting.text);
        let waiting = waiting.json();
        assert_eq!((&waiting["name"], &waiting["state"]), (&json!("work"), &json!("waiting")));
        assert_eq!(entry(&service).await, waiting);

        let first = Fetch::ordered(&service).await;
        assert_eq!(first.known(&service).await, json!({"url": URL, "etag": null, "turn": 1}));
        let (file, expected) = calendar(10);
        let noted = first.content(&service, "&etag=%22a%22", &file).await.is(200).json();
        assert_eq!((noted, busy(&service).await), (json!({"state": "fresh"}), expected.clone()));
        let fresh = entry(&service).await;
        assert_eq!(
            (&fresh["state"], &fresh["busy"], &fresh["last_error"]),
            (&json!("fresh"), &json!(1), &Value::Null)
        );
        assert!(fresh["fetched_at"].is_string());

        // The same again, as after a crash, changes nothing; nor does anything else of that fetch.
        let (other, _) = calendar(12);
        first.content(&service, "", &file).await.is(409);
        first.content(&service, "", &other).await.is(409);
        first.outcome(&service, Some("late")).await.is(409);
        assert_eq!((entry(&service).await, busy(&service).await), (fresh, expected.clone()));

        let second = first.next();
        assert_eq!(second.known(&service).await, json!({"url": URL, "etag": "\"a\"", "turn": 2}));
        second.outcome(&service, None).await.is(200);
        assert_eq!(entry(&service).await["state"], "fresh");

        let third = second.next();
        let gone = "The server says that there is no such calendar (404)";
        assert_eq!(third.outcome(&service, Some(gone)).await.is(200).json()["state"], "failing");
        let failing = entry(&service).await;
        assert_eq!((&failing["state"], &failing["last_error"]), (&json!("failing"), &json!(gone)));
        assert_eq!(failing["last_error_code"], "gone");
        assert_eq!(busy(&service).await, expected, "what was known stays");

        // What is no calendar is a failure like any other.
        let fourth = third.next();
        assert_eq!(fourth.content(&service, "", "<html>").await.is(200).json()["state"], "failing");
        assert!(entry(&service).await["last_error"].as_str().unwrap().contains("no calendar"));
        assert_eq!(entry(&service).await["last_error_code"], "no_calendar");

        let fifth = fourth.next();
        let (changed, expected) = calendar(12);
        fifth.content(&service, "", &changed).await.is(200);
        assert_eq!(
            (entry(&service).await["state"].clone(), busy(&service).await),
            (json!("fresh"), expected)
        );
        assert!(!service.get(CALENDARS).await.text.contains("secret"));
    }
}

#[tokio::test]
async fn the_next_time_is_an_hour_away_and_further_while_it_fails() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        subscribe(&service, URL).await.is(202);
        let mut fetch = Fetch::ordered(&service).await;
        let nothing = async |service: &Service| {
            let claimed = service.by("", Method::POST, "/job-orders/claims", json!({"limit": 10})).await;
            assert_eq!(claimed.is(200).json(), json!({"orders": []}));
        };
        for hours in [1.0, 2.0, 4.0] {
            fetch.outcome(&service, Some("It is away")).await.is(200);
            nothing(&service).await;
            let due = service.number("SELECT MAX(due_at_us) AS number FROM job_orders").await;
            let pause = (due - jiff::Timestamp::now().as_microsecond()) as f64 / 3.6e9;
            assert!((hours - 0.1..hours * 1.06).contains(&pause), "{pause} hours instead of {hours}");
            fetch = fetch.next();
        }
        // A job that was given up leaves a fetch without an outcome, which another one takes over in the end.
        let orders = service.number("SELECT COUNT(*) AS number FROM job_orders").await;
        assert_eq!(orders, 3);
    }
}

#[tokio::test]
async fn what_is_subscribed_to_again_sent_or_taken_away_ends_the_times_before() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        subscribe(&service, URL).await.is(202);
        let first = Fetch::ordered(&service).await;
        let (file, expected) = calendar(10);
        first.content(&service, "", &file).await.is(200);

        // From the same URL it is fetched at once, and what is known stays until then.
        assert_eq!(subscribe(&service, URL).await.is(202).json()["state"], "fresh");
        let again = Fetch::ordered(&service).await;
        assert_eq!((&again.path, again.fetch_number), (&first.path, 3));
        first.next().content(&service, "", &file).await.is(409);
        assert_eq!(busy(&service).await, expected);

        // From another one nothing is known.
        assert_eq!(subscribe(&service, "webcal://example.com/b").await.is(202).json()["state"], "waiting");
        assert_eq!(busy(&service).await, json!([]));
        again.content(&service, "", &file).await.is(404);
        let other = Fetch::ordered(&service).await;
        assert_eq!(other.known(&service).await["url"], "https://example.com/b");

        service.ask(Method::PUT, WORK, &[("content-type", "text/calendar")], &file).await.is(200);
        assert_eq!(entry(&service).await["state"], "uploaded");
        other.outcome(&service, None).await.is(404);

        subscribe(&service, URL).await.is(202);
        let last = Fetch::ordered(&service).await;
        service.by("", Method::DELETE, WORK, Value::Null).await.is(204);
        service.get(&last.path).await.is(404);
        last.content(&service, "", &file).await.is(404);
        last.outcome(&service, Some("late")).await.is(404);

        subscribe(&service, URL).await.is(202);
        let last = Fetch::ordered(&service).await;
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        service.get(&last.path).await.is(404);
    }
}

#[tokio::test]
async fn a_url_that_is_never_asked_is_refused_and_not_repeated() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        let long = format!("https://secret.example.com/{}", "x".repeat(2_048));
        for (url, code) in [
            ("http://secret.example.com/a", "url_scheme"),
            ("https://127.0.0.1/secret", "url_not_public"),
            ("https://[::1]/secret", "url_not_public"),
            ("https://169.254.169.254/secret", "url_not_public"),
            ("https://secret:word@example.com/a", "url_credentials"),
            ("https://secret.example.com:0/a", "url_host"),
            ("file:///etc/secret", "url_scheme"),
            ("secret", "url_parsing"),
            ("", "string_too_short"),
            (&long, "string_too_long"),
        ] {
            let refused = subscribe(&service, url).await.is(400);
            assert_eq!(refused.places(), ["url"], "{url}");
            assert_eq!(refused.json()["detail"][0]["code"], code, "{url}");
            assert!(!refused.text.contains("secret"), "{}", refused.text);
        }
        put(&service, WORK, json!({})).await.is(400);
        put(&service, WORK, json!([])).await.is(400);
        let body = json!({"url": URL}).to_string();
        for (kind, status) in [
            ("application/json; charset=utf-8", 202),
            ("Application/JSON", 202),
            ("text/plain", 415),
            ("application/jsonx", 415),
        ] {
            service.ask(Method::PUT, WORK, &[("content-type", kind)], &body).await.is(status);
        }
        for number in 1..20 {
            let path = format!("{CALENDARS}/{number}");
            put(&service, &path, json!({"url": URL})).await.is(202);
        }
        put(&service, &format!("{CALENDARS}/20"), json!({"url": URL})).await.is(409);
    }
}
