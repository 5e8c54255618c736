//! An OpenID provider that signs people in at once, as whom a test wants, and lies where a test wants.

mod protocol;
mod tokens;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use anyhow::Context;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use tokens::SigningKey;

/// Under which clients are known.
const CLIENT: (&str, &str) = ("w2meet", "a-secret-of-the-test");

/// Runs until it is dropped.
pub struct IdentityProvider {
    url: String,
    state: Arc<Mutex<State>>,
    server: JoinHandle<()>,
}

/// Who is signed in at the provider.
#[derive(Clone, Debug)]
pub struct Person {
    /// Claims of the ID token besides those of the protocol, `sub` among them.
    pub claims: Value,
    /// What the provider says when it is asked; without it only who it is.
    pub user_info: Option<Value>,
}

impl Person {
    /// Somebody whose address the provider has verified.
    pub fn of(email: &str) -> Person {
        let claims = json!({"sub": format!("sub-of-{email}"), "email": email, "email_verified": true});
        Person { claims, user_info: None }
    }
}

/// What is wrong with ID tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tampering {
    #[default]
    Nothing,
    /// It is signed by a key that is not published, under the id of one that is.
    ForeignKey,
    /// It says that it is not signed.
    Unsigned,
    /// It is signed with the secret that both sides know.
    SharedSecret,
}

pub(super) struct State {
    person: Person,
    tampering: Tampering,
    /// The error with which it sends people back.
    refusal: Option<String>,
    /// Answers 503 to everything.
    is_away: bool,
    key: SigningKey,
    /// Attempts by their codes.
    codes: HashMap<String, Attempt>,
    /// How often keys were read.
    key_reads: usize,
}

/// What a client has asked for.
pub(super) struct Attempt {
    redirect: String,
    nonce: String,
    challenge: String,
}

impl IdentityProvider {
    /// # Errors
    /// When no port can be listened on.
    pub async fn start() -> anyhow::Result<IdentityProvider> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State {
            person: Person::of("ada@example.com"),
            tampering: Tampering::Nothing,
            refusal: None,
            is_away: false,
            key: SigningKey::fresh("first")?,
            codes: HashMap::new(),
            key_reads: 0,
        }));
        let router = protocol::router(url.clone(), state.clone());
        let server = tokio::spawn(async move {
            // It ends with the test.
            let _ = axum::serve(listener, router).await;
        });
        Ok(IdentityProvider { url, state, server })
    }

    /// The issuer.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// An entry of the setting `OIDC`, with these changes.
    pub fn setting(&self, changes: Value) -> Value {
        let mut setting = json!({"name": "company", "label": "Company", "issuer": self.url, "client_id": CLIENT.0,
            "client_secret": CLIENT.1});
        if let (Some(setting), Value::Object(changes)) = (setting.as_object_mut(), changes) {
            setting.extend(changes);
        }
        setting
    }

    /// Who is signed in from now on.
    pub fn sign_in(&self, person: Person) {
        self.state().person = person;
    }

    pub fn tamper(&self, tampering: Tampering) {
        self.state().tampering = tampering;
    }

    /// Sends everybody back with this error.
    pub fn refuse(&self, error: Option<&str>) {
        self.state().refusal = error.map(str::to_owned);
    }

    /// Whether it answers 503 to everything.
    pub fn set_away(&self, is_away: bool) {
        self.state().is_away = is_away;
    }

    /// Signs with another key, which takes the place of the one that was there.
    ///
    /// # Errors
    /// When there is none.
    pub fn rotate_keys(&self, id: &str) -> anyhow::Result<()> {
        self.state().key = SigningKey::fresh(id)?;
        Ok(())
    }

    /// How often keys were read so far.
    pub fn key_reads(&self) -> usize {
        self.state().key_reads
    }

    /// A token with these claims, signed as ID tokens are.
    pub fn signed(&self, kind: &str, claims: &Value) -> String {
        self.state().key.signed(kind, claims)
    }

    /// Follows the link of an authorization request, as a browser that is signed in does; the address that it is sent back to.
    ///
    /// # Errors
    /// When the request is not good enough for a provider.
    pub fn visit(&self, link: &str) -> anyhow::Result<String> {
        let link = link.parse().context("no URL")?;
        protocol::visit(&mut self.state(), &self.url, &link)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A test that has failed is told of already.
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Drop for IdentityProvider {
    fn drop(&mut self) {
        self.server.abort();
    }
}
