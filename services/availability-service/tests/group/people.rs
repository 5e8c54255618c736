use serde_json::{Value, json};

use crate::{Service, users::person};

fn asked(interval: Option<u32>) -> Value {
    let mut body = json!({"people": ["ada", "nobody"], "from": "2026-03-09T08:00:00Z",
        "to": "2026-03-09T11:30:00Z"});
    if let Some(interval) = interval {
        body["interval_minutes"] = interval.into();
    }
    body
}

#[tokio::test]
async fn one_unknown_person_does_not_fail_the_call() {
    let service = Service::new();
    let busy = json!([{"start": "2026-03-09T08:20:00Z", "end": "2026-03-09T08:40:00Z"}]);
    service.users.put_people(vec![person("ada", 1, busy)]);
    let reply = service.post("/availability/freebusy", &asked(Some(60)), &[]).await.is(200).json();
    // Free from 08:00Z to 11:00Z, the last hour if needed; busy from 08:15Z to 08:45Z.
    let expected = json!({"people": [{"person": "ada", "view": "0210",
        "busy": [{"start": "2026-03-09T08:15:00Z", "end": "2026-03-09T08:45:00Z"}]}],
        "errors": [{"person": "nobody", "reason": "not_found"}]});
    assert_eq!(reply, expected);
    let fine = service.post("/availability/freebusy", &asked(None), &[]).await.is(200).json();
    assert_eq!(fine["people"][0]["view"], "20022222111100");
}

#[tokio::test]
async fn every_fault_of_a_body_is_named() {
    let service = Service::new();
    for (member, value, loc, kind) in [
        ("people", json!([]), json!(["body", "people"]), "too_short"),
        ("people", json!("ada"), json!(["body", "people"]), "list_type"),
        ("people", json!([5]), json!(["body", "people", 0]), "string_type"),
        ("people", json!([" "]), json!(["body", "people", 0]), "string_too_short"),
        ("people", json!(vec!["a"; 1001]), json!(["body", "people"]), "too_long"),
        ("from", json!("2026-03-09"), json!(["body", "from"]), "value_error"),
        ("from", json!("2026-03-09T08:07:00Z"), json!(["body", "from"]), "value_error"),
        ("to", json!("2026-03-09T08:00:00Z"), json!(["body", "to"]), "value_error"),
        ("to", json!("2026-03-09T07:00:00Z"), json!(["body", "to"]), "value_error"),
        ("to", json!("2026-07-09T08:00:00Z"), json!(["body", "to"]), "value_error"),
        ("to", json!(5), json!(["body", "to"]), "string_type"),
        ("interval_minutes", json!(0), json!(["body", "interval_minutes"]), "value_error"),
        ("interval_minutes", json!(20), json!(["body", "interval_minutes"]), "value_error"),
        ("interval_minutes", json!(1455), json!(["body", "interval_minutes"]), "value_error"),
        ("interval_minutes", json!("15"), json!(["body", "interval_minutes"]), "int_type"),
        ("interval", json!(15), json!(["body", "interval"]), "extra_forbidden"),
    ] {
        let mut body = asked(None);
        body[member] = value.clone();
        let reply = service.post("/availability/freebusy", &body, &[]).await.is(400).json();
        let found: Vec<(&Value, &Value)> =
            reply["detail"].as_array().unwrap().iter().map(|fault| (&fault["loc"], &fault["type"])).collect();
        assert_eq!(found, [(&loc, &json!(kind))], "{member} {value}");
    }
    let reply = service.post("/availability/freebusy", &json!({}), &[]).await.is(400).json();
    assert_eq!(reply["detail"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn limits_are_told() {
    let limits = Service::new().get("/availability/limits", &[]).await.is(200).json();
    assert_eq!((&limits["freebusy_people"], &limits["heat_map_people"]), (&json!(1000), &json!(500)));
}
