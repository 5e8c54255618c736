//! `/suggestions`: which of the shared hours to take.

use std::collections::BTreeSet;

use behaviour::{Stage, people};
use reqwest::Method;
use serde_json::{Value, json};

behaviour::in_every_form![
    one_slot_for_one_preference_and_one_for_each_of_two,
    the_query_overrides_what_the_people_prefer,
    a_random_slot_is_a_shared_one_and_not_always_the_same,
    nothing_in_common_gives_no_suggestion,
    a_group_gets_one_slot_for_each_distinct_preference,
    somebody_unknown_is_a_404,
    an_unknown_preference_is_named,
];

fn question(one: &str, other: &str, more: &str) -> String {
    let (one, other) = (people::encode(one), people::encode(other));
    format!("/suggestion/suggestions?userId1={one}&userId2={other}{more}")
}

async fn suggestions(stage: &Stage, question: &str) -> anyhow::Result<Value> {
    let reply = stage.api.call(Method::GET, question).header("Case-ID", "case-7").send().await?.is(200);
    let body = reply.json();
    assert_eq!(body, json!({"case_id": "case-7", "suggestions": body["suggestions"]}));
    Ok(body["suggestions"].clone())
}

/// Three shared hours between people of any two preferences: the first and the last are not in alphabetical order.
fn shared_days() -> Value {
    json!({"wednesday": [7, 8], "friday": [23]})
}

fn first() -> Value {
    json!({"day": "wednesday", "slot": [7, 8]})
}

fn last() -> Value {
    json!({"day": "friday", "slot": [23, 24]})
}

async fn one_slot_for_one_preference_and_one_for_each_of_two(stage: &Stage) -> anyhow::Result<()> {
    let early = people::create(&stage.api, shared_days(), "first").await?;
    let late = people::create(&stage.api, shared_days(), "last").await?;
    for (one, other, expected) in [
        (&early, &early, json!([first()])),
        (&late, &late, json!([last()])),
        (&early, &late, json!([first(), last()])),
        (&late, &early, json!([last(), first()])),
    ] {
        assert_eq!(suggestions(stage, &question(one, other, "")).await?, expected);
    }
    let only = people::create(&stage.api, json!({"friday": [23]}), "first").await?;
    let answer = suggestions(stage, &question(&only, &late, "")).await?;
    assert_eq!(answer, json!([last()]), "first and last are the same slot, which is named once");
    Ok(())
}

async fn the_query_overrides_what_the_people_prefer(stage: &Stage) -> anyhow::Result<()> {
    let early = people::create(&stage.api, shared_days(), "first").await?;
    let late = people::create(&stage.api, shared_days(), "last").await?;
    for (preference, expected) in [("first", first()), ("last", last())] {
        let question = question(&early, &late, &format!("&preference={preference}"));
        assert_eq!(suggestions(stage, &question).await?, json!([expected]));
    }
    Ok(())
}

async fn a_random_slot_is_a_shared_one_and_not_always_the_same(stage: &Stage) -> anyhow::Result<()> {
    let one = people::create(&stage.api, shared_days(), "random").await?;
    let middle = json!({"day": "wednesday", "slot": [8, 9]});
    let shared: BTreeSet<String> = [first(), middle, last()].iter().map(Value::to_string).collect();
    let mut seen = BTreeSet::new();
    // That one of three stays away in 60 draws happens once in 10¹⁰ runs.
    for _ in 0..60 {
        let answer = suggestions(stage, &question(&one, &one, "")).await?;
        assert_eq!(answer.as_array().unwrap().len(), 1, "the same preference of both: one slot");
        seen.insert(answer[0].to_string());
    }
    assert_eq!(seen, shared);
    Ok(())
}

async fn nothing_in_common_gives_no_suggestion(stage: &Stage) -> anyhow::Result<()> {
    let one = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let other = people::create(&stage.api, json!({"monday": [10]}), "random").await?;
    for more in ["", "&preference=last", "&preference=random"] {
        assert_eq!(suggestions(stage, &question(&one, &other, more)).await?, json!([]));
    }
    Ok(())
}

async fn a_group_gets_one_slot_for_each_distinct_preference(stage: &Stage) -> anyhow::Result<()> {
    let mut ids = Vec::new();
    for preference in ["last", "first", "last"] {
        let email = people::create(&stage.api, shared_days(), preference).await?;
        ids.push(format!("userId={}", people::encode(&email)));
    }
    let question = format!("/suggestion/suggestions?{}", ids.join("&"));
    assert_eq!(suggestions(stage, &question).await?, json!([last(), first()]));
    Ok(())
}

async fn somebody_unknown_is_a_404(stage: &Stage) -> anyhow::Result<()> {
    let known = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
    let nobody = people::fresh_address("nobody");
    for (one, other) in [(&known, &nobody), (&nobody, &known)] {
        let reply = stage.api.get(&question(one, other, "")).await?;
        reply.says(404, "One or both users not found");
    }
    Ok(())
}

async fn an_unknown_preference_is_named(stage: &Stage) -> anyhow::Result<()> {
    for preference in ["zzz", "First", "first,last"] {
        let reply = stage.api.get(&question("a", "b", &format!("&preference={preference}"))).await?;
        reply.refuses(400, &[(json!(["query", "preference"]), "value_error")]);
    }
    Ok(())
}
