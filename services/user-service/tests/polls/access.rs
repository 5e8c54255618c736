use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Service, range};

/// Every read of a poll of every visibility, with every token.
#[tokio::test]
async fn every_read_of_every_visibility_shows_what_the_token_allows() {
    for service in Service::both().await {
        for visibility in wire::Visibility::ALL {
            let poll = service.poll(json!({"visibility": visibility})).await;
            let ada = service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
            let bob = service.join(&poll, "Bob", json!({})).await;
            let friday = range("2026-03-06T08:00:00Z", "2026-03-06T10:00:00Z", "yes");
            service.answer(&ada, json!({"ranges": [friday]})).await.is(200);
            let other = service.poll(json!({})).await;
            for (token, is_admin, own, has_answered) in [
                ("", false, None, false),
                (bob.token.as_str(), false, Some(&bob.id), false),
                (ada.token.as_str(), false, Some(&ada.id), true),
                (poll.admin.as_str(), true, None, true),
            ] {
                let sees = match visibility {
                    _ if is_admin => "names",
                    wire::Visibility::Full => "names",
                    wire::Visibility::Counts => "counts",
                    wire::Visibility::AfterAnswer if has_answered => "names",
                    _ => "nothing",
                };
                let read = service.by(token, Method::GET, &poll.path, Value::Null).await.is(200).json();
                let (names, total) = (&read["participants"], &read["participants_total"]);
                assert_eq!(names.is_array(), sees == "names", "{visibility:?} {token}");
                assert_eq!(total.is_number(), sees != "nothing", "{visibility:?} {token}");
                assert_eq!(read["answered"].is_number(), sees != "nothing");
                assert!(!read.to_string().contains("example.com") && !read.to_string().contains("token"));
                let answers = format!("{}/answers", poll.path);
                let all = service.by(token, Method::GET, &answers, Value::Null).await.is(200);
                assert_eq!(all.header("poll-view"), sees);
                for participant in [&ada, &bob] {
                    let expected = match own {
                        _ if is_admin => 200,
                        None => 401,
                        Some(own) if *own == participant.id => 200,
                        Some(_) => 403,
                    };
                    let path = format!("{}/answer", participant.path);
                    service.by(token, Method::GET, &path, Value::Null).await.is(expected);
                }
                let expected = if is_admin { 200 } else { if own.is_some() { 403 } else { 401 } };
                for format in ["csv", "json"] {
                    let path = format!("{}/export.{format}", poll.path);
                    service.by(token, Method::GET, &path, Value::Null).await.is(expected);
                }
            }
            for wrong in [other.admin.as_str(), "wrong", "w\u{e9}"] {
                for path in ["", "/answers", "/export.csv", "/export.json"] {
                    let path = format!("{}{path}", poll.path);
                    service.by(wrong, Method::GET, &path, Value::Null).await.is(401);
                }
            }
        }
    }
}

/// Every change, with every token.
#[tokio::test]
async fn every_change_asks_for_its_token() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        let bob = service.join(&poll, "Bob", json!({})).await;
        let meeting = json!({"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z"});
        let of_admin = [
            (Method::PATCH, poll.path.clone(), json!({"title": "x"})),
            (Method::DELETE, poll.path.clone(), Value::Null),
            (Method::POST, format!("{}/duplicate", poll.path), json!({})),
            (Method::PUT, format!("{}/decision", poll.path), meeting),
            (Method::DELETE, format!("{}/decision", poll.path), Value::Null),
        ];
        let of_ada = [
            (Method::PATCH, ada.path.clone(), json!({"name": "x"})),
            (Method::DELETE, ada.path.clone(), Value::Null),
            (Method::PUT, format!("{}/answer", ada.path), json!({"ranges": []})),
        ];
        for (method, path, body) in of_admin.iter().chain(&of_ada) {
            for (token, status) in [("", 401), ("wrong", 401), (bob.token.as_str(), 403)] {
                service.by(token, method.clone(), path, body.clone()).await.is(status);
            }
        }
        for (method, path, body) in &of_admin {
            service.by(&ada.token, method.clone(), path, body.clone()).await.is(403);
        }
        assert_eq!(service.get(&poll.path).await.json()["version"], 3, "nothing was changed");
    }
}
