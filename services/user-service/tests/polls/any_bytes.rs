use axum::http::Method;
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Value, json};

use crate::support::{Service, poll, with};

/// Texts and values that stand where others are expected.
fn value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        Just("2026-02-30".to_owned()),
        Just("2026-03-08T02:30:00".to_owned()),
        Just("-9999-01-01T00:00:00Z".to_owned()),
        Just("24:00".to_owned()),
        Just("america/new_york".to_owned()),
        Just("\u{0}".to_owned()),
        "\\PC{0,12}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("start|end|level|day|from|to|date|ranges", inner, 0..4)
                .prop_map(|members| json!(members)),
        ]
    })
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..60)
}

#[test]
fn no_bytes_are_a_fault_of_the_service() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (service, made, ada) = runtime.block_on(async {
        let [service, _] = Service::both().await;
        service.person("ada@example.com", json!({})).await;
        let made = service.poll(json!({})).await;
        let ada = service.join(&made, "Ada", json!({})).await;
        (service, made, ada)
    });
    let answer =
        json!({"ranges": [{"start": "2026-03-06T08:00:00Z", "end": "2026-03-06T09:00:00Z", "level": "yes"}]});
    let operations = [
        (Method::POST, "/polls".to_owned(), poll()),
        (Method::PATCH, made.path.clone(), poll()),
        (Method::POST, format!("{}/duplicate", made.path), poll()),
        (Method::POST, format!("{}/participants", made.path), json!({"name": "x", "time_zone": "UTC"})),
        (Method::PATCH, ada.path.clone(), json!({"name": "x"})),
        (Method::PUT, format!("{}/answer", ada.path), answer),
        (Method::PUT, format!("{}/decision", made.path), json!({"start": "2026-03-06T08:00:00Z"})),
        (
            Method::PUT,
            "/users/ada@example.com/schedule".to_owned(),
            json!({"time_zone": "UTC", "weekly": []}),
        ),
        (Method::POST, "/schedules/batch".to_owned(), json!({"emails": ["a"]})),
    ];
    let input = (0..operations.len(), any::<prop::sample::Index>(), value(), bytes(), any::<bool>());
    let case =
        |(operation, member, value, bytes, is_json): (usize, prop::sample::Index, Value, Vec<u8>, bool)| {
            let (method, path, body) = &operations[operation];
            let names: Vec<&String> = body.as_object().unwrap().keys().collect();
            let changed = with(body.clone(), json!({ names[member.index(names.len())]: value }));
            let text =
                if is_json { changed.to_string() } else { String::from_utf8_lossy(&bytes).into_owned() };
            let bearer = format!("Bearer {}", made.admin);
            let headers = [("authorization", bearer.as_str())];
            let reply = runtime.block_on(service.ask(method.clone(), path, &headers, &text));
            prop_assert!(!reply.status.is_server_error(), "{method} {path} {text}: {}", reply.text);
            Ok(())
        };
    TestRunner::new(ProptestConfig { cases: 600, ..ProptestConfig::default() }).run(&input, case).unwrap();
}
