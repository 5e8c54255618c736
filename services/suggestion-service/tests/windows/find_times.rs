use serde_json::{Value, json};

use crate::{Service, availability::person};

const PATH: &str = "/suggestion/find-times";

/// The day of 9 March 2026 in UTC.
pub(super) fn day(people: Value) -> Value {
    json!({"people": people, "from": "2026-03-09T00:00:00Z", "to": "2026-03-10T00:00:00Z"})
}

#[tokio::test]
async fn finds_times_of_stored_and_of_given_people() {
    let service = Service::new();
    service.availability.put_people(vec![person("ada@x", 1, 8..12)]);
    let weekly = json!([{"day": "monday", "from": "09:00", "to": "11:00", "level": "yes"}]);
    let ranges = json!([{"start": "2026-03-09T10:07:00Z", "end": "2026-03-09T12:00:00Z"}]);
    let asked =
        day(json!(["ada@x", "nobody@x", {"id": "bob", "time_zone": "Europe/London", "weekly": weekly},
        {"id": "eve", "name": "Eve", "time_zone": "Asia/Kathmandu", "ranges": ranges}]));
    let answer = service.post(PATH, &asked).await.is(200).json();
    let first = &answer["windows"][0];
    assert_eq!((&first["start"], &first["yes"]), (&json!("2026-03-09T09:00:00Z"), &json!(2)));
    let mut shorter = asked.clone();
    shorter["duration_minutes"] = json!(45);
    let answer = service.post(PATH, &shorter).await.is(200).json();
    let first = &answer["windows"][0];
    assert_eq!((&first["start"], &first["yes"]), (&json!("2026-03-09T10:15:00Z"), &json!(3)));
    assert_eq!(first["reasons"][0]["text"], "Everyone can come");
    assert_eq!(first["people"][2]["local_start"], "2026-03-09T16:00:00+05:45");
    assert_eq!((&first["people"][1]["person"], &first["people"][1]["name"]), (&json!("bob"), &Value::Null));
    assert_eq!(answer["errors"], json!([{"person": "nobody@x", "reason": "not_found"}]));
    assert_eq!((answer.get("version"), &answer["awaited"]), (None, &json!([])));
}

#[tokio::test]
async fn what_would_help_later_is_told() {
    let service = Service::new();
    let free = json!([{"start": "2026-03-12T09:00:00Z", "end": "2026-03-12T10:00:00Z"}]);
    let asked = day(json!([{"id": "bob", "time_zone": "UTC", "ranges": free}]));
    let answer = service.post(PATH, &asked).await.is(200).json();
    assert_eq!(answer["windows"], json!([]));
    let later = json!({"change": "later", "to": "2026-03-13T00:00:00Z", "windows": 1, "start": "2026-03-12T09:00:00Z"});
    assert_eq!(answer["unlocks"], json!([later]));
}

#[tokio::test]
async fn kept_answers_end_with_the_versions_of_the_people() {
    let service = Service::new();
    service.availability.put_people(vec![person("ada@x", 1, 8..12)]);
    let asked = day(json!(["ada@x", "ADA@x"]));
    let first = service.post(PATH, &asked).await.is(200).json();
    assert_eq!(first["windows"][0]["start"], "2026-03-09T08:00:00Z");
    assert_eq!(service.post(PATH, &asked).await.is(200).json(), first);
    assert_eq!(service.availability.times_sent(), 1);
    service.availability.put_people(vec![person("ada@x", 2, 14..16)]);
    let changed = service.post(PATH, &asked).await.is(200).json();
    assert_eq!(changed["windows"][0]["start"], "2026-03-09T14:00:00Z");
}
