use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Reply, Service};

const FEED: &str = "/users/ada@example.com/feed";

/// The paths of a person's two feeds, as this service has them.
async fn feeds(service: &Service) -> [String; 2] {
    let created = service.by("", Method::POST, FEED, Value::Null).await.is(201);
    assert_eq!(created.header("cache-control"), "no-store");
    let created = created.json();
    let token = created["token"].as_str().unwrap();
    assert_eq!(token.len(), 43);
    ["url", "freebusy_url"].map(|member| {
        let url = created[member].as_str().unwrap();
        assert!(url.ends_with(token), "{url}");
        url.strip_prefix("http://localhost:8080/users").unwrap().to_owned()
    })
}

async fn decide(service: &Service, title: &str, email: &str, hour: u32) {
    let poll = service.poll(json!({"title": title})).await;
    service.join(&poll, "Ada", json!({"email": email})).await;
    let at = |hour: u32| format!("2026-03-06T{hour:02}:00:00Z");
    let meeting = json!({"start": at(hour), "end": at(hour + 1)});
    let decision = format!("{}/decision", poll.path);
    service.by(&poll.admin, Method::PUT, &decision, meeting).await.is(200);
}

fn events(reply: &Reply) -> usize {
    reply.text.matches("BEGIN:VEVENT").count()
}

#[tokio::test]
async fn a_feed_has_the_decided_meetings_of_one_person() {
    for service in Service::both().await {
        service.by("", Method::POST, FEED, Value::Null).await.is(404);
        service.by("", Method::DELETE, FEED, Value::Null).await.is(404);
        service.person("ada@example.com", json!({})).await;
        let [meetings, free_busy] = feeds(&service).await;
        let empty = service.get(&meetings).await.is(200);
        assert_eq!((events(&empty), empty.header("content-type")), (0, "text/calendar; charset=utf-8"));

        decide(&service, "Hers", "ADA@example.com", 8).await;
        decide(&service, "Another's", "bob@example.com", 9).await;
        let undecided = service.poll(json!({"title": "Open"})).await;
        service.join(&undecided, "Ada", json!({"email": "ada@example.com"})).await;
        let full = service.get(&meetings).await.is(200);
        assert!(full.text.contains("SUMMARY:Hers\r\n"), "{}", full.text);
        assert_eq!(events(&full), 1);
        assert!(full.text.contains("METHOD:PUBLISH\r\n") && full.text.contains("X-WR-CALNAME:W2Meet\r\n"));
        assert!(!full.text.contains("ATTENDEE") && !full.text.contains("ada@"));

        let tag = full.header("etag").to_owned();
        assert_ne!(tag, empty.header("etag"));
        service.ask(Method::GET, &meetings, &[("if-none-match", &tag)], "").await.is(304);
        decide(&service, "Second", "ada@example.com", 10).await;
        let more = service.ask(Method::GET, &meetings, &[("if-none-match", &tag)], "").await.is(200);
        assert_eq!(events(&more), 2);

        let times = service.get(&free_busy).await.is(200);
        assert!(times.text.contains("BEGIN:VFREEBUSY\r\n") && !times.text.contains("Hers"));
    }
}

#[tokio::test]
async fn a_token_that_is_no_longer_one_tells_nothing() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        service.person("bob@example.com", json!({})).await;
        let before = feeds(&service).await;
        let [meetings, free_busy] = feeds(&service).await;
        let refused = [
            before[0].clone(),
            before[1].clone(),
            meetings.split_once('?').unwrap().0.to_owned(),
            format!("{meetings}x"),
            meetings.replace("ada%40", "bob%40"),
            meetings.replace("ada%40", "nobody%40"),
            free_busy.replace("ada%40", "nobody%40"),
            "/users/nobody@example.com/calendar.ics?token=x".to_owned(),
        ];
        let mut said = Vec::new();
        for path in refused {
            let detail = service.get(&path).await.is(401).json()["detail"].clone();
            said.push(detail);
        }
        said.dedup();
        assert_eq!(said.len(), 1, "{said:?}");
        service.get(&format!("{meetings}&token=x")).await.is(400);
        service.get(&meetings).await.is(200);
        service.by("", Method::DELETE, FEED, Value::Null).await.is(204);
        service.by("", Method::DELETE, FEED, Value::Null).await.is(404);
        service.get(&meetings).await.is(401);
        let [meetings, _] = feeds(&service).await;
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        service.get(&meetings).await.is(401);
    }
}
