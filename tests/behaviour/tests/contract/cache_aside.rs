//! `/user-avail/cache-aside`.

use behaviour::{Stage, people};
use serde_json::json;

behaviour::in_every_form![
    a_person_is_read_whole_from_the_database_and_from_the_cache,
    an_unknown_person_is_named_in_the_message,
    the_parameter_is_required,
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
