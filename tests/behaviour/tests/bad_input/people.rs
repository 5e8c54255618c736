//! Bodies of `POST /users` and `PUT /users/{email}`.

use behaviour::people;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Faults, each_body_is_refused, no_objects, on_stage};

const EMAIL: &str = "ada@example.com";

/// One body for each way to be wrong, with all its faults.
fn table() -> Vec<(Vec<u8>, Faults)> {
    let mut table = no_objects();
    table.push((b"{}".to_vec(), vec![(json!(["body", "email"]), "missing"), week_fault(&[], "missing")]));
    for (email, kind) in emails() {
        let body = json!({"email": email, "availabilities": {}});
        table.push((body.to_string().into(), vec![(json!(["body", "email"]), kind)]));
    }
    for (week, fault) in weeks() {
        let body = json!({"email": EMAIL, "availabilities": week});
        table.push((body.to_string().into(), vec![fault]));
    }
    for (preference, kind) in [
        (json!("zzz"), "value_error"),
        (json!("First"), "value_error"),
        (json!(""), "value_error"),
        (json!(1), "string_type"),
        (json!(["first"]), "string_type"),
        (json!(false), "string_type"),
    ] {
        let body = json!({"email": EMAIL, "availabilities": {}, "preferences": preference});
        table.push((body.to_string().into(), vec![(json!(["body", "preferences"]), kind)]));
    }
    table.push(everything_at_once());
    // Two spellings of one day, which a client would not notice if the later one silently won.
    let twice = format!(r#"{{"email":"{EMAIL}","availabilities":{{"Monday":[1],"monday":[2]}}}}"#);
    table.push((twice.into(), vec![week_fault(&[json!("monday")], "value_error")]));
    for (members, place, kind) in [
        (r#""preference":"last""#, json!(["body", "preference"]), "extra_forbidden"),
        (r#""preferences":"last","preferences":"first""#, json!(["body", "preferences"]), "value_error"),
        (r#""availabilities":{}"#, json!(["body", "availabilities"]), "value_error"),
        (r#""x":1,"x":1"#, json!(["body", "x"]), "value_error"),
    ] {
        let body = format!(r#"{{"email":"{EMAIL}","availabilities":{{}},{members}}}"#);
        table.push((body.into(), vec![(place, kind)]));
    }
    let twice = format!(r#"{{"email":"{EMAIL}","availabilities":{{"monday":[1],"monday":[2]}}}}"#);
    table.push((twice.into(), vec![week_fault(&[json!("monday")], "value_error")]));
    table
}

fn emails() -> Vec<(Value, &'static str)> {
    let mut emails: Vec<(Value, &str)> = [Value::Null, json!(5), json!(true), json!([]), json!({"a": 1})]
        .into_iter()
        .map(|email| (email, "string_type"))
        .collect();
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long = format!("{}@{}.com", "a".repeat(64), "b.".repeat(120));
    for text in [
        "",
        " ",
        "ada",
        "@",
        "@example.com",
        "ada@",
        "a b@example.com",
        "ada@@example.com",
        "ada@exa mple.com",
        "ada@.com",
        "ada@example..com",
        ".ada@example.com",
        "ada.@example.com",
        "a..b@example.com",
        "Ada <ada@example.com>",
        "ada@example",
        "ada@-example.com",
        "ada\u{0}@example.com",
        "ada\n@example.com",
        "\"a\u{7}\"@example.com",
        "ada@[127.0.0.1]",
        &long_local,
        &long,
    ] {
        emails.push((json!(text), "value_error"));
    }
    emails
}

fn weeks() -> Vec<(Value, (Value, &'static str))> {
    let mut weeks = Vec::new();
    for week in [Value::Null, json!([]), json!("monday"), json!(9), json!([["monday", 9]])] {
        weeks.push((week, week_fault(&[], "dict_type")));
    }
    for day in ["blursday", "", "mon", "monday ", "0", "availabilities", "mönday", "\u{0}"] {
        weeks.push((json!({day: [9]}), week_fault(&[json!(day)], "value_error")));
    }
    for hours in [Value::Null, json!(9), json!("9"), json!({"from": 9}), json!(true)] {
        weeks.push((json!({"monday": hours}), week_fault(&[json!("monday")], "list_type")));
    }
    for hour in [json!(24), json!(99), json!(-1), json!(256), json!(u64::MAX), json!(i64::MIN)] {
        weeks.push((json!({"friday": [9, hour]}), week_fault(&[json!("friday"), json!(1)], "value_error")));
    }
    for hour in
        [json!("9"), json!(9.5), json!(9.0), json!(1e300), json!(null), json!(true), json!([9]), json!({})]
    {
        weeks.push((json!({"friday": [hour]}), week_fault(&[json!("friday"), json!(0)], "int_type")));
    }
    weeks
}

fn week_fault(at: &[Value], kind: &'static str) -> (Value, &'static str) {
    (json!(["body", "availabilities"].map(Value::from).iter().chain(at).collect::<Vec<_>>()), kind)
}

fn everything_at_once() -> (Vec<u8>, Faults) {
    let week = json!({"blursday": [1], "monday": [25, "x"], "sunday": 1});
    let body = json!({"email": 1, "availabilities": week, "preferences": "zzz"});
    let faults = vec![
        (json!(["body", "email"]), "string_type"),
        (json!(["body", "preferences"]), "value_error"),
        week_fault(&[json!("blursday")], "value_error"),
        week_fault(&[json!("monday"), json!(0)], "value_error"),
        week_fault(&[json!("monday"), json!(1)], "int_type"),
        week_fault(&[json!("sunday")], "list_type"),
    ];
    (body.to_string().into(), faults)
}

#[test]
fn every_fault_of_a_new_person_is_named_at_its_place() -> anyhow::Result<()> {
    on_stage(async |stage| each_body_is_refused(stage, Method::POST, "/users/users", 400, table()).await)
}

#[test]
fn every_fault_of_a_replacement_is_named_at_its_place() -> anyhow::Result<()> {
    on_stage(async |stage| each_body_is_refused(stage, Method::PUT, &people::path(EMAIL), 400, table()).await)
}

#[test]
fn a_replacement_for_somebody_else_is_a_fault_of_the_address() -> anyhow::Result<()> {
    on_stage(async |stage| {
        let body = people::body("grace@example.com", &json!({}), "first");
        let reply = stage.api.put(&people::path(EMAIL), &body).await?;
        reply.refuses(400, &[(json!(["body", "email"]), "value_error")]);
        Ok(())
    })
}

#[test]
fn fields_that_nobody_knows_are_passed_over() -> anyhow::Result<()> {
    on_stage(async |stage| {
        let email = people::fresh_address("more");
        let body = json!({"email": email, "availabilities": {}, "preferences": null, "__proto__": {"x": 1}, "id": 7});
        let created = stage.api.post("/users/users", &body).await?.is(201).json();
        assert_eq!(created["preferences"], "first");
        assert_eq!(created.as_object().unwrap().len(), 4);
        Ok(())
    })
}
