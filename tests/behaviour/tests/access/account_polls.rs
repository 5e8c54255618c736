//! Polls that go from a browser into an account, and from there into another browser.

use behaviour::{Api, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Form;

use crate::{
    people::{ADA, EVE, ask, grant},
    platform,
};

const POLLS: &str = "/users/account/polls";

/// A poll with Ada as its participant.
struct Lunch {
    id: String,
    admin_token: String,
    participant: String,
    edit_token: String,
}

async fn lunch(api: &Api) -> anyhow::Result<Lunch> {
    let poll = json!({"title": "Lunch", "kind": "dates", "dates": ["2036-01-07"], "time_zone": "Europe/Berlin",
        "from": "09:00", "to": "17:00", "granularity_minutes": 60, "duration_minutes": 60, "visibility": "blind"});
    let made = api.post("/users/polls", &poll).await?.is(201).json();
    let text = |value: &Value, name: &str| value[name].as_str().unwrap().to_owned();
    let id = text(&made, "id");
    let participant = json!({"name": "Ada", "time_zone": "Europe/Berlin"});
    let joined = api.post(&format!("/users/polls/{id}/participants"), &participant).await?.is(201).json();
    Ok(Lunch {
        admin_token: text(&made, "admin_token"),
        participant: text(&joined, "id"),
        edit_token: text(&joined, "edit_token"),
        id,
    })
}

/// What somebody gets by a token of the poll.
async fn by_token(api: &Api, method: Method, path: &str, token: &str) -> anyhow::Result<Reply> {
    api.call(method, path).header("authorization", format!("Bearer {token}")).send().await
}

async fn polls_go_into_an_account_and_out_of_it(form: Form) -> anyhow::Result<()> {
    let platform = platform(form, "members").await?;
    let api = Api::new(platform.gateway_url())?;
    let (ada, eve) = (grant(&api, ADA, &["write"]).await?.token, grant(&api, EVE, &["write"]).await?.token);
    let (lunch, dinner) = (lunch(&api).await?, lunch(&api).await?);
    let take = async |account: &str, polls: Value| {
        ask(&api, Method::POST, POLLS, Some(account), Some(&json!({"polls": polls}))).await
    };
    let polls = json!([
        {"id": lunch.id, "token": lunch.admin_token},
        {"id": lunch.id, "token": lunch.edit_token},
        {"id": dinner.id, "token": lunch.admin_token},
        {"id": "none", "token": "none"},
    ]);
    let reply = take(&ada, polls.clone()).await?.is(200).json();
    assert_eq!(reply, json!({"taken": [lunch.id], "refused": [dinner.id, "none"]}));
    take(&ada, polls).await?.is(200);
    take(&ada, json!([])).await?.refuses(400, &[(json!(["body", "polls"]), "value_error")]);
    let listed = ask(&api, Method::GET, POLLS, Some(&ada), None).await?.is(200).json();
    let own = json!({"id": lunch.id, "title": "Lunch", "organiser": true,
        "participants": [{"id": lunch.participant, "name": "Ada"}]});
    assert_eq!(listed, json!({"polls": [own]}), "once, with all that one is there");
    assert_eq!(ask(&api, Method::GET, POLLS, Some(&eve), None).await?.is(200).json(), json!({"polls": []}));

    // Another browser gets tokens of its own, which are as good.
    let path = format!("{POLLS}/{}/tokens", lunch.id);
    ask(&api, Method::POST, &path, Some(&eve), None).await?.is(404);
    let opened = ask(&api, Method::POST, &path, Some(&ada), None).await?.is(201).json();
    let admin = opened["admin_token"].as_str().unwrap();
    let edit = opened["participants"][0]["edit_token"].as_str().unwrap();
    let poll = format!("/users/polls/{}", lunch.id);
    let answer = format!("{poll}/participants/{}/answer", lunch.participant);
    for token in [admin, edit, &lunch.admin_token, &lunch.edit_token] {
        by_token(&api, Method::GET, &answer, token).await?.is(200);
        by_token(&api, Method::GET, &format!("/users/polls/{}", dinner.id), token).await?.is(401);
    }
    for (token, status) in [(admin, 200), (&lunch.admin_token, 200), (edit, 403), (&lunch.edit_token, 403)] {
        let heat_map = format!("/availability/polls/{}/heatmap", lunch.id);
        by_token(&api, Method::GET, &heat_map, token).await?.is(status);
    }
    let read = async |token: &str| by_token(&api, Method::GET, &poll, token).await;
    assert!(
        read(admin).await?.is(200).json()["participants"].is_array(),
        "the organiser sees who takes part"
    );
    assert!(read(edit).await?.is(200).json()["participants"].is_null(), "a participant does not");
    let change = |token: &str| {
        let call = api.call(Method::PATCH, &poll).header("authorization", format!("Bearer {token}"));
        call.json(&json!({"title": "Early lunch"})).send()
    };
    change(edit).await?.is(403);
    change(admin).await?.is(200);

    // Out of the account it stays as it was, but for what the account has had made.
    let path = format!("{POLLS}/{}", lunch.id);
    ask(&api, Method::DELETE, &path, Some(&eve), None).await?.is(404);
    ask(&api, Method::DELETE, &path, Some(&ada), None).await?.is(204);
    ask(&api, Method::DELETE, &path, Some(&ada), None).await?.is(404);
    for token in [admin, edit] {
        read(token).await?.is(401);
    }
    read(&lunch.admin_token).await?.is(200);
    Ok(())
}

async fn a_poll_that_is_deleted_is_in_no_account(form: Form) -> anyhow::Result<()> {
    let platform = platform(form, "open").await?;
    let api = Api::new(platform.gateway_url())?;
    let ada = grant(&api, ADA, &["write"]).await?.token;
    let lunch = lunch(&api).await?;
    let body = json!({"polls": [{"id": lunch.id, "token": lunch.edit_token}]});
    ask(&api, Method::POST, POLLS, Some(&ada), Some(&body)).await?.is(200);
    let listed = async || anyhow::Ok(ask(&api, Method::GET, POLLS, Some(&ada), None).await?.is(200).json());
    assert_eq!(listed().await?["polls"][0]["organiser"], false);
    let path = format!("/users/polls/{}/participants/{}", lunch.id, lunch.participant);
    by_token(&api, Method::DELETE, &path, &lunch.admin_token).await?.is(204);
    assert_eq!(
        listed().await?,
        json!({"polls": []}),
        "whoever does not take part any more has nothing there"
    );
    let body = json!({"polls": [{"id": lunch.id, "token": lunch.admin_token}]});
    ask(&api, Method::POST, POLLS, Some(&ada), Some(&body)).await?.is(200);
    by_token(&api, Method::DELETE, &format!("/users/polls/{}", lunch.id), &lunch.admin_token).await?.is(204);
    assert_eq!(listed().await?, json!({"polls": []}));
    Ok(())
}

in_each_form![polls_go_into_an_account_and_out_of_it, a_poll_that_is_deleted_is_in_no_account];
