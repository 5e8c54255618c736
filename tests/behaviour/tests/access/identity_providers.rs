//! Signing in by a provider of identities.

use std::{
    fs,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::Context;
use behaviour::{Api, Reply, eventually};
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Form, IdentityProvider, Person, Platform};
use tokio::time::sleep;

use crate::{
    people::{ADA, BOB, grant},
    platform_with,
};

/// Where the platform thinks that people reach it.
const PUBLIC_URL: &str = "http://localhost:8080";
const LIMIT: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(500);
const BEGIN: &str = "/users/identity-providers/company/sign-ins";

/// A platform with one provider.
struct World {
    provider: IdentityProvider,
    platform: Platform,
    api: Api,
    _settings: TempDir,
}

impl World {
    async fn new(form: Form) -> anyhow::Result<World> {
        let provider = IdentityProvider::start().await?;
        let settings = tempfile::tempdir()?;
        let file = settings.path().join("providers.json");
        fs::write(&file, json!([provider.setting(json!({"administrator_groups": ["admins"]}))]).to_string())?;
        let platform =
            platform_with(form, "members", None, vec![("OIDC", format!("file:{}", file.display()))]).await?;
        let api = Api::new(platform.gateway_url())?;
        Ok(World { provider, platform, api, _settings: settings })
    }

    /// Begins an attempt: the cookie of the browser, and where it is sent back to.
    async fn go(&self, return_path: &str) -> anyhow::Result<(String, String)> {
        // A replica that could not ask the provider does not ask it again for a moment.
        let begin =
            async || self.api.post(BEGIN, &json!({"return_path": return_path})).await?.ensure_status(201);
        let begun = eventually("the provider is asked", LIMIT, begin).await?;
        let cookie = cookie(&begun, "__Host-w2meet-sign-in").context("the attempt has no cookie")?;
        let back = self.provider.visit(begun.json()["location"].as_str().unwrap())?;
        let path = back.strip_prefix(PUBLIC_URL).context("it leads elsewhere")?;
        Ok((cookie, path.to_owned()))
    }

    async fn come_back(&self, cookie: &str, path: &str) -> anyhow::Result<Reply> {
        Ok(self.api.call(Method::GET, path).header("cookie", cookie).send().await?.is(303))
    }

    /// Signs a browser in; its cookie.
    async fn sign_in(&self, person: Person) -> anyhow::Result<String> {
        self.provider.sign_in(person);
        let (cookie_of_attempt, path) = self.go("/account").await?;
        let back = self.come_back(&cookie_of_attempt, &path).await?;
        Ok(cookie(&back, "__Host-w2meet").unwrap_or_else(|| panic!("{:?}", back.headers)))
    }

    async fn ask(&self, method: Method, path: &str, cookie: &str) -> anyhow::Result<Reply> {
        let call = self.api.call(method, path).header("cookie", cookie);
        call.header("origin", self.platform.gateway_url()).send().await
    }
}

/// The cookie of this name that a reply sets, whose attributes have to be right.
fn cookie(reply: &Reply, name: &str) -> Option<String> {
    let set = reply.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
    let (pair, attributes) = set.filter_map(|set| set.split_once("; ")).find(|(pair, _)| {
        pair.split_once('=').is_some_and(|(found, value)| found == name && !value.is_empty())
    })?;
    for attribute in ["HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age="] {
        assert!(attributes.contains(attribute), "{attributes}");
    }
    assert!(!attributes.contains("Domain"), "{attributes}");
    Some(pair.to_owned())
}

fn failure(code: &str) -> String {
    format!("{PUBLIC_URL}/account#sign-in-failed={code}")
}

async fn whom_a_provider_knows_signs_in(form: Form) -> anyhow::Result<()> {
    let world = World::new(form).await?;
    let listed = world.api.get("/users/identity-providers").await?.is(200).json();
    assert_eq!(listed, json!({"providers": [{"name": "company", "label": "Company"}]}));
    grant(&world.api, ADA, &["write"]).await?;
    let (attempt, path) = world.go("/p/x?a=b").await?;
    let back = world.come_back(&attempt, &path).await?;
    assert_eq!(back.header("location"), format!("{PUBLIC_URL}/p/x?a=b"));
    assert_eq!((back.header("cache-control"), back.header("referrer-policy")), ("no-store", "no-referrer"));
    let browser = cookie(&back, "__Host-w2meet").unwrap();
    let account = world.ask(Method::GET, "/users/account", &browser).await?.is(200).json();
    assert_eq!((&account["email"], &account["administrator"]), (&json!(ADA), &json!(false)));
    let tokens = world.ask(Method::GET, "/users/account/tokens", &browser).await?.is(200).json();
    assert_eq!(tokens["tokens"].as_array().unwrap().len(), 1, "it is the account of that address");

    // An attempt works once.
    let again = world.come_back(&attempt, &path).await?;
    assert_eq!(
        (again.header("location"), cookie(&again, "__Host-w2meet")),
        (failure("expired").as_str(), None)
    );

    // Who is known stays who they are, and others are not who they say.
    let moved = json!({"sub": format!("sub-of-{ADA}"), "email": BOB, "email_verified": true});
    let browser = world.sign_in(Person { claims: moved, user_info: None }).await?;
    assert_eq!(world.ask(Method::GET, "/users/account", &browser).await?.is(200).json()["email"], ADA);
    for (claims, code) in [
        (json!({"sub": "eve", "email": ADA, "email_verified": false}), "unverified-email"),
        (json!({"sub": "eve", "email": ADA}), "unverified-email"),
        (json!({"sub": "eve"}), "no-email"),
    ] {
        world.provider.sign_in(Person { claims, user_info: None });
        let (attempt, path) = world.go("/account").await?;
        let back = world.come_back(&attempt, &path).await?;
        assert_eq!((back.header("location"), cookie(&back, "__Host-w2meet")), (failure(code).as_str(), None));
    }

    // Signing out here leads to signing out there.
    let sessions = world.ask(Method::GET, "/users/account/sessions", &browser).await?.is(200).json();
    let sessions = sessions["sessions"].as_array().unwrap().clone();
    let current = sessions.iter().find(|session| session["current"] == true).unwrap();
    let path = format!("/users/account/sessions/{}", current["id"].as_str().unwrap());
    let ended = world.ask(Method::DELETE, &path, &browser).await?.is(200);
    let link = ended.json()["provider_sign_out"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("{}/end?id_token_hint=", world.provider.url())), "{link}");
    assert!(ended.header("set-cookie").starts_with("__Host-w2meet=; Max-Age=0;"));
    Ok(())
}

async fn what_is_not_of_this_browser_signs_nobody_in(form: Form) -> anyhow::Result<()> {
    let world = World::new(form).await?;
    let (of_eve, by_eve) = world.go("/account").await?;
    let (of_ada, by_ada) = world.go("/account").await?;
    // A link that somebody else has been sent back with, and states that were changed.
    let tampered = by_ada.replacen("state=", "state=x", 1);
    let without = by_ada.split_once("&state=").unwrap().0;
    for (cookie_sent, path) in [
        ("", by_eve.as_str()),
        (&of_ada, &by_eve),
        (&of_eve, &by_ada),
        (&of_ada, &tampered),
        (&of_ada, without),
    ] {
        let back = world.come_back(cookie_sent, path).await?;
        assert_eq!(back.header("location"), failure("expired"));
        assert!(back.headers.get("set-cookie").is_none(), "nothing of the browser's own is taken away");
    }
    // Both go on with what is theirs.
    for (cookie_sent, path) in [(&of_ada, &by_ada), (&of_eve, &by_eve)] {
        assert_eq!(
            world.come_back(cookie_sent, path).await?.header("location"),
            format!("{PUBLIC_URL}/account")
        );
    }
    // Another provider answers in its place.
    let (attempt, path) = world.go("/account").await?;
    let other = format!("{}&iss=https%3A%2F%2Fevil.example", path.split_once("&iss=").unwrap().0);
    assert_eq!(world.come_back(&attempt, &other).await?.header("location"), failure("failed"));
    for path in ["//evil.example", "https://evil.example", "/\\evil.example", ""] {
        let refused = world.api.post(BEGIN, &json!({"return_path": path})).await?;
        refused.refuses(400, &[(json!(["body", "return_path"]), "value_error")]);
    }
    world.api.post("/users/identity-providers/nobody/sign-ins", &json!({})).await?.is(404);
    world.api.get("/users/identity-providers/nobody/callback").await?.is(404);
    Ok(())
}

async fn a_provider_that_refuses_or_is_away_is_told_of(form: Form) -> anyhow::Result<()> {
    let world = World::new(form).await?;
    world.provider.set_away(true);
    world.api.post(BEGIN, &json!({})).await?.is(503);
    world.provider.set_away(false);
    // A replica that could not ask the provider does not ask it again for a moment; each has its turn.
    eventually("every replica has asked the provider", LIMIT, async || {
        for _ in 0..4 {
            let begun = world.api.post(BEGIN, &json!({})).await?;
            if begun.status != 201 {
                // Each attempt counts for the client.
                sleep(PAUSE).await;
            }
            begun.ensure_status(201)?;
        }
        Ok(())
    })
    .await?;
    for (error, code) in [
        ("access_denied", "refused"),
        ("temporarily_unavailable", "unavailable"),
        ("invalid_scope", "failed"),
    ] {
        world.provider.refuse(Some(error));
        let (attempt, path) = world.go("/account").await?;
        assert_eq!(world.come_back(&attempt, &path).await?.header("location"), failure(code));
    }
    world.provider.refuse(None);
    let browser = world.sign_in(Person::of(ADA)).await?;
    let (attempt, path) = world.go("/account").await?;
    world.provider.set_away(true);
    assert_eq!(world.come_back(&attempt, &path).await?.header("location"), failure("unavailable"));
    world.ask(Method::GET, "/users/account", &browser).await?.is(200);
    Ok(())
}

async fn members_of_a_group_are_administrators_until_their_session_ends(form: Form) -> anyhow::Result<()> {
    let world = World::new(form).await?;
    let person = |sid: &str, groups: Value| {
        let claims =
            json!({"sub": "ada", "email": ADA, "email_verified": true, "sid": sid, "groups": groups});
        Person { claims, user_info: None }
    };
    let administrator = world.sign_in(person("one", json!(["staff", "admins"]))).await?;
    let member = world.sign_in(person("two", json!(["staff"]))).await?;
    let other = format!("/users/users/{BOB}");
    world.ask(Method::GET, &other, &administrator).await?.is(404);
    world.ask(Method::GET, &other, &member).await?.is(403);

    // The provider ends one of the sessions, and nobody else can.
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let claims = json!({"iss": world.provider.url(), "aud": "w2meet", "iat": now, "exp": now + 60, "sub": "ada", "sid": "one",
        "jti": "1", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}});
    let token = world.provider.signed("logout+jwt", &claims);
    let send = async |token: &str| {
        let call = world.api.call(Method::POST, "/users/identity-providers/company/back-channel-logout");
        let call = call.header("content-type", "application/x-www-form-urlencoded");
        call.body(format!("logout_token={token}")).send().await
    };
    for wrong in ["", "x", &format!("{token}x"), &world.provider.signed("at+jwt", &claims)] {
        send(wrong).await?.is(400);
    }
    world.ask(Method::GET, "/users/account", &administrator).await?.is(200);
    send(&token).await?.is(204);
    eventually("the session has ended on every replica", LIMIT, async || {
        world.ask(Method::GET, "/users/account", &administrator).await?.ensure_status(401)
    })
    .await?;
    world.ask(Method::GET, "/users/account", &member).await?.is(200);
    Ok(())
}

in_each_form![
    whom_a_provider_knows_signs_in,
    what_is_not_of_this_browser_signs_nobody_in,
    a_provider_that_refuses_or_is_away_is_told_of,
    members_of_a_group_are_administrators_until_their_session_ends,
];
