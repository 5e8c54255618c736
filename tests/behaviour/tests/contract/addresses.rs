//! Any valid address works, everywhere, and is found in any case.

use behaviour::{Reply, Stage, jobs, people};
use serde_json::json;
use uuid::Uuid;

behaviour::in_every_form![
    any_valid_address_lives_a_whole_life,
    look_ups_ignore_case_and_blanks_around,
    the_domain_is_stored_in_lower_case_and_the_local_part_as_given,
    an_address_may_stand_unencoded_in_a_path,
    other_letters_are_other_people,
    spellings_of_one_address_are_one_person,
    a_wrong_character_is_named_with_its_position,
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
        "jo\u{308}rg",
        "สมชาย",
        "குமார்",
        "👩\u{200d}💻❤\u{fe0f}",
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
    .chain(["exämple.com", "โดเมน.ไทย", "உதாரணம்.இந்தியா"].map(|domain| format!("a@{unique}.{domain}")))
    .chain([format!("{}@example.com", &unique.repeat(2))])
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

/// A person who is free on Mondays at this hour.
async fn create(stage: &Stage, email: &str, hour: u8) -> anyhow::Result<Reply> {
    stage.api.post("/users/users", &people::body(email, &json!({"monday": [hour]}), "first")).await
}

async fn other_letters_are_other_people(stage: &Stage) -> anyhow::Result<()> {
    let unique = Uuid::new_v4().simple().to_string();
    for (one, other) in [
        ("mike", "mıke"),
        ("mike2", "m\u{130}ke2"),
        ("mike3", "mi\u{212a}e3"),
        ("strasse", "straße"),
        ("sam", "ſam"),
        ("jörg", "JÖRG"),
    ]
    .map(|(one, other)| (format!("{one}{unique}@example.com"), format!("{other}{unique}@example.com")))
    .into_iter()
    .chain([(format!("a@{unique}.weiss.example"), format!("a@{unique}.weiß.example"))])
    {
        let stored = create(stage, &one, 9).await?.is(201).json();
        for path in [people::path(&other), people::cached_path(&other)] {
            stage.api.get(&path).await?.is(404);
        }
        stage.api.put(&people::path(&other), &people::body(&other, &json!({}), "first")).await?.is(404);
        stage.api.delete(&people::path(&other)).await?.is(404);
        let (one_id, other_id) = (people::encode(&one), people::encode(&other));
        let shared = format!("/availability/availabilities?userId1={one_id}&userId2={other_id}");
        stage.api.get(&shared).await?.is(404);

        create(stage, &other, 10).await?.is(201);
        for _then_from_the_cache in 0..2 {
            assert_eq!(stage.api.get(&people::cached_path(&one)).await?.is(200).json(), stored);
            let found = stage.api.get(&people::cached_path(&other)).await?.is(200).json();
            assert_eq!((&found["email"], &found["availabilities"]["monday"]), (&json!(other), &json!([10])));
        }
        stage.api.delete(&people::path(&other)).await?.is(204);
        assert_eq!(stage.api.get(&people::path(&one)).await?.is(200).json(), stored);
    }
    Ok(())
}

async fn spellings_of_one_address_are_one_person(stage: &Stage) -> anyhow::Result<()> {
    let unique = Uuid::new_v4().simple().to_string();
    let stored = create(stage, &format!("jo\u{308}rg@{unique}.Bücher.example"), 9).await?.is(201).json();
    assert_eq!(
        stored["email"],
        format!("jo\u{308}rg@{unique}.bücher.example"),
        "in lower case, but as it was given"
    );
    for spelling in
        ["j\u{f6}rg@UNIQUE.xn--bcher-kva.example", "Jo\u{308}RG@unique.BU\u{308}CHER\u{3002}example"]
    {
        let spelling = spelling.replace("UNIQUE", &unique).replace("unique", &unique.to_uppercase());
        assert_eq!(create(stage, &spelling, 9).await?.is(200).json(), stored, "{spelling}");
        for path in [people::path(&spelling), people::cached_path(&spelling)] {
            assert_eq!(stage.api.get(&path).await?.is(200).json(), stored, "{spelling}");
        }
        let id = people::encode(&spelling);
        let suggested = format!("/suggestion/suggestions?userId1={id}&userId2={id}");
        let suggested = stage.api.get(&suggested).await?.is(200).json();
        assert_eq!(suggested["suggestions"], json!([{"day": "monday", "slot": [9, 10]}]), "{spelling}");
        let job = jobs::post(&stage.api, &spelling, &spelling).await?;
        assert_eq!(jobs::ended(&stage.api, &job).await?["state"], "succeeded", "{spelling}");
    }
    Ok(())
}

async fn a_wrong_character_is_named_with_its_position(stage: &Stage) -> anyhow::Result<()> {
    for (email, named) in [
        ("สม ชาย@example.com", "character 3, ' ' (U+0020)"),
        ("ada@exa_mple.com", "character 8, '_' (U+005F)"),
        (" a\u{202e}b@example.com", "character 3, '\\u{202e}' (U+202E)"),
    ] {
        let refused =
            create(stage, email, 9).await?.refuses(400, &[(json!(["body", "email"]), "value_error")]);
        let msg = refused.json()["detail"][0]["msg"].to_string().replace("\\\\", "\\");
        assert!(msg.contains(named), "{email}: {msg}");
    }
    Ok(())
}
