//! Groups by body: `POST /availabilities` and `POST /suggestions`.

use behaviour::{Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    a_body_gets_the_reply_that_the_query_gets,
    a_hundred_of_the_longest_addresses_are_answered,
    who_is_unknown_is_named_where_they_were_asked_for,
    what_is_wrong_with_a_body_is_named,
    one_callers_mistake_is_nobody_elses_outage,
    the_batch_for_services_is_not_public,
];

const AVAILABILITIES: &str = "/availability/availabilities";
const SUGGESTIONS: &str = "/suggestion/suggestions";

/// About as long as the longest URL that the test's client can send.
const URL_BYTES: usize = 60_000;

/// An address of 254 bytes, the most that there can be.
fn longest_address() -> String {
    let local = format!("{:a<64}", people::fresh_address("").trim_matches('.').split('@').next().unwrap());
    format!("{local}@{}.{}.{}.com", "b".repeat(63), "c".repeat(63), "d".repeat(57))
}

fn query(ids: &[String]) -> String {
    ids.iter().map(|id| format!("userId={}", people::encode(id))).collect::<Vec<_>>().join("&")
}

async fn a_body_gets_the_reply_that_the_query_gets(stage: &Stage) -> anyhow::Result<()> {
    let mut ids = Vec::new();
    for preference in ["last", "first"] {
        ids.push(people::create(&stage.api, json!({"monday": [8, 9, 10]}), preference).await?);
    }
    for path in [AVAILABILITIES, SUGGESTIONS] {
        let by_query = stage.api.call(Method::GET, &format!("{path}?{}", query(&ids)));
        let by_query = by_query.header("Case-ID", "case-7").send().await?.is(200).json();
        let by_body = stage.api.call(Method::POST, path).json(&json!({"userIds": ids}));
        assert_eq!(by_body.header("Case-ID", "case-7").send().await?.is(200).json(), by_query);
    }
    let first = json!({"userIds": ids, "preference": "first"});
    let reply = stage.api.post(SUGGESTIONS, &first).await?.is(200).json();
    assert_eq!(reply["suggestions"], json!([{"day": "monday", "slot": [8, 9]}]));
    Ok(())
}

async fn a_hundred_of_the_longest_addresses_are_answered(stage: &Stage) -> anyhow::Result<()> {
    let mut ids = Vec::new();
    for _ in 0..100 {
        let email = longest_address();
        assert_eq!(email.len(), 254);
        let body = people::body(&email, &json!({"friday": [9]}), "first");
        stage.api.post("/users/users", &body).await?.is(201);
        ids.push(email);
    }
    let group = json!({"userIds": ids});
    let reply = stage.api.post(AVAILABILITIES, &group).await?.is(200).json();
    assert_eq!(reply["common_availabilities"], people::week(&json!({"friday": [9]})));
    let reply = stage.api.post(SUGGESTIONS, &group).await?.is(200).json();
    assert_eq!(reply["suggestions"], json!([{"day": "friday", "slot": [9, 10]}]));
    // What the documents promise of a question in the URL.
    let few = format!("{AVAILABILITIES}?{}", query(&ids[..30]));
    assert!(few.len() < 8_192, "{}", few.len());
    stage.api.get(&few).await?.is(200);
    Ok(())
}

async fn who_is_unknown_is_named_where_they_were_asked_for(stage: &Stage) -> anyhow::Result<()> {
    let known = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let ids = [known.clone(), people::fresh_address("Nobody+"), known, people::fresh_address("none")];
    for path in [AVAILABILITIES, SUGGESTIONS] {
        let by_query = stage.api.get(&format!("{path}?{}", query(&ids))).await?.is(404);
        let by_body = stage.api.post(path, &json!({"userIds": ids})).await?.is(404);
        for (reply, place, field) in [(by_query, "query", "userId"), (by_body, "body", "userIds")] {
            let detail = reply.json()["detail"].clone();
            let named: Vec<Value> = [1, 3]
                .map(|index| {
                    let msg = format!("User {} not found", ids[index]);
                    json!({"loc": [place, field, index], "msg": msg, "type": "value_error", "code": "not_found"})
                })
                .into();
            assert_eq!(detail, json!(named), "{path}");
        }
    }
    Ok(())
}

async fn what_is_wrong_with_a_body_is_named(stage: &Stage) -> anyhow::Result<()> {
    for path in [AVAILABILITIES, SUGGESTIONS] {
        for (body, loc, kind) in [
            (json!({}), json!(["body", "userIds"]), "missing"),
            (json!([]), json!(["body"]), "dict_type"),
            (json!({"userIds": "a"}), json!(["body", "userIds"]), "list_type"),
            (json!({"userIds": ["a"]}), json!(["body", "userIds"]), "value_error"),
            (json!({"userIds": vec!["a"; 101]}), json!(["body", "userIds"]), "value_error"),
            (json!({"userIds": ["a", 5]}), json!(["body", "userIds", 1]), "string_type"),
            (json!({"userIds": ["a", " "]}), json!(["body", "userIds", 1]), "string_too_short"),
            (json!({"userIds": ["a", "x".repeat(321)]}), json!(["body", "userIds", 1]), "string_too_long"),
            (json!({"userIds": ["a", "b"], "userId1": "a"}), json!(["body", "userId1"]), "extra_forbidden"),
            (
                json!({"userIds": ["a", "b"], "preferences": "last"}),
                json!(["body", "preferences"]),
                "extra_forbidden",
            ),
        ] {
            stage.api.post(path, &body).await?.refuses(400, &[(loc, kind)]);
        }
        let twice = r#"{"userIds":["a","b"],"userIds":["c","d"]}"#;
        let reply = stage.api.call(Method::POST, path).header("content-type", "application/json").body(twice);
        reply.send().await?.refuses(400, &[(json!(["body", "userIds"]), "value_error")]);
    }
    Ok(())
}

async fn one_callers_mistake_is_nobody_elses_outage(stage: &Stage) -> anyhow::Result<()> {
    let known = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let fine = format!("{SUGGESTIONS}?userId1={0}&userId2={0}", people::encode(&known));
    let odd: Vec<String> = ["!", "\"", "\u{1F600}"].map(|letter| letter.repeat(320)).into();
    for id in odd {
        let raw =
            format!("{SUGGESTIONS}?{}", query(&vec![id.clone(); URL_BYTES / people::encode(&id).len()]));
        let group = vec![id; 100];
        for _more_than_open_a_breaker in 0..6 {
            // A gateway may refuse the URL itself, in any shape; what counts is what the others get.
            let reply = stage.api.call(Method::GET, &raw).send_unchecked().await?;
            assert!((400..500).contains(&reply.status), "{} {}", reply.status, reply.text());
            let reply = stage.api.post(SUGGESTIONS, &json!({"userIds": group})).await?;
            assert!(matches!(reply.status, 404 | 413), "{} {}", reply.status, reply.text());
            stage.api.get(&fine).await?.is(200);
        }
    }
    Ok(())
}

async fn the_batch_for_services_is_not_public(stage: &Stage) -> anyhow::Result<()> {
    let body = json!({"emails": ["ada@example.com"]});
    for path in [
        "/users/user-avail/batch",
        "/users/user-avail/batch/",
        "/users//user-avail/batch",
        "/users/../user-avail/batch",
        "/users/%2e%2e/user-avail/batch",
        "/user-avail/batch",
        "/users/users/../../user-avail/batch",
        "/availability/../user-avail/batch",
    ] {
        let reply = stage.api.call(Method::POST, path).json(&body).send_unchecked().await?;
        assert!(matches!(reply.status, 404 | 405), "{path}: {} {}", reply.status, reply.text());
        let reply = stage.api.call(Method::GET, &format!("{path}?email=ada@example.com"));
        let reply = reply.send_unchecked().await?;
        assert!(matches!(reply.status, 404 | 405), "{path}: {} {}", reply.status, reply.text());
    }
    Ok(())
}
