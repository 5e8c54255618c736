//! Jobs and keys belong to whoever has ordered them, and an answer by a schedule to whose schedule it is.

use behaviour::Api;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Form;

use crate::{
    people::{ADA, BOB, EVE, Tokens, Who, ask, grant},
    platform,
};

async fn jobs_belong_to_whoever_has_ordered_them(form: Form) -> anyhow::Result<()> {
    let platform = platform(form, "members").await?;
    let api = Api::new(platform.gateway_url())?;
    let tokens = Tokens::make(&api).await?;
    let order = async |who: Who, first: &str| -> anyhow::Result<String> {
        let body = json!({"userId1": first, "userId2": BOB});
        let call = api.call(Method::POST, "/worker/tasks").header("idempotency-key", "the-same");
        let call = call.header("authorization", format!("Bearer {}", tokens.of(who).unwrap()));
        let accepted = call.json(&body).send().await?.is(202).json();
        Ok(accepted["job_id"].as_str().unwrap().to_owned())
    };
    let of_ada = order(Who::Owner, ADA).await?;
    assert_eq!(order(Who::Owner, ADA).await?, of_ada, "the same key is the same job");
    let of_eve = order(Who::Other, EVE).await?;
    assert_ne!(of_ada, of_eve, "a key belongs to its caller");
    for (who, own, foreign) in [(Who::Owner, &of_ada, &of_eve), (Who::Other, &of_eve, &of_ada)] {
        let token = tokens.of(who);
        let listed = ask(&api, Method::GET, "/worker/tasks", token, None).await?.is(200).json();
        let ids: Vec<&str> =
            listed["tasks"].as_array().unwrap().iter().filter_map(|task| task["job_id"].as_str()).collect();
        assert_eq!(ids, [own.as_str()], "{who:?}");
        let find = async |id: &str| {
            ask(&api, Method::GET, &format!("/worker/tasks/{id}"), tokens.of(who), None).await
        };
        assert_eq!((find(own).await?.status, find(foreign).await?.status), (200, 404), "{who:?}");
    }
    let path = format!("/worker/tasks/{of_ada}");
    ask(&api, Method::GET, &path, tokens.of(Who::Administrator), None).await?.is(200);
    Ok(())
}

async fn a_schedule_answers_for_nobody_else(form: Form) -> anyhow::Result<()> {
    let platform = platform(form, "members").await?;
    let api = Api::new(platform.gateway_url())?;
    let tokens = Tokens::make(&api).await?;
    let person = json!({"email": ADA, "availabilities": {"monday": [9, 10]}});
    ask(&api, Method::POST, "/users/users", Some(&tokens.owner), Some(&person)).await?.is(201);
    let poll = json!({"title": "Lunch", "kind": "dates", "dates": ["2036-01-07"], "time_zone": "Europe/Berlin",
        "from": "09:00", "to": "17:00", "granularity_minutes": 60, "duration_minutes": 60});
    let made = ask(&api, Method::POST, "/users/polls", None, Some(&poll)).await?.is(201).json();
    let id = made["id"].as_str().unwrap();
    let participant = json!({"name": "Ada", "email": ADA, "time_zone": "Europe/Berlin"});
    let path = format!("/users/polls/{id}/participants");
    let joined = ask(&api, Method::POST, &path, None, Some(&participant)).await?.is(201).json();
    let path = format!("{path}/{}/answer", text(&joined, "id"));
    let answer = async |account: Option<&str>| {
        let call = api.call(Method::PUT, &path).json(&json!({"from_schedule": true}));
        let call = call.header("authorization", format!("Bearer {}", text(&joined, "edit_token")));
        match account {
            Some(account) => call.header("w2meet-token", account).send().await,
            None => call.send().await,
        }
    };
    assert_eq!(answer(None).await?.status, 401);
    assert_eq!(answer(tokens.of(Who::Other)).await?.status, 403);
    assert_eq!(answer(tokens.of(Who::Owner)).await?.status, 200);
    Ok(())
}

fn text<'a>(reply: &'a Value, name: &str) -> &'a str {
    reply[name].as_str().unwrap()
}

async fn tokens_are_listed_without_their_secrets(form: Form) -> anyhow::Result<()> {
    let platform = platform(form, "members").await?;
    let api = Api::new(platform.gateway_url())?;
    let first = grant(&api, ADA, &["write"]).await?;
    let body = json!({"name": "laptop", "scopes": ["read"], "expires_in_days": 7});
    let path = "/users/account/tokens";
    let made = ask(&api, Method::POST, path, Some(&first.token), Some(&body)).await?.is(201).json();
    let secret = made["token"].as_str().unwrap();
    let account = ask(&api, Method::GET, "/users/account", Some(secret), None).await?.is(200).json();
    assert_eq!(account["email"], ADA);
    assert_eq!(account["scopes"], json!(["read"]));
    let reply = ask(&api, Method::GET, path, Some(secret), None).await?.is(200);
    assert!(!reply.text().contains(secret) && !reply.text().contains(&first.token));
    let names: Vec<Value> =
        reply.json()["tokens"].as_array().unwrap().iter().map(|token| token["name"].clone()).collect();
    assert_eq!(names, ["laptop", "test"]);
    let too_far = json!({"name": "", "expires_in_days": 1000});
    let reply = ask(&api, Method::POST, path, Some(&first.token), Some(&too_far)).await?;
    reply.refuses(
        400,
        &[(json!(["body", "name"]), "value_error"), (json!(["body", "expires_in_days"]), "value_error")],
    );
    Ok(())
}

in_each_form![
    jobs_belong_to_whoever_has_ordered_them,
    a_schedule_answers_for_nobody_else,
    tokens_are_listed_without_their_secrets,
];
