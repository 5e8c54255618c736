//! Providers that say what is true, and others.

use serde_json::{Value, json};
use testkit::{IdentityProvider, Person, Tampering};
use wire::Timestamp;

use super::*;

const ADA: &str = "ada@example.com";

fn provider(at: &IdentityProvider, changes: Value) -> Provider {
    let list = ProviderList::parse(&json!([at.setting(changes)]).to_string()).unwrap();
    let settings = list.iter().next().unwrap().clone();
    Provider::new(settings, &"https://meet.example.com".parse().unwrap()).unwrap()
}

/// Goes to the provider and comes back.
async fn sign_in(at: &IdentityProvider, provider: &Provider) -> Result<ProvenIdentity, ProviderError> {
    let secret = AttemptSecret::fresh();
    let code = code(at, &provider.sign_in_url(&secret).await?, &secret);
    provider.identity(&secret, code).await
}

/// What the provider sends the browser back with.
fn code(at: &IdentityProvider, link: &url::Url, secret: &AttemptSecret) -> String {
    let back: url::Url = at.visit(link.as_str()).unwrap().parse().unwrap();
    let value = |name: &str| back.query_pairs().find(|(key, _)| key == name).unwrap().1.into_owned();
    assert!(back.as_str().starts_with("https://meet.example.com/users/identity-providers/company/callback?"));
    assert!(secret.is_state(&value("state")));
    value("code")
}

fn person(changes: Value) -> Person {
    let mut person = Person::of(ADA);
    person.claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    person
}

fn proven() -> ProvenEmail {
    ProvenEmail::Proven(ADA.parse().unwrap())
}

fn now() -> i64 {
    Timestamp::now().micros() / 1_000_000
}

#[tokio::test]
async fn somebody_is_whom_their_provider_says() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({"administrator_groups": ["admins"]}));
    at.sign_in(person(json!({"groups": ["admins"], "sid": "one", "azp": "w2meet"})));
    let identity = sign_in(&at, &provider).await.unwrap();
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), (at.url(), "sub-of-ada@example.com"));
    assert_eq!((identity.email, identity.is_administrator), (proven(), true));
    assert_eq!(identity.provider_session.as_deref(), Some("one"));
    let end = provider.sign_out_url(&identity.id_token).await.unwrap();
    assert!(end.as_str().starts_with(&format!("{}/end?", at.url())), "{end}");
    let said: std::collections::HashMap<_, _> = end.query_pairs().into_owned().collect();
    assert_eq!(said["id_token_hint"], identity.id_token);
    assert_eq!(said["post_logout_redirect_uri"], "https://meet.example.com/account");
}

#[tokio::test]
async fn what_the_token_does_not_say_is_asked_for() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({"administrator_groups": ["admins"]}));
    let said = json!({"sub": "a", "email": ADA, "email_verified": "true", "groups": "admins"});
    at.sign_in(Person { claims: json!({"sub": "a"}), user_info: Some(said) });
    let identity = sign_in(&at, &provider).await.unwrap();
    assert_eq!((identity.email, identity.is_administrator), (proven(), true));
    let of_another = json!({"sub": "b", "email": ADA, "email_verified": true});
    at.sign_in(Person { claims: json!({"sub": "a"}), user_info: Some(of_another) });
    assert!(matches!(sign_in(&at, &provider).await, Err(ProviderError::Untrue(_))));
}

#[tokio::test]
async fn a_token_that_is_not_for_this_attempt_is_refused() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({}));
    for wrong in [
        json!({"iss": "https://id.example.com"}),
        json!({"aud": "another"}),
        json!({"aud": ["w2meet", "another"]}),
        json!({"azp": "another"}),
        json!({"nonce": "another"}),
        json!({"nonce": null}),
    ] {
        at.sign_in(person(wrong.clone()));
        let refused = sign_in(&at, &provider).await;
        assert!(matches!(refused, Err(ProviderError::Untrue(_))), "{wrong}: {refused:?}");
    }
}

/// Times of a token whose provider's clock differs by nearly a minute, which holds, and by more, which does not; a few seconds
/// are for the test itself.
const SKEWED: [(&str, i64, bool); 6] = [
    ("exp", -50, true),
    ("exp", -70, false),
    ("iat", 50, true),
    ("iat", 70, false),
    ("nbf", 50, true),
    ("nbf", 70, false),
];

#[tokio::test]
async fn clocks_may_differ_by_a_minute_and_no_more() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({}));
    for (claim, seconds, holds) in SKEWED {
        at.sign_in(person(json!({claim: now() + seconds})));
        let signed_in = sign_in(&at, &provider).await;
        assert_eq!(signed_in.is_ok(), holds, "{claim} {seconds}: {signed_in:?}");
        let untrue = matches!(signed_in, Ok(_) | Err(ProviderError::Untrue(_)));
        assert!(untrue, "{claim} {seconds}: {signed_in:?}");
    }
    // A token may say when it holds, and by a number alone.
    for (begin, holds) in
        [(json!(now() - 100), true), (json!(now() as f64 - 0.5), true), (json!("now"), false)]
    {
        at.sign_in(person(json!({"nbf": begin})));
        assert_eq!(sign_in(&at, &provider).await.is_ok(), holds, "{begin}");
    }
}

#[tokio::test]
async fn a_token_that_others_have_signed_is_refused() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({}));
    for tampering in [Tampering::ForeignKey, Tampering::Unsigned, Tampering::SharedSecret] {
        at.tamper(tampering);
        let refused = sign_in(&at, &provider).await;
        assert!(matches!(refused, Err(ProviderError::Untrue(_))), "{tampering:?}: {refused:?}");
    }
    at.tamper(Tampering::Nothing);
    assert!(sign_in(&at, &provider).await.is_ok());
}

#[tokio::test]
async fn a_code_is_worth_nothing_to_another_browser() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({}));
    let secret = AttemptSecret::fresh();
    let stolen = code(&at, &provider.sign_in_url(&secret).await.unwrap(), &secret);
    let refused = provider.identity(&AttemptSecret::fresh(), stolen).await;
    assert!(matches!(refused, Err(ProviderError::Untrue(_))), "{refused:?}");
}

#[tokio::test]
async fn a_client_with_another_secret_is_told_so() {
    let at = IdentityProvider::start().await.unwrap();
    let refused = sign_in(&at, &provider(&at, json!({"client_secret": "another"}))).await.unwrap_err();
    assert!(refused.to_string().contains("invalid_client"), "{refused}");
}

#[tokio::test]
async fn a_provider_that_is_away_is_waited_for_by_nobody() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({}));
    at.set_away(true);
    let secret = AttemptSecret::fresh();
    for _ in 0..3 {
        let away = provider.sign_in_url(&secret).await;
        assert!(matches!(away, Err(ProviderError::Away(_))), "{away:?}");
    }
    assert_eq!(provider.sign_out_url("").await, None);
}

#[tokio::test]
async fn keys_are_not_read_again_and_again_for_one_that_nobody_has() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({}));
    sign_in(&at, &provider).await.unwrap();
    at.rotate_keys("second").unwrap();
    for _ in 0..3 {
        // Just read, so that this key has to wait.
        assert!(sign_in(&at, &provider).await.is_err());
    }
    assert_eq!(at.key_reads(), 1);
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(31)).await;
    tokio::time::resume();
    assert!(sign_in(&at, &provider).await.is_ok());
    assert_eq!(at.key_reads(), 2);
}

#[tokio::test]
async fn a_provider_ends_its_own_sessions_alone() {
    let at = IdentityProvider::start().await.unwrap();
    let provider = provider(&at, json!({}));
    let event = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
    let claims = |changes: Value| {
        let mut claims = json!({"iss": at.url(), "aud": "w2meet", "iat": now(), "exp": now() + 120, "sub": "a",
            "sid": "one", "jti": "1", "events": event});
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    };
    for kind in ["logout+jwt", "JWT"] {
        let ended = provider.ended_sessions(&at.signed(kind, &claims(json!({})))).await.unwrap();
        assert_eq!((ended.subject.as_str(), ended.provider_session.as_deref()), ("a", Some("one")));
        assert_eq!(ended.issuer, at.url());
    }
    for wrong in [
        json!({"iss": "https://id.example.com"}),
        json!({"aud": "another"}),
        json!({"nonce": "n"}),
        json!({"events": {}}),
        // Such tokens are taken for five minutes.
        json!({"iat": now() - 310}),
    ] {
        let refused = provider.ended_sessions(&at.signed("logout+jwt", &claims(wrong.clone()))).await;
        assert!(matches!(refused, Err(ProviderError::Untrue(_))), "{wrong}: {refused:?}");
    }
    for (claim, seconds, holds) in SKEWED.into_iter().chain([("iat", -290, true)]) {
        let token = at.signed("logout+jwt", &claims(json!({claim: now() + seconds})));
        assert_eq!(provider.ended_sessions(&token).await.is_ok(), holds, "{claim} {seconds}");
    }
    assert!(provider.ended_sessions("a.b.c").await.is_err());
}
