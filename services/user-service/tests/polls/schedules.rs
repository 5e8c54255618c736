use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Service, range};

const SCHEDULE: &str = "/users/ada@example.com/schedule";

#[tokio::test]
async fn the_week_of_whole_hours_is_a_view_of_the_schedule() {
    for service in Service::both().await {
        service.get(SCHEDULE).await.is(404);
        service.person("ada@example.com", json!({"monday": [9, 10], "sunday": [23]})).await;
        let first = service.get(SCHEDULE).await.is(200).json();
        let rule =
            |day: &str, from: &str, to: &str| json!({"day": day, "from": from, "to": to, "level": "yes"});
        assert_eq!(first["time_zone"], "UTC");
        assert_eq!(
            first["weekly"],
            json!([rule("monday", "09:00", "11:00"), rule("sunday", "23:00", "24:00")])
        );
        let given = json!({
            "time_zone": "Europe/Berlin",
            "weekly": [rule("monday", "09:30", "12:15"), {"day": "tuesday", "from": "09:00", "to": "12:00", "level": "if_needed"}],
            "overrides": [{"date": "2026-03-09", "ranges": []}],
            "working_hours": [{"day": "monday", "from": "09:00", "to": "17:00"}],
        });
        let stored = service.put(SCHEDULE, given.clone()).await.is(200);
        assert_eq!(stored.json(), given);
        let person = service.get("/users/ada@example.com").await.is(200).json();
        assert_eq!(
            (&person["availabilities"]["monday"], &person["availabilities"]["tuesday"]),
            (&json!([10, 11]), &json!([]))
        );
        let cached = service.get("/user-avail/cache-aside?user1email=ada@example.com").await.is(200).json();
        assert_eq!(cached, person);

        // Whoever writes the view replaces the weekly rules, and keeps the rest.
        let hours = json!({"email": "ada@example.com", "availabilities": {"monday": [10, 11]}});
        service.put("/users/ada@example.com", hours).await.is(200);
        let after = service.get(SCHEDULE).await.is(200).json();
        assert_eq!(after["weekly"], json!([rule("monday", "10:00", "12:00")]));
        assert_eq!((&after["time_zone"], &after["overrides"]), (&given["time_zone"], &given["overrides"]));

        let headers = [("if-match", stored.header("etag"))];
        service.ask(Method::PUT, SCHEDULE, &headers, &given).await.is(412);
        let tag = service.get(SCHEDULE).await.header("etag").to_owned();
        service.ask(Method::GET, SCHEDULE, &[("if-none-match", &tag)], "").await.is(304);
        service.ask(Method::PUT, SCHEDULE, &[("if-match", &tag)], &given).await.is(200);
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        service.put(SCHEDULE, given).await.is(404);
        service.person("ada@example.com", json!({})).await;
        assert_eq!(
            service.get(SCHEDULE).await.json()["time_zone"],
            "UTC",
            "nothing is left of the one before"
        );
    }
}

#[tokio::test]
async fn free_and_busy_follow_the_clocks_of_the_person() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({})).await;
        let rule = json!({"day": "monday", "from": "09:00", "to": "10:00", "level": "yes"});
        let schedule = json!({"time_zone": "America/New_York", "weekly": [rule],
            "overrides": [{"date": "2026-03-16", "ranges": [{"from": "12:00", "to": "13:00", "level": "if_needed"}]}]});
        service.put(SCHEDULE, schedule).await.is(200);
        let path = "/users/ada@example.com/freebusy?from=2026-03-02T00:00:00Z&to=2026-03-17T00:00:00Z";
        let times = service.get(path).await.is(200).json();
        let expected = json!([
            range("2026-03-02T14:00:00Z", "2026-03-02T15:00:00Z", "yes"),
            range("2026-03-09T13:00:00Z", "2026-03-09T14:00:00Z", "yes"),
            range("2026-03-16T16:00:00Z", "2026-03-16T17:00:00Z", "if_needed"),
        ]);
        assert_eq!((&times["free"], &times["busy"]), (&expected, &json!([])));
        let calendar = service.ask(Method::GET, path, &[("accept", "text/calendar")], "").await.is(200);
        assert!(calendar.header("content-type").starts_with("text/calendar"));
        assert!(calendar.text.contains("BEGIN:VFREEBUSY\r\n"));
        for (query, place) in [
            ("", "from"),
            ("?from=2026-03-02T00:00:00Z&to=2026-03-02", "to"),
            ("?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z", "to"),
            ("?from=2026-03-02T00:00:00Z&to=2026-09-01T00:00:00Z", "to"),
            ("?from=1926-03-02T00:00:00Z&to=2026-09-01T00:00:00Z", "from"),
        ] {
            let refused = service.get(&format!("/users/ada@example.com/freebusy{query}")).await.is(400);
            assert_eq!(refused.places()[0], place, "{query}");
        }
    }
}

#[tokio::test]
async fn other_services_get_many_schedules_at_once() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({"monday": [9]})).await;
        let batch = async |emails: Value| {
            let body =
                json!({"emails": emails, "from": "2026-03-02T00:00:00Z", "to": "2026-03-09T00:00:00Z"});
            service.by("", Method::POST, "/schedules/batch", body).await
        };
        let emails = json!(["ADA@example.com", "bob@example.com", "ada@example.com", "x"]);
        let reply: wire::SchedulesReply =
            serde_json::from_str(&batch(emails.clone()).await.is(200).text).unwrap();
        assert_eq!(reply.people.len(), 1);
        assert_eq!(
            (reply.people[0].email.as_str(), reply.unknown),
            ("ADA@example.com", vec!["bob@example.com".to_owned(), "x".to_owned()])
        );
        let schedule = json!({"time_zone": "Asia/Tokyo", "weekly": []});
        service.put(SCHEDULE, schedule).await.is(200);
        let after: wire::SchedulesReply = serde_json::from_str(&batch(emails).await.is(200).text).unwrap();
        assert_ne!(reply.people[0].version, after.people[0].version);
        let many: Vec<String> = (0..1_000).map(|n| format!("p{n}@example.com")).collect();
        assert_eq!(batch(json!(many)).await.is(200).json()["unknown"].as_array().unwrap().len(), 1_000);
        assert_eq!(batch(json!(vec!["a"; 1_001])).await.is(400).places(), ["emails"]);
        service.by("", Method::POST, "/users/schedules/batch", json!({})).await.is(404);
    }
}
