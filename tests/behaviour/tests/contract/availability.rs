//! `/availabilities`: what people share.

use behaviour::{Stage, people};
use serde_json::{Value, json};

behaviour::in_every_form![
    two_people_share_the_hours_that_both_have,
    a_group_shares_the_hours_that_everybody_has,
    a_group_has_2_to_100_people,
    somebody_unknown_is_a_404,
    missing_and_mixed_parameters_are_named,
];

fn pair(one: &str, other: &str) -> String {
    let (one, other) = (people::encode(one), people::encode(other));
    format!("/availability/availabilities?userId1={one}&userId2={other}")
}

fn group(people: &[impl AsRef<str>]) -> String {
    let ids: Vec<String> =
        people.iter().map(|id| format!("userId={}", people::encode(id.as_ref()))).collect();
    format!("/availability/availabilities?{}", ids.join("&"))
}

async fn two_people_share_the_hours_that_both_have(stage: &Stage) -> anyhow::Result<()> {
    let days = json!({"monday": [8, 9, 10], "tuesday": [1], "sunday": [0, 23]});
    let one = people::create(&stage.api, days, "first").await?;
    let other =
        people::create(&stage.api, json!({"monday": [10, 9], "friday": [1], "sunday": [23]}), "random")
            .await?;
    let week = people::week(&json!({"monday": [9, 10], "sunday": [23]}));
    let expected =
        json!({"common_availabilities": week, "user1preference": "first", "user2preference": "random"});
    assert_eq!(stage.api.get(&pair(&one, &other)).await?.is(200).json(), expected);
    let turned =
        json!({"common_availabilities": week, "user1preference": "random", "user2preference": "first"});
    assert_eq!(stage.api.get(&pair(&other, &one)).await?.is(200).json(), turned);

    let nothing = people::create(&stage.api, json!({}), "last").await?;
    let answer = stage.api.get(&pair(&one, &nothing)).await?.is(200).json();
    assert_eq!(answer["common_availabilities"], people::week(&json!({})), "all seven days, and all empty");
    Ok(())
}

async fn a_group_shares_the_hours_that_everybody_has(stage: &Stage) -> anyhow::Result<()> {
    let mut group_of_four = Vec::new();
    for (days, preference) in [
        (json!({"monday": [8, 9, 10]}), "first"),
        (json!({"monday": [9, 10, 11], "friday": [3]}), "last"),
        (json!({"monday": [9], "friday": [3]}), "random"),
    ] {
        group_of_four.push(people::create(&stage.api, days, preference).await?);
    }
    group_of_four.push(group_of_four[0].clone());
    let answer = stage.api.get(&group(&group_of_four)).await?.is(200).json();
    let preferences: Vec<Value> = ["first", "last", "random", "first"]
        .iter()
        .zip(&group_of_four)
        .map(|(preference, id)| json!({"userId": id, "preference": preference}))
        .collect();
    let common = people::week(&json!({"monday": [9]}));
    assert_eq!(answer, json!({"common_availabilities": common, "preferences": preferences}));
    Ok(())
}

async fn a_group_has_2_to_100_people(stage: &Stage) -> anyhow::Result<()> {
    let mut hundred = Vec::new();
    for number in 0..100 {
        let days = json!({"monday": [9, 10 + number % 3], "sunday": [number % 24]});
        hundred.push(people::create(&stage.api, days, "first").await?);
    }
    for size in [2, 100] {
        let answer = stage.api.get(&group(&hundred[..size])).await?.is(200).json();
        assert_eq!(answer["common_availabilities"], people::week(&json!({"monday": [9]})));
        assert_eq!(answer["preferences"].as_array().unwrap().len(), size);
    }
    let too_many: Vec<&String> = hundred.iter().chain(&hundred[..1]).collect();
    for ids in [&too_many[..1], &too_many] {
        stage.api.get(&group(ids)).await?.refuses(400, &[(json!(["query", "userId"]), "value_error")]);
    }
    Ok(())
}

async fn somebody_unknown_is_a_404(stage: &Stage) -> anyhow::Result<()> {
    let known = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let nobody = people::fresh_address("nobody");
    for path in [pair(&known, &nobody), pair(&nobody, &known), pair(&nobody, &nobody), pair("nobody", &known)]
    {
        stage.api.get(&path).await?.says(404, "One or both users not found");
    }
    stage.api.get(&group(&[&known, &known, &nobody])).await?.is(404);
    Ok(())
}

async fn missing_and_mixed_parameters_are_named(stage: &Stage) -> anyhow::Result<()> {
    for service in ["/availability/availabilities", "/suggestion/suggestions"] {
        for (query, faults) in [
            ("", vec![("userId1", "missing"), ("userId2", "missing")]),
            ("userId1=a", vec![("userId2", "missing")]),
            ("userId2=a", vec![("userId1", "missing")]),
            ("userid1=a&USERID2=a", vec![("userId1", "missing"), ("userId2", "missing")]),
            ("userId1=&userId2=+", vec![("userId1", "string_too_short"), ("userId2", "string_too_short")]),
            ("userId=a&userId2=b", vec![("userId", "value_error")]),
        ] {
            let faults: Vec<(Value, &str)> =
                faults.into_iter().map(|(name, kind)| (json!(["query", name]), kind)).collect();
            stage.api.get(&format!("{service}?{query}")).await?.refuses(400, &faults);
        }
    }
    Ok(())
}
