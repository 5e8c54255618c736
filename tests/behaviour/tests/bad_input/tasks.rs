//! `/tasks`: orders, their keys, and the parameters of the list.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Faults, each_body_is_refused, no_objects, on_stage};

fn table() -> Vec<(Vec<u8>, Faults)> {
    let mut table = no_objects();
    let both = vec![(json!(["body", "userId1"]), "missing"), (json!(["body", "userId2"]), "missing")];
    table.push((b"{}".to_vec(), both.clone()));
    table.push((br#"{"userid1":"a","USERID2":"b"}"#.to_vec(), both));
    table.push((br#"{"userId1":"a"}"#.to_vec(), vec![(json!(["body", "userId2"]), "missing")]));
    let too_long = "x".repeat(321);
    for (value, kind) in [
        (Value::Null, "string_type"),
        (json!(5), "string_type"),
        (json!(["a@example.com"]), "string_type"),
        (json!({}), "string_type"),
        (json!(""), "string_too_short"),
        (json!(" \t"), "string_too_short"),
        (json!("a\u{0}b"), "value_error"),
        (json!("a\nb"), "value_error"),
        (json!(too_long), "string_too_long"),
    ] {
        for (name, other) in [("userId1", "userId2"), ("userId2", "userId1")] {
            let body = json!({name: value, other: "a@example.com"});
            table.push((body.to_string().into(), vec![(json!(["body", name]), kind)]));
        }
    }
    for (preference, kind) in [
        (json!("zzz"), "value_error"),
        (json!(""), "value_error"),
        (json!("LAST"), "value_error"),
        (json!(0), "string_type"),
        (json!([]), "string_type"),
    ] {
        let body = json!({"userId1": "a", "userId2": "b", "preference": preference});
        table.push((body.to_string().into(), vec![(json!(["body", "preference"]), kind)]));
    }
    for (members, name, kind) in [
        (r#""preferences":"last""#, "preferences", "extra_forbidden"),
        (r#""Preference":"last""#, "Preference", "extra_forbidden"),
        (r#""preference":"last","preference":"last""#, "preference", "value_error"),
        (r#""userId2":"c""#, "userId2", "value_error"),
    ] {
        let body = format!(r#"{{"userId1":"a","userId2":"b",{members}}}"#);
        table.push((body.into(), vec![(json!(["body", name]), kind)]));
    }
    let faults = ["userId1", "userId2", "preference"].map(|name| (json!(["body", name]), "string_type"));
    table.push((br#"{"userId1":1,"userId2":[],"preference":{}}"#.to_vec(), faults.to_vec()));
    table
}

#[test]
fn every_fault_of_an_order_is_named_at_its_place() -> anyhow::Result<()> {
    on_stage(async |stage| each_body_is_refused(stage, Method::POST, "/worker/tasks", 422, table()).await)
}

#[test]
fn an_unusable_key_is_named() -> anyhow::Result<()> {
    on_stage(async |stage| {
        let order = json!({"userId1": "a@example.com", "userId2": "b@example.com"});
        for key in [b"".to_vec(), vec![b'x'; 256], "schlüssel".into(), b"a\xff".to_vec()] {
            let call =
                stage.api.call(Method::POST, "/worker/tasks").header("Idempotency-Key", key).json(&order);
            call.send().await?.refuses(422, &[(json!(["header", "Idempotency-Key"]), "value_error")]);
        }
        let call = stage.api.call(Method::POST, "/worker/tasks").json(&order);
        let call = call.header("Idempotency-Key", "one").header("Idempotency-Key", "two");
        call.send().await?.refuses(422, &[(json!(["header", "Idempotency-Key"]), "value_error")]);
        Ok(())
    })
}

#[test]
fn every_unusable_parameter_of_the_list_is_named() -> anyhow::Result<()> {
    on_stage(async |stage| {
        for (query, name, kind) in [
            ("state=nope", "state", "value_error"),
            ("state=Queued", "state", "value_error"),
            ("state=", "state", "string_too_short"),
            ("state=queued%00", "state", "value_error"),
            ("limit=0", "limit", "value_error"),
            ("limit=101", "limit", "value_error"),
            ("limit=-1", "limit", "value_error"),
            ("limit=1.5", "limit", "value_error"),
            ("limit=99999999999999999999", "limit", "value_error"),
            ("limit=ten", "limit", "value_error"),
            ("after=nope", "after", "value_error"),
            ("after='%20OR%201=1", "after", "value_error"),
            ("after=%FF", "after", "value_error"),
        ] {
            let reply = stage.api.get(&format!("/worker/tasks?{query}")).await?;
            reply.refuses(422, &[(json!(["query", name]), kind)]);
        }
        let reply = stage.api.get("/worker/tasks?state=x&limit=0&after=y").await?;
        let faults = ["state", "limit", "after"].map(|name| (json!(["query", name]), "value_error"));
        reply.refuses(422, &faults);
        Ok(())
    })
}
