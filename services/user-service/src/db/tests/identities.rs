use std::time::Duration;

use futures::future::join_all;
use wire::Timestamp;

use crate::{
    db::{Accounts, NewAccessToken, StoredAttempt, TokenUse},
    identity::{EndedSessions, ProvenEmail, ProvenIdentity, ReturnPath},
    polls::TokenHash,
    test_support::{ADA, TestDatabase},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ISSUER: &str = "https://id.example.com";

fn now() -> Timestamp {
    Timestamp::from_micros(1_764_000_000_000_000).unwrap()
}

fn session(hash: &str) -> NewAccessToken {
    NewAccessToken {
        hash: hash.to_owned(),
        used_as: TokenUse::Session,
        name: "browser".to_owned(),
        may_write: true,
        created_at: now(),
        expires_at: now().plus(DAY),
    }
}

fn identity(subject: &str, email: ProvenEmail) -> ProvenIdentity {
    ProvenIdentity {
        issuer: ISSUER.to_owned(),
        subject: subject.to_owned(),
        email,
        is_administrator: false,
        provider_session: None,
        id_token: "a.b.c".to_owned(),
    }
}

fn proven(email: &str) -> ProvenEmail {
    ProvenEmail::Proven(email.parse().unwrap())
}

#[tokio::test]
async fn an_attempt_works_once_and_until_it_ends() {
    for database in TestDatabase::both().await {
        let accounts = Accounts::new(database.open().await);
        let path = ReturnPath::parse("/p/x").unwrap();
        let attempt = StoredAttempt { provider: "company".to_owned(), return_path: path };
        let secret = TokenHash::of("one");
        accounts.add_attempt(&secret, &attempt, now().plus(DAY)).await.unwrap();
        assert_eq!(accounts.take_attempt(&TokenHash::of("two"), now()).await.unwrap(), None);
        assert_eq!(accounts.take_attempt(&secret, now().plus(DAY)).await.unwrap(), None, "it has ended");
        let taken = join_all((0..5).map(|_| accounts.take_attempt(&secret, now()))).await;
        let taken: Vec<_> = taken.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(taken, std::slice::from_ref(&attempt));
        accounts.add_attempt(&secret, &attempt, now().plus(DAY)).await.unwrap();
        accounts.forget_attempts(now().plus(DAY)).await.unwrap();
        accounts.add_attempt(&secret, &attempt, now()).await.unwrap();
    }
}

#[tokio::test]
async fn an_identity_is_an_account_and_stays_it() {
    for database in TestDatabase::both().await {
        let accounts = Accounts::new(database.open().await);
        let start = async |identity: &ProvenIdentity, hash: &str| {
            let started = accounts.start_provider_session(identity, &session(hash)).await.unwrap();
            let account = accounts.by_token(hash, now()).await.unwrap();
            assert_eq!(started.as_ref(), account.as_ref().map(|account| &account.id));
            account.map(|account| (account.id, account.is_administrator))
        };
        let by_mail = accounts.of(&ADA.parse().unwrap(), now()).await.unwrap();
        for (hash, email) in [("a", ProvenEmail::None), ("b", ProvenEmail::Unverified)] {
            assert_eq!(start(&identity("ada", email), hash).await, None);
        }
        let of_ada = Some((by_mail.clone(), false));
        assert_eq!(start(&identity("ada", proven(ADA)), "c").await, of_ada);
        for (hash, email) in [("d", ProvenEmail::None), ("e", proven("bob@example.com"))] {
            assert_eq!(start(&identity("ada", email), hash).await, of_ada, "it is known by now");
        }
        let administrator = ProvenIdentity { is_administrator: true, ..identity("ada", proven(ADA)) };
        assert_eq!(start(&administrator, "f").await, Some((by_mail.clone(), true)));
        assert!(!accounts.by_token("e", now()).await.unwrap().unwrap().is_administrator);
        // Of the same issuer another one, and the same name at another issuer.
        assert_eq!(start(&identity("ada2", proven(ADA)), "g").await, of_ada);
        let elsewhere = ProvenIdentity {
            issuer: "https://other.example".to_owned(),
            ..identity("ada", proven("eve@example.com"))
        };
        assert_ne!(start(&elsewhere, "h").await.unwrap().0, by_mail);
    }
}

#[tokio::test]
async fn somebody_who_signs_in_twice_at_once_is_one() {
    for database in TestDatabase::both().await {
        let accounts = Accounts::new(database.open().await);
        let hashes: Vec<String> = (0..8).map(|number| format!("hash-{number}")).collect();
        let start = async |hash: &String| {
            let ada = identity("ada", proven(ADA));
            accounts.start_provider_session(&ada, &session(hash)).await.unwrap();
            accounts.by_token(hash, now()).await.unwrap().unwrap().id
        };
        let found = join_all(hashes.iter().map(start)).await;
        assert!(found.iter().all(|id| *id == found[0]), "{found:?}");
    }
}

#[tokio::test]
async fn sessions_end_with_those_of_the_provider() {
    for database in TestDatabase::both().await {
        let accounts = Accounts::new(database.open().await);
        let start = async |subject: &str, hash: &str, at_provider: Option<&str>| {
            let identity = ProvenIdentity {
                provider_session: at_provider.map(str::to_owned),
                ..identity(subject, proven(&format!("{subject}@example.com")))
            };
            accounts.start_provider_session(&identity, &session(hash)).await.unwrap();
        };
        start("ada", "one", Some("s1")).await;
        start("ada", "two", Some("s2")).await;
        start("ada", "unknown", None).await;
        start("bob", "bob", Some("s1")).await;
        let end = async |subject: &str, session: Option<&str>| {
            let ended = EndedSessions {
                issuer: ISSUER.to_owned(),
                subject: subject.to_owned(),
                provider_session: session.map(str::to_owned),
            };
            let mut hashes = accounts.end_provider_sessions(&ended).await.unwrap();
            hashes.sort();
            hashes
        };
        assert_eq!(end("eve", None).await, [""; 0]);
        assert_eq!(end("ada", Some("s1")).await, ["one", "unknown"]);
        assert_eq!(end("ada", None).await, ["two"]);
        assert_eq!(accounts.by_token("two", now()).await.unwrap(), None);
        let bob = accounts.by_token("bob", now()).await.unwrap().unwrap();
        let kept = accounts.provider_session(&bob.token_id.unwrap()).await.unwrap().unwrap();
        assert_eq!((kept.issuer.as_str(), kept.id_token.as_str()), (ISSUER, "a.b.c"));
        assert_eq!(accounts.provider_session("none").await.unwrap(), None);
    }
}
