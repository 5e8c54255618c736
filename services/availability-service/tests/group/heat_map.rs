use serde_json::{Value, json};

use crate::{
    Service,
    users::{participant, poll, silent},
};

const PATH: &str = "/availability/polls/p/heatmap";

fn people() -> Vec<Value> {
    vec![participant("ada", "22221100"), participant("bob", "02222000"), silent("eve")]
}

#[tokio::test]
async fn counts_whoever_can_come_throughout_a_cell() {
    let service = Service::new();
    service.users.put_poll(poll(7, &people()));
    let reply = service.get(PATH, &[]).await.is(200);
    let starts = ["08:00", "08:30", "09:00", "09:30"].map(|time| format!("2026-03-09T{time}:00Z"));
    let expected = json!({"version": 7, "granularity_minutes": 30, "participants": 3, "answered": 2,
        "starts": starts, "yes": [1, 2, 0, 0], "if_needed": [0, 0, 1, 0], "people": [
            {"id": "ada", "name": "ADA", "answered": true, "view": "2210"},
            {"id": "bob", "name": "BOB", "answered": true, "view": "0200"},
            {"id": "eve", "name": "EVE", "answered": false, "view": "0000"}]});
    assert_eq!(reply.json(), expected);
    assert_eq!(reply.header("cache-control"), "private, no-cache");
    assert_eq!(reply.header("vary"), "Authorization");
}

#[tokio::test]
async fn tells_of_people_whom_the_caller_may_see_only() {
    let service = Service::new();
    for (everybody, token, status, named) in [
        ("names", None, 200, true),
        ("counts", None, 200, false),
        ("counts", Some("names"), 200, true),
        ("nothing", None, 401, false),
        ("nothing", Some("nothing"), 403, false),
        ("nothing", Some("names"), 200, true),
        ("names", Some("wrong"), 401, false),
    ] {
        let mut asked = poll(7, &people());
        asked["everybody"] = everybody.into();
        service.users.put_poll(asked);
        let token = token.map(|token| format!("Bearer {token}"));
        let headers: Vec<(&str, &str)> =
            token.iter().map(|token| ("authorization", token.as_str())).collect();
        let reply = service.get(PATH, &headers).await.is(status);
        let body = String::from_utf8_lossy(&reply.body).into_owned();
        assert_eq!(body.contains("ada") || body.contains("ADA"), named, "{everybody} {token:?}: {body}");
        assert_eq!(reply.json().get("yes").is_some(), status == 200, "{everybody} {token:?}");
    }
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let service = Service::new();
    service.users.put_poll(poll(7, &people()));
    let tag = service.get(PATH, &[]).await.is(200).header("etag").to_owned();
    let again = service.get(PATH, &[("if-none-match", &tag)]).await.is(304);
    assert_eq!((again.header("etag"), again.body.len()), (tag.as_str(), 0));
    assert_eq!(service.users.times_sent(), 1, "user-service sent the poll once");
    // Who may see less is not told that it is what somebody else has.
    let less = [("if-none-match", tag.as_str()), ("authorization", "Bearer counts")];
    assert!(service.get(PATH, &less).await.is(200).json().get("people").is_none());

    service.users.put_poll(poll(8, &[participant("ada", "00000000")]));
    let changed = service.get(PATH, &[("if-none-match", &tag)]).await.is(200);
    assert_eq!(changed.json()["yes"], json!([0, 0, 0, 0]));
    assert_ne!(changed.header("etag"), tag);
    service.get(PATH, &[("if-none-match", "nonsense")]).await.is(400);
}

#[tokio::test]
async fn a_large_poll_has_numbers_only() {
    let service = Service::new();
    let many = |count: usize| (0..count).map(|index| participant(&format!("p{index}"), "22000000"));
    service.users.put_poll(poll(1, &many(500).collect::<Vec<_>>()));
    assert_eq!(service.get(PATH, &[]).await.is(200).json()["people"].as_array().map(Vec::len), Some(500));
    service.users.put_poll(poll(2, &many(501).collect::<Vec<_>>()));
    let reply = service.get(PATH, &[]).await.is(200).json();
    assert_eq!((&reply["yes"][0], reply.get("people")), (&json!(501), None));
}

#[tokio::test]
async fn a_weekly_poll_is_shown_as_a_real_week() {
    let service = Service::new();
    let mut ada = silent("ada");
    ada["answered"] = true.into();
    ada["weekly"] = json!({"time_zone": "America/New_York",
        "weekly": [{"day": "monday", "from": "04:00", "to": "05:00", "level": "yes"}]});
    let mut weekly = poll(1, &[ada]);
    weekly.as_object_mut().unwrap().remove("dates");
    (weekly["kind"], weekly["days"]) = ("weekly".into(), json!(["monday"]));
    service.users.put_poll(weekly);
    // New York's clocks change on 8 March, those of Berlin on 29 March.
    for (week, yes) in
        [("2026-03-04", [0, 0, 1, 1]), ("2026-03-09", [1, 1, 0, 0]), ("2026-04-05", [0, 0, 1, 1])]
    {
        let reply = service.get(&format!("{PATH}?first_week={week}"), &[]).await.is(200).json();
        assert_eq!(reply["yes"], json!(yes), "{week}");
    }
    for week in ["2026-02-30", "2026-3-4", "1999-12-31", "2199-12-31"] {
        let reply = service.get(&format!("{PATH}?first_week={week}"), &[]).await;
        assert!(matches!(reply.status.as_u16(), 200 | 400), "{week}");
    }
    let reply = service.get(&format!("{PATH}?first_week=2026-02-30"), &[]).await.is(400).json();
    assert_eq!(reply["detail"][0]["loc"], json!(["query", "first_week"]));
}

#[tokio::test]
async fn an_unknown_poll_is_not_found() {
    let service = Service::new();
    service.users.put_poll(poll(7, &[]));
    for path in ["/polls/q/heatmap", "/polls/%FF/heatmap", "/polls/%2F/heatmap"] {
        service.get(path, &[]).await.is(404);
    }
}
