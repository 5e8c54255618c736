//! `/user-avail/cache-aside` and the batch beside it.

use behaviour::{Stage, people};
use serde_json::{Value, json};

behaviour::in_every_form![
    a_person_is_read_whole_from_the_database_and_from_the_cache,
    an_unknown_person_is_named_in_the_message,
    the_parameter_is_required,
    a_batch_answers_in_the_order_of_the_question,
    a_batch_has_one_to_a_hundred_people,
];

async fn a_person_is_read_whole_from_the_database_and_from_the_cache(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9, 10]}), "random").await?;
    let stored = stage.api.get(&people::path(&email)).await?.is(200).json();
    assert!(stored["availabilities"].is_object());
    for read in 0..6 {
        let reply = stage.api.get(&people::cached_path(&email)).await?.is(200);
        assert_eq!(reply.json(), stored, "read {read}");
        assert!(reply.header("content-type").starts_with("application/json"), "read {read}");
    }
    Ok(())
}

async fn an_unknown_person_is_named_in_the_message(stage: &Stage) -> anyhow::Result<()> {
    for email in [people::fresh_address("Nobody"), "x' OR '1'='1".to_owned()] {
        let expected = format!("User {email} not found in database");
        stage.api.get(&people::cached_path(&email)).await?.says(404, &expected);
    }
    Ok(())
}

async fn the_parameter_is_required(stage: &Stage) -> anyhow::Result<()> {
    let path = "/users/user-avail/cache-aside";
    for query in ["", "?", "?user2email=a@example.com", "?USER1EMAIL=a@example.com"] {
        let reply = stage.api.get(&format!("{path}{query}")).await?;
        reply.refuses(400, &[(json!(["query", "user1email"]), "missing")]);
    }
    let reply = stage.api.get(&format!("{path}?user1email=")).await?;
    reply.refuses(400, &[(json!(["query", "user1email"]), "string_too_short")]);
    Ok(())
}

async fn a_batch_answers_in_the_order_of_the_question(stage: &Stage) -> anyhow::Result<()> {
    let one = people::create(&stage.api, json!({"monday": [9]}), "last").await?;
    let other = people::create(&stage.api, json!({"friday": [9]}), "first").await?;
    let nobody = people::fresh_address("nobody");
    let asked = [&other, &nobody, &one, &other.to_uppercase()];
    let query: Vec<String> = asked.iter().map(|email| format!("email={}", people::encode(email))).collect();
    let path = format!("/users/user-avail/batch?{}", query.join("&"));
    let one = stage.api.get(&people::path(&one)).await?.is(200).json();
    let other = stage.api.get(&people::path(&other)).await?.is(200).json();
    for _ in 0..3 {
        let answer = stage.api.get(&path).await?.is(200).json();
        assert_eq!(answer, json!({"people": [other, Value::Null, one, other]}));
    }
    Ok(())
}

async fn a_batch_has_one_to_a_hundred_people(stage: &Stage) -> anyhow::Result<()> {
    let question =
        |count: usize| format!("/users/user-avail/batch?{}", vec!["email=a%40example.com"; count].join("&"));
    for count in [1, 100] {
        let answer = stage.api.get(&question(count)).await?.is(200).json();
        assert_eq!(answer["people"].as_array().unwrap().len(), count);
    }
    stage.api.get(&question(0)).await?.refuses(400, &[(json!(["query", "email"]), "missing")]);
    stage.api.get(&question(101)).await?.is(400);
    Ok(())
}
