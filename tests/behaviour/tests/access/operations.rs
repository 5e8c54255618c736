//! Every operation is asked by everybody.

use anyhow::Context;
use behaviour::{Api, Reply};
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Form, shared};
use wire::{ACCESS_RULES, AccessRule, Permission};

use crate::{
    people::{ADA, BOB, Tokens, Who, ask},
    platform_on,
};

/// What became of a request, as far as access decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It was let in, whatever came of it.
    LetIn,
    /// They have to say who they are.
    SignIn,
    /// They may not.
    Forbidden,
}

/// The words of refusals; polls and feeds have others.
const SIGNED_OUT: [&str; 2] = ["Only who is signed in", "The access token is unknown"];
const FORBIDDEN: [&str; 3] =
    ["Only those whom it is about", "This access token is for reading", "Nothing says"];

fn verdict(reply: &Reply) -> Verdict {
    let msg = reply.json()["detail"][0]["msg"].as_str().unwrap_or_default().to_owned();
    let says = |words: &[&str]| words.iter().any(|words| msg.starts_with(words));
    match reply.status {
        401 if says(&SIGNED_OUT) => Verdict::SignIn,
        403 if says(&FORBIDDEN) => Verdict::Forbidden,
        _ => Verdict::LetIn,
    }
}

/// What the table says of an operation that is about Ada.
fn expected(access: &str, rule: &AccessRule, who: Who) -> Verdict {
    let is_closed = access == "closed";
    let is_for_anybody = rule.permission == Permission::Anybody
        || (rule.permission == Permission::AnybodyUnlessClosed && !is_closed);
    let concerns_accounts =
        matches!(rule.permission, Permission::OwnAccount | Permission::AccountAdministrator);
    if access == "open" && !concerns_accounts {
        return Verdict::LetIn;
    }
    let needs_administrator =
        matches!(rule.permission, Permission::Administrator | Permission::AccountAdministrator);
    let is_about_ada = matches!(
        rule.permission,
        Permission::Oneself | Permission::OneselfInRequest | Permission::AmongThoseAsked
    ) || (rule.method, rule.path) == ("POST", "/worker/tasks");
    match who {
        Who::Unknown | Who::Revoked | Who::Expired => Verdict::SignIn,
        _ if is_for_anybody => Verdict::LetIn,
        Who::Nobody => Verdict::SignIn,
        Who::Administrator => Verdict::LetIn,
        Who::Reader if !rule.only_reads() => Verdict::Forbidden,
        _ if needs_administrator => Verdict::Forbidden,
        Who::Other if is_about_ada => Verdict::Forbidden,
        Who::Other | Who::Reader | Who::Owner => Verdict::LetIn,
    }
}

/// The path with something in each of its places. Nobody's poll is enough, since polls decide after access has.
fn filled(path: &str) -> String {
    path.replace("{email}", ADA)
        .replace("{job_id}", "0197a000-0000-7000-8000-000000000000")
        .replace("{id}", "AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{pid}", "AAAAAAAAAAAAAAAAAAAAAA")
        .replace("{name}", "work")
        .replace("{build}", "none")
        .replace("{*path}", "none")
}

/// A request about Ada and Bob that is good enough to be looked at.
fn question(rule: &AccessRule) -> (String, Option<Value>) {
    let path = filled(rule.path);
    let people = json!([ADA, BOB]);
    let span = ("2027-01-04T09:00:00Z", "2027-01-04T12:00:00Z");
    match (rule.method, rule.path) {
        ("GET", "/users/user-avail/cache-aside") => (format!("{path}?user1email={ADA}"), None),
        ("GET", "/availability/availabilities" | "/suggestion/suggestions") => {
            (format!("{path}?userId1={BOB}&userId2={ADA}"), None)
        }
        ("POST", "/availability/availabilities" | "/suggestion/suggestions") => {
            (path, Some(json!({"userIds": people})))
        }
        ("POST", "/availability/freebusy") => {
            let body = json!({"people": people, "from": span.0, "to": span.1, "interval_minutes": 30});
            (path, Some(body))
        }
        ("POST", "/suggestion/find-times") => {
            (path, Some(json!({"people": people, "from": span.0, "to": span.1})))
        }
        ("POST", "/users/users") => (path, Some(json!({"email": ADA, "availabilities": {}}))),
        ("POST", "/worker/tasks") => (path, Some(json!({"userId1": BOB, "userId2": ADA}))),
        ("GET" | "DELETE", _) => (path, None),
        _ => (path, Some(json!({}))),
    }
}

/// Asks everybody's question about every operation.
async fn everybody_asks_everything(form: Form, access: &str) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let (dsn, database) = match form {
        Form::Standalone => (None, format!("sqlite://{}", data.path().join("users.db").display())),
        Form::Distributed => {
            let dsn = shared::postgres_database().await?;
            (Some(dsn.clone()), dsn)
        }
    };
    let platform = platform_on(form, dsn, access, Some(data.path()), Vec::new()).await?;
    let api = Api::new(platform.gateway_url())?;
    let mut tokens = Tokens::with_expired(&api, &database).await?;
    let mut wrong = Vec::new();
    // A gateway may answer for its own health itself.
    for rule in ACCESS_RULES.iter().filter(|rule| rule.path != "/health") {
        let (path, body) = question(rule);
        let method: Method = rule.method.parse().context("no method")?;
        for who in Who::ALL {
            if ends_accounts(rule) {
                tokens = Tokens::with_expired(&api, &database).await?;
            }
            let reply = ask(&api, method.clone(), &path, tokens.of(who), body.as_ref()).await?;
            let (found, wanted) = (verdict(&reply), expected(access, rule, who));
            // A request that is wrong says nothing of whom it is about.
            let is_good = who != Who::Owner || !is_asked_about(rule) || reply.status != 400;
            if found != wanted || !is_good {
                let (method, path, status) = (rule.method, rule.path, reply.status);
                wrong.push(format!("{method} {path} by {who:?}: {status}, {found:?} instead of {wanted:?}"));
            }
        }
        if ends_accounts(rule) {
            tokens = Tokens::with_expired(&api, &database).await?;
        }
    }
    assert!(wrong.is_empty(), "{form:?} {access}:\n{}", wrong.join("\n"));
    Ok(())
}

/// Whether whoever is let in has no token afterwards.
fn ends_accounts(rule: &AccessRule) -> bool {
    matches!((rule.method, rule.path), ("DELETE", "/users/account" | "/users/accounts/{email}"))
}

/// Whether the operation itself looks whom it is asked about, for which the request has to be a good one.
fn is_asked_about(rule: &AccessRule) -> bool {
    matches!(rule.permission, Permission::AmongThoseAsked | Permission::OneselfInRequest)
}

#[tokio::test]
async fn the_table_holds_for_members_in_one_process() -> anyhow::Result<()> {
    everybody_asks_everything(Form::Standalone, "members").await
}

#[tokio::test]
async fn the_table_holds_where_access_is_closed_in_one_process() -> anyhow::Result<()> {
    everybody_asks_everything(Form::Standalone, "closed").await
}

#[tokio::test]
async fn the_table_holds_where_access_is_open_in_one_process() -> anyhow::Result<()> {
    everybody_asks_everything(Form::Standalone, "open").await
}

#[tokio::test]
async fn the_table_holds_for_members_in_many_processes() -> anyhow::Result<()> {
    everybody_asks_everything(Form::Distributed, "members").await
}

#[tokio::test]
async fn the_table_holds_where_access_is_closed_in_many_processes() -> anyhow::Result<()> {
    everybody_asks_everything(Form::Distributed, "closed").await
}
