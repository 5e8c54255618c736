//! Signing in by a link that comes by mail, and what a session is good for.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use behaviour::{Api, Reply};
use mail_parser::MessageParser;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::Form;
use tokio::time::{sleep, timeout};

use crate::{
    people::{ADA, BOB, EVE},
    platform_with_data,
};

const LIMIT: Duration = Duration::from_secs(60);

/// What a link to sign in with has behind its `#`.
struct Link {
    token: String,
    email: String,
}

/// Has a link sent to Ada, and finds it in the mail that was written for it.
async fn link(api: &Api, data: &Path) -> anyhow::Result<Link> {
    let folder = data.join("mail");
    let _ = fs::remove_dir_all(&folder);
    api.post("/users/sign-ins", &json!({"email": ADA, "language": "de"})).await?.is(202);
    let find = async {
        loop {
            let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
            let mut paths = entries.map(|entry| entry.path());
            if let Some(path) = paths.find(|path| path.extension().is_some_and(|end| end == "eml")) {
                let bytes = fs::read(&path).unwrap();
                let mail = MessageParser::default().parse(&bytes).unwrap();
                assert_eq!(mail.to().unwrap().first().unwrap().address(), Some(ADA));
                return mail.body_text(0).unwrap().into_owned();
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    let text = timeout(LIMIT, find).await.context("no mail was written")?;
    let (_, fragment) = text.split_once("/account#sign-in=").context("the mail has no link")?;
    let (token, email) = fragment.split_once("&email=").context("the link has no address")?;
    let email = email.split_whitespace().next().unwrap().replace("%40", "@").replace("%2E", ".");
    Ok(Link { token: token.to_owned(), email })
}

/// A browser that is signed in.
struct Browser<'a> {
    api: &'a Api,
    cookie: String,
}

impl Browser<'_> {
    /// Asks as a page of this origin does.
    async fn ask(
        &self,
        method: Method,
        path: &str,
        origin: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Reply> {
        let mut call = self.api.call(method, path).header("cookie", &self.cookie);
        if !origin.is_empty() {
            call = call.header("origin", origin);
        }
        body.into_iter().fold(call, |call, body| call.json(&body)).send().await
    }

    async fn get(&self, path: &str) -> anyhow::Result<Reply> {
        self.ask(Method::GET, path, "", None).await
    }
}

/// Follows a link in a browser.
async fn start<'a>(api: &'a Api, link: &Link) -> anyhow::Result<Browser<'a>> {
    let body = json!({"token": link.token, "email": link.email});
    let started = api.post("/users/sessions", &body).await?.is(201);
    assert_eq!(started.json()["email"], ADA);
    let set = started.header("set-cookie");
    let (cookie, attributes) = set.split_once(';').unwrap();
    assert!(cookie.starts_with("__Host-w2meet=w2m_"), "{set}");
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/"] {
        assert!(attributes.contains(attribute), "{set}");
    }
    assert!(!started.text().contains("w2m_"), "scripts do not see the session's token");
    Ok(Browser { api, cookie: cookie.to_owned() })
}

async fn whoever_reads_the_mails_of_an_address_signs_in(form: Form) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let platform = platform_with_data(form, "closed", Some(data.path())).await?;
    let api = Api::new(platform.gateway_url())?;
    let own = platform.gateway_url();
    let refused = api.post("/users/sign-ins", &json!({"email": "ada"})).await?.is(400).json();
    assert_eq!(refused["detail"][0]["loc"], json!(["body", "email"]));
    let sent = link(&api, data.path()).await?;
    assert_eq!(sent.email, ADA);
    for (token, email) in [("x", ADA), (&sent.token, BOB), (&sent.token, "ada2@example.com")] {
        api.post("/users/sessions", &json!({"token": token, "email": email})).await?.is(401);
    }
    let browser = start(&api, &sent).await?;
    let again = json!({"token": sent.token, "email": sent.email});
    api.post("/users/sessions", &again).await?.is(401);
    assert_eq!(browser.get("/users/account").await?.is(200).json()["email"], ADA);

    // One's own, by each of the services.
    let person = |email: &str| Some(json!({"email": email, "availabilities": {"monday": [9, 10]}}));
    browser.ask(Method::POST, "/users/users", &own, person(ADA)).await?.is(201);
    browser.get(&format!("/users/users/{ADA}")).await?.is(200);
    browser.get(&format!("/users/users/{BOB}")).await?.is(403);
    browser.ask(Method::POST, "/users/users", &own, person(BOB)).await?.is(403);
    let both = json!({"userIds": [ADA, BOB]});
    browser.ask(Method::POST, "/availability/availabilities", &own, Some(both)).await?.is(404);
    let others = json!({"userIds": [EVE, BOB]});
    browser.ask(Method::POST, "/availability/availabilities", &own, Some(others)).await?.is(403);
    let order = json!({"userId1": ADA, "userId2": BOB});
    browser.ask(Method::POST, "/worker/tasks", &own, Some(order)).await?.is(202);

    // What a page of another site has a browser send changes nothing, and reads nothing by POST.
    let path = format!("/users/users/{ADA}");
    for origin in ["https://evil.example", "null", ""] {
        browser.ask(Method::DELETE, &path, origin, None).await?.is(403);
        let poll = json!({"title": "Lunch", "kind": "weekly", "days": ["monday"], "time_zone": "Europe/Berlin",
            "from": "09:00", "to": "17:00", "granularity_minutes": 60, "duration_minutes": 60});
        browser.ask(Method::POST, "/users/polls", origin, Some(poll)).await?.is(403);
    }
    browser.get(&path).await?.is(200);

    // A cookie that is none does not keep anybody from what is for everybody.
    let stranger = Browser { api: &api, cookie: "__Host-w2meet=w2m_nobody".to_owned() };
    stranger.get("/").await?.is(200);
    stranger.get("/users/polls/AAAAAAAAAAAAAAAAAAAAAA").await?.is(404);
    stranger.get("/users/account").await?.is(401);
    stranger.get(&path).await?.is(401);
    Ok(())
}

async fn sessions_are_listed_and_end(form: Form) -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let platform = platform_with_data(form, "members", Some(data.path())).await?;
    let api = Api::new(platform.gateway_url())?;
    let own = platform.gateway_url();
    let one = start(&api, &link(&api, data.path()).await?).await?;
    let other = start(&api, &link(&api, data.path()).await?).await?;
    let listed = one.get("/users/account/sessions").await?.is(200).json();
    let sessions = listed["sessions"].as_array().unwrap();
    let current: Vec<bool> = sessions.iter().map(|session| session["current"] == true).collect();
    assert_eq!(current, [false, true], "the newest first: {listed}");
    let ended = |place: usize| format!("/users/account/sessions/{}", sessions[place]["id"].as_str().unwrap());
    assert!(one.get("/users/account/tokens").await?.is(200).json()["tokens"].as_array().unwrap().is_empty());

    let reply = one.ask(Method::DELETE, &ended(0), &own, None).await?.is(204);
    assert_eq!(reply.header("set-cookie"), "");
    one.ask(Method::DELETE, &ended(0), &own, None).await?.is(404);
    one.ask(Method::DELETE, &ended(1), "https://evil.example", None).await?.is(403);
    let reply = one.ask(Method::DELETE, &ended(1), &own, None).await?.is(204);
    assert!(reply.header("set-cookie").starts_with("__Host-w2meet=; Max-Age=0;"));
    for browser in [&one, &other] {
        let end = async {
            // Another replica may have just seen it.
            while browser.get("/users/account").await?.status != 401 {
                sleep(Duration::from_millis(100)).await;
            }
            anyhow::Ok(())
        };
        timeout(LIMIT, end).await??;
    }
    Ok(())
}

in_each_form![whoever_reads_the_mails_of_an_address_signs_in, sessions_are_listed_and_end];
