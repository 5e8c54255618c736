use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, ensure};
use axum::{
    Json, Router,
    extract::{Request, State as Shared},
    http::{HeaderMap, StatusCode, header},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::{Attempt, CLIENT, State, Tampering, tokens};

#[derive(Clone)]
struct Provider {
    url: String,
    state: Arc<Mutex<State>>,
}

impl Provider {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

pub(super) fn router(url: String, state: Arc<Mutex<State>>) -> Router {
    let provider = Provider { url, state };
    Router::new()
        .route("/.well-known/openid-configuration", get(describe))
        .route("/keys", get(keys))
        .route("/token", post(token))
        .route("/user-info", get(user_info))
        .layer(from_fn_with_state(provider.clone(), only_when_there))
        .with_state(provider)
}

async fn only_when_there(Shared(provider): Shared<Provider>, request: Request, next: Next) -> Response {
    if provider.state().is_away {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    next.run(request).await
}

async fn describe(Shared(Provider { url, .. }): Shared<Provider>) -> Json<Value> {
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "userinfo_endpoint": format!("{url}/user-info"),
        "jwks_uri": format!("{url}/keys"),
        "end_session_endpoint": format!("{url}/end"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    }))
}

async fn keys(Shared(provider): Shared<Provider>) -> Json<Value> {
    let mut state = provider.state();
    state.key_reads += 1;
    Json(json!({"keys": [state.key.published()]}))
}

/// What a browser gets that follows the link of a client: where it is sent back to.
pub(super) fn visit(state: &mut State, issuer: &str, link: &Url) -> anyhow::Result<String> {
    let asked: HashMap<_, _> = link.query_pairs().into_owned().collect();
    let asked = |name: &str| asked.get(name).cloned().with_context(|| format!("the request has no {name}"));
    ensure!(link.as_str().starts_with(&format!("{issuer}/authorize?")), "it leads to {link}");
    ensure!(
        asked("client_id")? == CLIENT.0 && asked("response_type")? == "code",
        "it asks for something else"
    );
    ensure!(asked("code_challenge_method")? == "S256", "without PKCE");
    ensure!(asked("scope")?.split(' ').any(|scope| scope == "openid"), "without openid");
    let redirect = asked("redirect_uri")?;
    let mut back: Url = redirect.parse()?;
    if let Some(error) = &state.refusal {
        back.query_pairs_mut().append_pair("error", error).append_pair("state", &asked("state")?);
        return Ok(back.into());
    }
    let code = Uuid::new_v4().to_string();
    let attempt = Attempt { redirect, nonce: asked("nonce")?, challenge: asked("code_challenge")? };
    state.codes.insert(code.clone(), attempt);
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", &asked("state")?)
        .append_pair("iss", issuer);
    Ok(back.into())
}

async fn token(Shared(provider): Shared<Provider>, headers: HeaderMap, body: String) -> Response {
    let sent: HashMap<_, _> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let sent = |name: &str| sent.get(name).map(String::as_str).unwrap_or_default();
    let refused = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response();
    let known = format!("Basic {}", STANDARD.encode(format!("{}:{}", CLIENT.0, CLIENT.1)));
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given.as_bytes() != known.as_bytes()) {
        return refused("invalid_client");
    }
    let mut state = provider.state();
    // Each works once.
    let Some(attempt) = state.codes.remove(sent("code")) else { return refused("invalid_grant") };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(sent("code_verifier")));
    if challenge != attempt.challenge || sent("redirect_uri") != attempt.redirect {
        return refused("invalid_grant");
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let mut claims =
        json!({"iss": provider.url, "aud": CLIENT.0, "iat": now, "exp": now + 300, "nonce": attempt.nonce});
    if let (Some(claims), Some(others)) = (claims.as_object_mut(), state.person.claims.as_object()) {
        claims.extend(others.clone());
    }
    let id_token = id_token(&state, &claims);
    Json(json!({"access_token": "of-the-test", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}))
        .into_response()
}

fn id_token(state: &State, claims: &Value) -> String {
    match state.tampering {
        Tampering::Nothing => state.key.signed("JWT", claims),
        Tampering::ForeignKey => {
            state.key.impostor().map(|key| key.signed("JWT", claims)).unwrap_or_default()
        }
        Tampering::Unsigned => format!("{}.", tokens::parts(&json!({"alg": "none"}), claims)),
        // The signature is of no matter: whoever takes such tokens at all has to be found.
        Tampering::SharedSecret => {
            format!("{}.c2lnbmF0dXJl", tokens::parts(&json!({"alg": "HS256"}), claims))
        }
    }
}

async fn user_info(Shared(provider): Shared<Provider>) -> Response {
    let person = provider.state().person.clone();
    match person.user_info {
        Some(said) => Json(said).into_response(),
        // Nothing besides who it is.
        None => Json(json!({"sub": person.claims["sub"]})).into_response(),
    }
}
