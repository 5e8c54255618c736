use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Service, range};

#[tokio::test]
async fn an_answer_replaces_the_one_before_and_the_same_changes_nothing() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        let path = format!("{}/answer", ada.path);
        let none = service.by(&ada.token, Method::GET, &path, Value::Null).await.is(200).json();
        assert_eq!((&none["answered"], none.get("ranges")), (&json!(false), None));
        // Given in pieces and another zone's offset, and for a part twice.
        let pieces = json!({"ranges": [
            range("2026-03-06T10:00:00+01:00", "2026-03-06T09:30:00Z", "yes"),
            range("2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z", "yes"),
            range("2026-03-06T09:00:00Z", "2026-03-06T10:00:00Z", "if_needed"),
        ]});
        let merged = json!([
            range("2026-03-06T08:00:00Z", "2026-03-06T09:30:00Z", "yes"),
            range("2026-03-06T09:30:00Z", "2026-03-06T10:00:00Z", "if_needed"),
        ]);
        let answered = service.answer(&ada, pieces.clone()).await.is(200);
        assert_eq!((answered.header("etag"), &answered.json()["ranges"]), ("\"3\"", &merged));
        let again = service.answer(&ada, pieces).await.is(200);
        assert_eq!((again.header("etag"), &again.json()["ranges"]), ("\"3\"", &merged));
        let read = service.by(&poll.admin, Method::GET, &path, Value::Null).await.is(200).json();
        assert_eq!(read["ranges"], merged);
        let other = service.answer(&ada, json!({"ranges": []})).await.is(200);
        assert_eq!((other.header("etag"), &other.json()["ranges"]), ("\"4\"", &json!([])));
        assert_eq!(service.get(&poll.path).await.json()["answered"], 1);
    }
}

#[tokio::test]
async fn ranges_off_the_grid_or_outside_the_poll_are_named() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        for (start, end, place) in [
            ("2026-03-06T08:15:00Z", "2026-03-06T09:00:00Z", "ranges.0"),
            ("2026-03-06T08:00:00Z", "2026-03-06T08:15:00Z", "ranges.0"),
            ("2026-03-06T07:30:00Z", "2026-03-06T09:00:00Z", "ranges.0"),
            ("2026-03-06T08:00:00Z", "2026-03-09T09:00:00Z", "ranges.0"),
            ("2026-03-07T08:00:00Z", "2026-03-07T09:00:00Z", "ranges.0"),
            ("2026-03-06T09:00:00Z", "2026-03-06T08:00:00Z", "ranges.0.end"),
            ("2026-03-06T09:00:00Z", "2026-03-06T09:00:00Z", "ranges.0.end"),
            ("2199-03-06T08:00:00Z", "2199-03-06T09:00:00Z", "ranges.0"),
        ] {
            let refused = service.answer(&ada, json!({"ranges": [range(start, end, "yes")]})).await.is(400);
            assert_eq!(refused.places(), [place], "{start} {end}");
        }
        let wrong_kind = json!({"time_zone": "UTC", "weekly": []});
        assert_eq!(service.answer(&ada, wrong_kind).await.is(400).places(), ["weekly"]);
        assert_eq!(service.get(&poll.path).await.json()["version"], 2, "nothing was changed");
    }
}

#[tokio::test]
async fn a_weekly_poll_takes_rules_in_the_participants_own_zone() {
    for service in Service::both().await {
        let body = json!({"title": "Stand-up", "kind": "weekly", "days": ["tuesday", "monday"],
            "time_zone": "Europe/Berlin", "from": "09:00", "to": "12:00", "granularity_minutes": 15,
            "duration_minutes": 15});
        let created = service.by("", Method::POST, "/polls", body).await.is(201).json();
        assert_eq!(created["days"], json!(["monday", "tuesday"]));
        let poll = crate::support::Poll {
            path: format!("/polls/{}", created["id"].as_str().unwrap()),
            admin: created["admin_token"].as_str().unwrap().to_owned(),
        };
        let ada = service.join(&poll, "Ada", json!({})).await;
        let rule = |from: &str, to: &str| json!({"day": "Monday", "from": from, "to": to, "level": "yes"});
        let given =
            json!({"time_zone": "Asia/Kolkata", "weekly": [rule("13:00", "14:00"), rule("14:00", "15:30")]});
        let answered = service.answer(&ada, given).await.is(200).json();
        let merged = json!([{"day": "monday", "from": "13:00", "to": "15:30", "level": "yes"}]);
        assert_eq!((&answered["weekly"], &answered["time_zone"]), (&merged, &json!("Asia/Kolkata")));
        assert_eq!(service.answer(&ada, json!({"ranges": []})).await.is(400).places(), ["ranges"]);
        let all = service.get(&format!("{}/answers", poll.path)).await.is(200).json();
        assert_eq!(all["participants"][0]["weekly"]["weekly"], merged);
        let csv =
            service.by(&poll.admin, Method::GET, &format!("{}/export.csv", poll.path), Value::Null).await;
        assert!(csv.is(200).text.contains("13:00"));
    }
}

#[tokio::test]
async fn an_answer_from_the_schedule_stays_what_it_was() {
    for service in Service::both().await {
        service.person("ada@example.com", json!({"friday": [8, 9, 10]})).await;
        let schedule = |to: &str| {
            json!({"time_zone": "Europe/Berlin",
            "weekly": [{"day": "friday", "from": "09:00", "to": to, "level": "yes"}],
            "working_hours": [{"day": "friday", "from": "09:00", "to": "12:00"}]})
        };
        service.put("/users/ada@example.com/schedule", schedule("10:00")).await.is(200);
        let poll = service.poll(json!({})).await;
        let stranger = service.join(&poll, "Bob", json!({"email": "bob@example.com"})).await;
        let refused = service.answer(&stranger, json!({"from_schedule": true})).await.is(400);
        assert_eq!(refused.places(), ["from_schedule"]);
        let ada = service.join(&poll, "Ada", json!({"email": "ADA@example.com"})).await;
        let expected = json!([range("2026-03-06T08:00:00Z", "2026-03-06T09:00:00Z", "yes")]);
        let answered = service.answer(&ada, json!({"from_schedule": true})).await.is(200).json();
        assert_eq!((&answered["ranges"], &answered["from_schedule"]), (&expected, &json!(true)));
        service.put("/users/ada@example.com/schedule", schedule("17:00")).await.is(200);
        let path = format!("{}/answer", ada.path);
        let read = service.by(&ada.token, Method::GET, &path, Value::Null).await.json();
        assert_eq!(read["ranges"], expected);
        let all = service.get(&format!("{}/answers", poll.path)).await.is(200).json();
        let people = all["participants"].as_array().unwrap();
        assert_eq!((&people[0]["stored"], &people[1]["stored"]), (&json!(false), &json!(true)));
        assert_eq!(people[1]["working_hours"][0]["to"], "12:00");
        service.by("", Method::DELETE, "/users/ada@example.com", Value::Null).await.is(204);
        let all = service.get(&format!("{}/answers", poll.path)).await.is(200).json();
        assert_eq!(all["participants"][1]["stored"], false);
    }
}

#[tokio::test]
async fn other_services_get_all_answers_and_revalidate_them() {
    for service in Service::both().await {
        let poll = service.poll(json!({"visibility": "blind"})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        let friday = range("2026-03-06T08:00:00Z", "2026-03-06T10:00:00Z", "yes");
        service.answer(&ada, json!({"ranges": [friday]})).await.is(200);
        let path = format!("{}/answers", poll.path);
        service.get(&format!("/users{path}")).await.is(404);
        let all = service.get(&path).await.is(200);
        assert_eq!((all.header("etag"), all.header("poll-view")), ("\"3\"", "nothing"));
        let answers: wire::PollAnswers = serde_json::from_str(&all.text).unwrap();
        let times = answers.layout.times().unwrap();
        let layout = domain::Layout::new(&times, &times.dates(jiff::civil::date(2026, 1, 5), 1)).unwrap();
        let yes = answers.participants[0].yes.as_ref().unwrap().slots(layout.range().len()).unwrap();
        assert_eq!(yes.slots().collect::<Vec<_>>(), (0..8).collect::<Vec<_>>());
        for (token, view) in [(&poll.admin, "names"), (&ada.token, "nothing")] {
            let bearer = format!("Bearer {token}");
            let headers = [("authorization", bearer.as_str()), ("if-none-match", "\"3\"")];
            let unchanged = service.ask(Method::GET, &path, &headers, "").await.is(304);
            assert_eq!(unchanged.header("poll-view"), view);
        }
        let headers = [("authorization", "Bearer wrong"), ("if-none-match", "\"3\"")];
        service.ask(Method::GET, &path, &headers, "").await.is(401);
    }
}

#[tokio::test]
async fn an_export_has_every_cell_in_the_zone_that_is_asked_for() {
    for service in Service::both().await {
        let poll = service.poll(json!({})).await;
        let ada = service.join(&poll, "=1+1,\"x\"", json!({})).await;
        let friday = range("2026-03-06T08:00:00Z", "2026-03-06T08:30:00Z", "yes");
        service.answer(&ada, json!({"ranges": [friday]})).await.is(200);
        let path = format!("{}/export.json?time_zone=Asia/Kathmandu", poll.path);
        service.get(&path).await.is(401);
        service.by(&ada.token, Method::GET, &path, Value::Null).await.is(403);
        let export = service.by(&poll.admin, Method::GET, &path, Value::Null).await.is(200).json();
        assert_eq!(export["columns"][4], "2026-03-06T13:45+05:45");
        assert_eq!(export["rows"][0].as_array().unwrap()[4..6], [json!("yes"), json!("no")]);
        let path = format!("{}/export.csv", poll.path);
        let csv = service.by(&poll.admin, Method::GET, &path, Value::Null).await.is(200);
        assert!(csv.header("content-type").starts_with("text/csv"));
        assert!(csv.text.contains("\n\"'=1+1,\"\"x\"\"\",Europe/London,false,true,yes,no"), "{}", csv.text);
        let path = format!("{path}?time_zone=europe/berlin");
        service.by(&poll.admin, Method::GET, &path, Value::Null).await.is(400);
    }
}

#[tokio::test]
async fn other_services_get_only_what_is_different_since_the_version_they_have() {
    for service in Service::both().await {
        let poll = service.poll(json!({"dates": ["2026-03-06", "2026-03-07"]})).await;
        let ada = service.join(&poll, "Ada", json!({})).await;
        service.join(&poll, "Bob", json!({})).await;
        let read = async |since: &str| -> wire::PollAnswers {
            let path = format!("{}/answers{since}", poll.path);
            serde_json::from_str(&service.get(&path).await.is(200).text).unwrap()
        };
        let before = read("").await;
        assert_eq!((before.version, before.since, before.participants.len()), (3, None, 2));
        let friday = range("2026-03-06T08:00:00Z", "2026-03-06T10:00:00Z", "yes");
        service.answer(&ada, json!({"ranges": [friday]})).await.is(200);
        service.join(&poll, "Cem", json!({})).await;

        let difference = read("?since=3").await;
        let names: Vec<&str> = difference.participants.iter().map(|one| one.name.as_str()).collect();
        assert_eq!((difference.version, difference.since, names), (5, Some(3), vec!["Ada", "Cem"]));
        assert_eq!(before.after(difference), read("").await);

        for later in ["?since=6", "?since=-1"] {
            assert_eq!(read(later).await.since, None, "nobody has that version");
        }
        let path = format!("{}/answers?since=x", poll.path);
        assert_eq!(service.get(&path).await.is(400).places(), ["since"]);

        let body = json!({"dates": ["2026-03-07"]});
        service.by(&poll.admin, Method::PATCH, &poll.path, body).await.is(200);
        let anew = read("?since=5").await;
        assert_eq!((anew.since, anew.participants.len()), (None, 3), "all answers are laid out anew");
    }
}
