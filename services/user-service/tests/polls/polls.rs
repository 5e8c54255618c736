use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Service, range};

#[tokio::test]
async fn a_poll_is_made_read_changed_deleted_and_restored() {
    for service in Service::both().await {
        let poll = service.poll(json!({"title": " Retrospective "})).await;
        let read = service.get(&poll.path).await.is(200);
        assert_eq!((read.header("etag"), read.header("cache-control")), ("\"1\"", "private, no-cache"));
        let read = read.json();
        assert_eq!(
            (&read["title"], &read["state"], &read["version"]),
            (&json!("Retrospective"), &json!("open"), &json!(1))
        );
        assert_eq!((&read["participants"], &read["meeting"]), (&json!([]), &Value::Null));
        assert_eq!(read["url"], json!(format!("/p/{}", read["id"].as_str().unwrap())));
        assert!(!read.to_string().contains("token"));

        let change = json!({"title": "Review", "visibility": "counts"});
        let changed = service.by(&poll.admin, Method::PATCH, &poll.path, change.clone()).await.is(200);
        assert_eq!(changed.header("etag"), "\"2\"");
        // The same again changes nothing.
        let same = service.by(&poll.admin, Method::PATCH, &poll.path, change).await.is(200);
        assert_eq!(same.header("etag"), "\"2\"");
        assert_eq!(service.get(&poll.path).await.json()["title"], "Review");

        service.by(&poll.admin, Method::DELETE, &poll.path, Value::Null).await.is(204);
        service.get(&poll.path).await.is(404);
        let restore = format!("{}/restore", poll.path);
        service.by("", Method::POST, &restore, Value::Null).await.is(401);
        let restored = service.by(&poll.admin, Method::POST, &restore, Value::Null).await.is(200);
        assert_eq!(restored.json()["title"], "Review");
        service.by(&poll.admin, Method::POST, &restore, Value::Null).await.is(404);
        service.get(&poll.path).await.is(200);
        service.get("/polls/AAAAAAAAAAAAAAAAAAAAAA").await.is(404);
        service.get("/polls/nothing").await.is(404);
    }
}

#[tokio::test]
async fn a_change_of_a_version_that_is_no_longer_there_is_refused() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let bearer = format!("Bearer {}", poll.admin);
        let change = json!({"title": "New"}).to_string();
        for (tag, status) in
            [("\"2\"", 412), ("W/\"1\"", 412), ("1", 400), ("\"1\"", 200), ("\"1\"", 412), ("*", 200)]
        {
            let headers = [("authorization", bearer.as_str()), ("if-match", tag)];
            service.ask(Method::PATCH, &poll.path, &headers, &change).await.is(status);
        }
        let headers = [("if-none-match", "\"2\"")];
        let unchanged = service.ask(Method::GET, &poll.path, &headers, "").await.is(304);
        assert_eq!((unchanged.header("etag"), unchanged.text.as_str()), ("\"2\"", ""));
    }
}

#[tokio::test]
async fn a_duplicate_has_the_content_and_nobody_in_it() {
    for service in Service::both().await {
        let poll = service.poll(json!({"deadline": "2030-01-01T00:00:00Z", "description": "a\nb"})).await;
        service.join(&poll, "Ada", json!({})).await;
        let path = format!("{}/duplicate", poll.path);
        let body = json!({"dates": ["2026-04-01"]});
        service.by("", Method::POST, &path, body.clone()).await.is(401);
        let other = service.by(&poll.admin, Method::POST, &path, body).await.is(201).json();
        assert_eq!((&other["dates"], &other["description"]), (&json!(["2026-04-01"]), &json!("a\nb")));
        assert_eq!((&other["participants"], &other["deadline"]), (&json!([]), &Value::Null));
        assert_ne!(other["admin_token"], json!(poll.admin));
        let refused = service.by(&poll.admin, Method::POST, &path, json!({"days": ["monday"]})).await.is(400);
        assert_eq!(refused.places(), ["days"]);
    }
}

#[tokio::test]
async fn after_the_deadline_nobody_joins_or_answers() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        let past = json!({"deadline": "2020-01-01T00:00:00Z"});
        let closed = service.by(&poll.admin, Method::PATCH, &poll.path, past).await.is(200).json();
        assert_eq!(closed["state"], "closed");
        let join = json!({"name": "Bob", "time_zone": "UTC"});
        let path = format!("{}/participants", poll.path);
        let refused = service.by("", Method::POST, &path, join.clone()).await.is(409);
        assert_eq!(refused.json()["detail"][0]["code"], "poll_closed");
        service.answer(&ada, json!({"ranges": []})).await.is(409);
        let later = json!({"deadline": null});
        service.by(&poll.admin, Method::PATCH, &poll.path, later).await.is(200);
        service.by("", Method::POST, &path, join).await.is(201);
        service.answer(&ada, json!({"ranges": []})).await.is(200);
    }
}

#[tokio::test]
async fn participants_change_and_leave_and_only_the_organiser_requires_them() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({"email": "ada@example.com"})).await;
        let required = json!({"required": true});
        service.by(&ada.token, Method::PATCH, &ada.path, required.clone()).await.is(403);
        let changed = service.by(&poll.admin, Method::PATCH, &ada.path, required).await.is(200).json();
        assert_eq!((&changed["required"], &changed["name"]), (&json!(true), &json!("Ada")));
        let name = json!({"name": "Ada L.", "time_zone": "Asia/Calcutta", "email": null});
        let changed = service.by(&ada.token, Method::PATCH, &ada.path, name).await.is(200).json();
        assert_eq!((&changed["name"], &changed["time_zone"]), (&json!("Ada L."), &json!("Asia/Calcutta")));
        let join = json!({"name": "Bob", "time_zone": "UTC", "required": true});
        let path = format!("{}/participants", poll.path);
        service.by("", Method::POST, &path, join.clone()).await.is(403);
        let bob = service.by(&poll.admin, Method::POST, &path, join).await.is(201).json();
        assert_eq!(bob["required"], true);
        let read = service.get(&poll.path).await.json();
        let names: Vec<&Value> =
            read["participants"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["Ada L.", "Bob"]);
        assert!(!read.to_string().contains("example.com"));
        service.by(&ada.token, Method::DELETE, &ada.path, Value::Null).await.is(204);
        service.by(&ada.token, Method::DELETE, &ada.path, Value::Null).await.is(401);
        service.by(&poll.admin, Method::DELETE, &ada.path, Value::Null).await.is(404);
        assert_eq!(service.get(&poll.path).await.json()["participants_total"], 1);
    }
}

#[tokio::test]
async fn a_date_that_goes_takes_its_answers_along_and_one_that_stays_keeps_them() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        let friday = range("2026-03-06T08:00:00Z", "2026-03-06T10:00:00Z", "yes");
        let monday = range("2026-03-09T08:00:00Z", "2026-03-09T09:00:00Z", "if_needed");
        service.answer(&ada, json!({"ranges": [friday, monday]})).await.is(200);
        for (dates, kept) in [
            (json!(["2026-03-09", "2026-03-10"]), json!([monday])),
            (json!(["2026-03-06", "2026-03-09"]), json!([monday])),
            (json!(["2026-03-11"]), json!([])),
        ] {
            service.by(&poll.admin, Method::PATCH, &poll.path, json!({"dates": dates})).await.is(200);
            let path = format!("{}/answer", ada.path);
            let answer = service.by(&ada.token, Method::GET, &path, Value::Null).await.is(200).json();
            assert_eq!((&answer["ranges"], &answer["answered"]), (&kept, &json!(true)));
        }
    }
}

#[tokio::test]
async fn a_poll_is_laid_out_on_the_clocks_that_are_asked_for() {
    for service in Service::both().await {
        let poll = service.poll(json!({"visibility": "blind"})).await;
        let grid = service.get(&format!("{}/grid?time_zone=Asia/Kathmandu", poll.path)).await.is(200).json();
        assert_eq!(
            (grid["columns"].as_array().unwrap().len(), grid["cells"].as_array().unwrap().len()),
            (2, 32)
        );
        assert_eq!(
            grid["cells"][0],
            json!({"column": 0, "row": 0, "start": "2026-03-06T08:00:00Z",
            "end": "2026-03-06T08:30:00Z", "slot": 0, "slots": 2})
        );
        assert_eq!(grid["rows"][0], json!({"time": "13:45", "again": false}));
        for (query, place) in [("time_zone=x", "time_zone"), ("week=2026-02-30", "week")] {
            let refused = service.get(&format!("{}/grid?{query}", poll.path)).await.is(400);
            assert_eq!(refused.places(), [place]);
        }
        let weekly = json!({"title": "Stand-up", "kind": "weekly", "days": ["monday"],
            "time_zone": "America/New_York", "from": "09:00", "to": "10:00", "granularity_minutes": 60,
            "duration_minutes": 60});
        let weekly = service.by("", Method::POST, "/polls", weekly).await.is(201).json();
        let grid = format!("/polls/{}/grid", weekly["id"].as_str().unwrap());
        let shown = service.get(&format!("{grid}?week=2026-03-11")).await.is(200).json();
        assert_eq!(shown["cells"][0]["start"], "2026-03-09T13:00:00Z");
        for week in ["1999-12-20", "2200-01-06", "9999-12-31", "-009999-01-01"] {
            let refused = service.get(&format!("{grid}?week={week}")).await.is(400);
            assert_eq!(refused.places(), ["week"], "{week}");
        }
    }
}
