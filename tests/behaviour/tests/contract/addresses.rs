//! Any valid address works, everywhere, and is found in any case.

use behaviour::{Stage, people};
use serde_json::json;
use uuid::Uuid;

behaviour::in_every_form![
    any_valid_address_lives_a_whole_life,
    look_ups_ignore_case_and_blanks_around,
    the_domain_is_stored_in_lower_case_and_the_local_part_as_given,
    an_address_may_stand_unencoded_in_a_path,
];

/// Addresses that break careless code: quotes, separators of URLs, percent signs, blanks, letters beyond ASCII.
fn awkward_addresses() -> Vec<String> {
    let unique = Uuid::new_v4().simple().to_string();
    [
        "o'brien",
        "a+b",
        "a/b",
        "a%2Fb",
        "a?b=c&d",
        "a#b",
        "{a}",
        "\"a b\"",
        "\"a@b\"",
        "\"a\\\"b\"",
        "\"../x\"",
        "jörg",
        "a_b",
        "health",
        "-",
        "100%",
    ]
    .iter()
    .map(|local| match local.strip_suffix('"') {
        Some(quoted) => format!("{quoted}{unique}\"@example.com"),
        None => format!("{local}{unique}@example.com"),
    })
    .chain([format!("a@{unique}.exämple.com"), format!("{}@example.com", &unique.repeat(2))])
    .collect()
}

async fn any_valid_address_lives_a_whole_life(stage: &Stage) -> anyhow::Result<()> {
    let friend = people::create(&stage.api, json!({"monday": [8, 9]}), "first").await?;
    for email in awkward_addresses() {
        let body = people::body(&email, &json!({"monday": [9]}), "first");
        let created = stage.api.post("/users/users", &body).await?.is(201).json();
        assert_eq!(created["email"], email);
        for path in [people::path(&email), people::cached_path(&email), people::cached_path(&email)] {
            assert_eq!(stage.api.get(&path).await?.is(200).json(), created);
        }
        let (id, friend) = (people::encode(&email), people::encode(&friend));
        let shared = format!("/availability/availabilities?userId1={id}&userId2={friend}");
        let shared = stage.api.get(&shared).await?.is(200).json();
        assert_eq!(shared["common_availabilities"]["monday"], json!([9]), "{email}");
        let suggested = format!("/suggestion/suggestions?userId1={friend}&userId2={id}");
        let suggested = stage.api.get(&suggested).await?.is(200).json();
        assert_eq!(suggested["suggestions"], json!([{"day": "monday", "slot": [9, 10]}]), "{email}");

        let body = people::body(&email, &json!({"sunday": [1]}), "last");
        let replaced = stage.api.put(&people::path(&email), &body).await?.is(200).json();
        assert_eq!(stage.api.get(&people::cached_path(&email)).await?.is(200).json(), replaced);
        stage.api.delete(&people::path(&email)).await?.is(204);
        stage.api.get(&people::cached_path(&email)).await?.is(404);
    }
    Ok(())
}

async fn look_ups_ignore_case_and_blanks_around(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let stored = stage.api.get(&people::path(&email)).await?.is(200).json();
    for written in [email.to_uppercase(), email.replace("example", "ExAmple"), format!(" {email}\u{a0} ")] {
        for path in [people::path(&written), people::cached_path(&written)] {
            assert_eq!(stage.api.get(&path).await?.is(200).json(), stored, "{written:?}");
        }
        let id = people::encode(&written);
        let path = format!("/availability/availabilities?userId1={id}&userId2={id}");
        assert_eq!(stage.api.get(&path).await?.is(200).json()["common_availabilities"]["monday"], json!([9]));
    }
    stage.api.delete(&people::path(&email.to_uppercase())).await?.is(204);
    stage.api.get(&people::cached_path(&email)).await?.is(404);
    Ok(())
}

async fn the_domain_is_stored_in_lower_case_and_the_local_part_as_given(stage: &Stage) -> anyhow::Result<()> {
    let local = format!("Ada.{}", Uuid::new_v4().simple());
    let body = people::body(&format!("\t{local}@Example.COM\n"), &json!({"monday": [9]}), "first");
    let created = stage.api.post("/users/users", &body).await?.is(201).json();
    assert_eq!(created["email"], format!("{local}@example.com"));
    Ok(())
}

async fn an_address_may_stand_unencoded_in_a_path(stage: &Stage) -> anyhow::Result<()> {
    let email = format!("o'brien+tag.{}@example.com", Uuid::new_v4().simple());
    let body = people::body(&email, &json!({"monday": [9]}), "first");
    let created = stage.api.post("/users/users", &body).await?.is(201).json();
    assert_eq!(stage.api.get(&format!("/users/users/{email}")).await?.is(200).json(), created);
    Ok(())
}
