//! `/users`: create, read, replace, delete.

use behaviour::{Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    a_created_person_is_returned_with_a_whole_sorted_week,
    the_same_content_again_is_no_conflict,
    other_content_is_a_conflict_and_changes_nothing,
    an_unknown_person_is_not_found,
    a_replaced_person_has_the_new_content_only,
    an_unknown_person_cannot_be_replaced,
    the_address_in_the_body_has_to_be_the_one_in_the_path,
    a_deleted_person_is_gone_and_can_be_created_again,
    a_refused_body_changes_nothing,
    a_change_of_what_was_changed_since_is_refused,
];

async fn a_created_person_is_returned_with_a_whole_sorted_week(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("created");
    let given = json!({"email": email, "availabilities": {"Tuesday": [17, 9, 9, 10], "FRIDAY": [0, 23], "sUnDaY": []}});
    let created = stage.api.post("/users/users", &given).await?.is(201).json();
    let week = people::week(&json!({"tuesday": [9, 10, 17], "friday": [0, 23]}));
    assert_eq!(created["availabilities"], week, "all seven days, sorted, unique, of names in any case");
    assert_eq!(created["preferences"], "first", "the default");
    assert_eq!(created["email"], email);
    let names: Vec<&String> = created.as_object().unwrap().keys().collect();
    assert_eq!(names, ["availabilities", "created_at", "email", "preferences"]);
    let created_at = created["created_at"].as_str().unwrap();
    assert!(created_at.len() == 27 && created_at.ends_with('Z'), "RFC 3339 with microseconds: {created_at}");

    let read = stage.api.get(&people::path(&email)).await?.is(200).json();
    assert_eq!(read, created);
    Ok(())
}

async fn the_same_content_again_is_no_conflict(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("again");
    let body = people::body(&email, &json!({"monday": [9, 10]}), "last");
    let created = stage.api.post("/users/users", &body).await?.is(201).json();
    let written_otherwise =
        people::body(&format!(" {email} "), &json!({"MONDAY": [10, 9, 9], "sunday": []}), "last");
    for body in [&body, &written_otherwise] {
        let again = stage.api.post("/users/users", body).await?.is(200).json();
        assert_eq!(again, created, "the stored record");
    }
    Ok(())
}

async fn other_content_is_a_conflict_and_changes_nothing(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let before = stage.api.get(&people::path(&email)).await?.is(200).json();
    let upper = email.to_uppercase();
    for body in [
        people::body(&email, &json!({"monday": [9, 10]}), "first"),
        people::body(&email, &json!({"monday": [9]}), "last"),
        people::body(&upper, &json!({"tuesday": [1]}), "first"),
    ] {
        let refused = stage.api.post("/users/users", &body).await?.is(409).json();
        assert_eq!(refused["detail"][0]["loc"], json!(["internal"]));
        assert_eq!(refused["detail"][0]["type"], "http_error");
        for path in [people::path(&email), people::cached_path(&email)] {
            assert_eq!(stage.api.get(&path).await?.is(200).json(), before, "{body} left no trace");
        }
    }
    Ok(())
}

async fn an_unknown_person_is_not_found(stage: &Stage) -> anyhow::Result<()> {
    for email in [people::fresh_address("nobody"), "no-address@".to_owned(), "@".to_owned()] {
        stage.api.get(&people::path(&email)).await?.says(404, "User Not Found");
        stage.api.delete(&people::path(&email)).await?.says(404, "User Not Found");
    }
    Ok(())
}

async fn a_replaced_person_has_the_new_content_only(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9], "sunday": [1]}), "random").await?;
    let created = stage.api.get(&people::path(&email)).await?.is(200).json();
    let body = json!({"email": email, "availabilities": {"friday": [12, 11]}});
    let replaced = stage.api.put(&people::path(&email), &body).await?.is(200).json();
    assert_eq!(replaced["availabilities"], people::week(&json!({"friday": [11, 12]})));
    assert_eq!(replaced["preferences"], "first", "as in POST, the default where none is given");
    assert_eq!(replaced["created_at"], created["created_at"], "the same person");
    assert_eq!(stage.api.get(&people::path(&email)).await?.is(200).json(), replaced);
    assert_eq!(stage.api.get(&people::cached_path(&email)).await?.is(200).json(), replaced);
    // Again: replacing is idempotent.
    assert_eq!(stage.api.put(&people::path(&email), &body).await?.is(200).json(), replaced);
    Ok(())
}

async fn an_unknown_person_cannot_be_replaced(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("nobody");
    let body = people::body(&email, &json!({"monday": [9]}), "first");
    stage.api.put(&people::path(&email), &body).await?.says(404, "User Not Found");
    stage.api.get(&people::path(&email)).await?.is(404);
    Ok(())
}

async fn the_address_in_the_body_has_to_be_the_one_in_the_path(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let other = people::create(&stage.api, json!({"monday": [10]}), "first").await?;
    let before = stage.api.get(&people::path(&email)).await?.is(200).json();
    let body = people::body(&other, &json!({"tuesday": [9]}), "first");
    let refused = stage.api.put(&people::path(&email), &body).await?.is(400).json();
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "email"]));
    assert_eq!(stage.api.get(&people::path(&email)).await?.is(200).json(), before);

    // The same address in other letters is no other address.
    let body = people::body(&email.to_uppercase(), &json!({"tuesday": [9]}), "first");
    let replaced = stage.api.put(&people::path(&email), &body).await?.is(200).json();
    assert_eq!(replaced["availabilities"], people::week(&json!({"tuesday": [9]})));
    Ok(())
}

async fn a_deleted_person_is_gone_and_can_be_created_again(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    stage.api.get(&people::cached_path(&email)).await?.is(200);
    let deleted = stage.api.delete(&people::path(&email)).await?.is(204);
    assert!(deleted.body.is_empty());
    stage.api.delete(&people::path(&email)).await?.says(404, "User Not Found");
    stage.api.get(&people::path(&email)).await?.says(404, "User Not Found");
    stage.api.get(&people::cached_path(&email)).await?.is(404);

    let other = people::body(&email, &json!({"sunday": [3]}), "last");
    let created = stage.api.post("/users/users", &other).await?.is(201).json();
    assert_eq!(stage.api.get(&people::cached_path(&email)).await?.is(200).json(), created);
    Ok(())
}

async fn a_refused_body_changes_nothing(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("refused");
    let bad = people::body(&email, &json!({"monday": [99]}), "first");
    stage.api.post("/users/users", &bad).await?.is(400);
    stage.api.get(&people::path(&email)).await?.is(404);

    let good = people::body(&email, &json!({"monday": [9]}), "first");
    let created = stage.api.post("/users/users", &good).await?.is(201).json();
    stage.api.put(&people::path(&email), &bad).await?.is(400);
    assert_eq!(stage.api.get(&people::path(&email)).await?.is(200).json(), created);
    Ok(())
}

async fn a_change_of_what_was_changed_since_is_refused(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let path = people::path(&email);
    let with = async |method: Method, (name, value): (&str, &str), body: &Value| {
        stage.api.call(method, &path).header(name, value).json(body).send().await
    };
    let seen = stage.api.get(&path).await?.is(200).header("etag").to_owned();
    assert!(seen.starts_with('"') && seen.ends_with('"'), "a strong one: {seen}");
    let body = people::body(&email, &json!({"monday": [10]}), "first");
    let changed = with(Method::PUT, ("if-match", &seen), &body).await?.is(200);
    let other = people::body(&email, &json!({"monday": [11]}), "last");
    for method in [Method::PUT, Method::DELETE] {
        with(method, ("if-match", &seen), &other).await?.is(412);
    }
    for path in [path.clone(), people::cached_path(&email), people::cached_path(&email)] {
        let read = stage.api.get(&path).await?.is(200);
        assert_eq!((read.json(), read.header("etag")), (changed.json(), changed.header("etag")), "{path}");
        let again = stage.api.call(Method::GET, &path).header("if-none-match", changed.header("etag"));
        let again = again.send().await?.is(304);
        assert!(again.body.is_empty());
    }
    with(Method::DELETE, ("if-match", changed.header("etag")), &Value::Null).await?.is(204);
    with(Method::PUT, ("if-match", "*"), &other).await?.is(404);
    Ok(())
}
