//! All that is stored of a poll, for its organiser.

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Service, range};

#[tokio::test]
async fn an_organiser_gets_all_that_is_stored_and_nothing_secret() {
    for service in Service::both().await {
        let poll = service.poll(json!({"organiser_email": "org@example.com"})).await;
        let ada = service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
        let ranges = [range("2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z", "yes")];
        service.answer(&ada, json!({"ranges": ranges})).await.is(200);
        let path = format!("{}/export", poll.path);
        service.get(&path).await.is(401);
        service.by(&ada.token, Method::GET, &path, Value::Null).await.is(403);
        let export = service.by(&poll.admin, Method::GET, &path, Value::Null).await.is(200);
        assert_eq!(export.header("cache-control"), "no-store");
        assert!(!export.text.contains("hash"), "{}", export.text);
        let tables = export.json()["tables"].clone();
        assert_eq!(tables["polls"][0]["organiser_email"], "org@example.com");
        assert_eq!(tables["polls"][0]["layout"]["time_zone"], "Europe/Berlin");
        assert_eq!(tables["participants"][0]["email"], "ada@example.com");
        assert!(tables["answers"][0]["yes"].is_string() && tables["answers"][0]["answered_at"].is_string());
        assert_eq!(tables["meeting_replies"], json!([]));
    }
}
