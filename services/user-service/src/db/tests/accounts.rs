use std::time::Duration;

use futures::future::join_all;
use sqlx::{Row, query};
use wire::{CaseId, Email, Language, MailOutcome, MailState, Timestamp};

use crate::{
    db::{Accounts, JobOrders, NewAccessToken, TokenUse},
    polls::TokenHash,
    test_support::{ADA, TestDatabase},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn token(hash: &str, now: Timestamp) -> NewAccessToken {
    NewAccessToken {
        hash: hash.to_owned(),
        used_as: TokenUse::Program,
        name: "laptop".to_owned(),
        may_write: true,
        created_at: now,
        expires_at: now.plus(DAY),
    }
}

/// Accounts with Ada's, whose id it is.
async fn with_ada(database: &TestDatabase, now: Timestamp) -> (Accounts, String) {
    let accounts = Accounts::new(database.open().await);
    let email: Email = ADA.parse().unwrap();
    let id = accounts.of(&email, now).await.unwrap();
    let again: Email = ADA.to_uppercase().parse().unwrap();
    assert_eq!(accounts.of(&again, now).await.unwrap(), id, "an address has one account");
    (accounts, id)
}

#[tokio::test]
async fn a_token_is_its_accounts_until_it_ends_or_is_revoked() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let (accounts, ada) = with_ada(&database, now).await;
        let id = accounts.add_token(&ada, &token("one", now)).await.unwrap().unwrap();
        accounts.add_token(&ada, &token("two", now)).await.unwrap().unwrap();
        let found = accounts.by_token("one", now).await.unwrap().unwrap();
        assert_eq!((found.id.as_str(), found.email.as_deref()), (ada.as_str(), Some(ADA)));
        assert!(found.may_write && !found.is_administrator);
        assert_eq!(accounts.by_token("three", now).await.unwrap(), None);
        assert_eq!(
            accounts.remove_token("another", TokenUse::Program, &id).await.unwrap(),
            None,
            "it is not theirs"
        );
        assert_eq!(
            accounts.remove_token(&ada, TokenUse::Program, &id).await.unwrap().as_deref(),
            Some("one")
        );
        assert_eq!(accounts.by_token("one", now).await.unwrap(), None);
        assert!(accounts.by_token("two", now).await.unwrap().is_some());
        assert_eq!(accounts.by_token("two", now.plus(DAY)).await.unwrap(), None, "it has ended");
    }
}

#[tokio::test]
async fn the_day_of_the_last_use_is_noted() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let (accounts, ada) = with_ada(&database, now).await;
        accounts.add_token(&ada, &token("one", now)).await.unwrap().unwrap();
        let last_used = async || accounts.tokens(&ada, TokenUse::Program, now).await.unwrap()[0].last_used;
        assert_eq!(last_used().await, None);
        accounts.by_token("one", now).await.unwrap().unwrap();
        let day = last_used().await.unwrap();
        assert!(day <= now && now < day.plus(DAY));
    }
}

#[tokio::test]
async fn an_account_has_so_many_tokens_besides_those_that_have_ended() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let (accounts, ada) = with_ada(&database, now).await;
        for number in 0..Accounts::MOST_TOKENS {
            let added = accounts.add_token(&ada, &token(&number.to_string(), now)).await.unwrap();
            assert!(added.is_some(), "{number}");
        }
        assert_eq!(accounts.add_token(&ada, &token("more", now)).await.unwrap(), None);
        let later = now.plus(DAY);
        assert!(accounts.add_token(&ada, &token("more", later)).await.unwrap().is_some());
        assert_eq!(accounts.tokens(&ada, TokenUse::Program, later).await.unwrap().len(), 1);
    }
}

fn session(hash: &str, now: Timestamp) -> NewAccessToken {
    NewAccessToken { used_as: TokenUse::Session, name: "browser".to_owned(), ..token(hash, now) }
}

const QUARTER: Duration = Duration::from_secs(15 * 60);

/// Orders a link for Ada and gives its id and its token.
async fn link(database: &TestDatabase, accounts: &Accounts, now: Timestamp) -> (String, String) {
    let (email, case_id) = (ADA.parse().unwrap(), CaseId::fresh());
    assert!(accounts.order_sign_in(&email, Language::De, QUARTER, &case_id, now).await.unwrap());
    let orders = JobOrders::new(database.open().await);
    let claimed = orders.claim(now, now.plus(DAY), 10).await.unwrap();
    let [order] = &claimed[..] else { panic!("one is ordered: {claimed:?}") };
    assert_eq!(order.kind, "sign-in-mail");
    let id = order.payload["mail"].as_str().unwrap().to_owned();
    let token = accounts.sign_in(&id).await.unwrap().unwrap().token.unwrap();
    (id, token)
}

#[tokio::test]
async fn a_link_works_once_for_its_address_until_it_ends() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let accounts = Accounts::new(database.open().await);
        let (ada, bob): (Email, Email) =
            (ADA.to_uppercase().parse().unwrap(), "bob@example.com".parse().unwrap());
        let (_, token) = link(&database, &accounts, now).await;
        let hash = TokenHash::of(&token);
        let start = async |hash: &TokenHash, email: &Email, at: Timestamp| {
            accounts.start_session(hash, email, &session("s", at)).await.unwrap()
        };
        assert_eq!(start(&hash, &bob, now).await, None, "it was sent to another address");
        assert_eq!(start(&hash, &ada, now.plus(QUARTER)).await, None, "it has ended");
        assert_eq!(start(&TokenHash::of("x"), &ada, now).await, None);
        let started = start(&hash, &ada, now).await;
        let found = accounts.by_token("s", now).await.unwrap().unwrap();
        assert_eq!(started.as_ref(), Some(&found.id));
        assert_eq!(found.email.as_deref(), Some(ada.as_str()));
        assert_eq!(start(&hash, &ada, now).await, None, "it was used");
        let sessions = accounts.tokens(&found.id, TokenUse::Session, now).await.unwrap();
        assert_eq!((sessions.len(), sessions[0].id.clone()), (1, found.token_id.unwrap()));
        assert!(accounts.tokens(&found.id, TokenUse::Program, now).await.unwrap().is_empty());
        assert_eq!(accounts.remove_token(&found.id, TokenUse::Program, &sessions[0].id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn the_token_of_a_link_is_gone_once_its_mail_has_gone_out() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let accounts = Accounts::new(database.open().await);
        let (id, token) = link(&database, &accounts, now).await;
        assert!(accounts.end_sign_in_mail(&id, &MailOutcome::Sent).await.unwrap());
        let stored = accounts.sign_in(&id).await.unwrap().unwrap();
        assert_eq!((stored.mail_state, stored.token), (MailState::Sent, None));
        let (hash, email) = (TokenHash::of(&token), ADA.parse().unwrap());
        assert!(accounts.start_session(&hash, &email, &session("s", now)).await.unwrap().is_some());
        assert!(!accounts.end_sign_in_mail(&id, &MailOutcome::Sent).await.unwrap(), "it is used up");
    }
}

#[tokio::test]
async fn an_address_has_so_many_links_that_hold_also_of_those_ordered_together() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let accounts = Accounts::new(database.open().await);
        let order = async |address: &str, at: Timestamp| {
            let email = address.parse().unwrap();
            accounts.order_sign_in(&email, Language::En, QUARTER, &CaseId::fresh(), at).await.unwrap()
        };
        let addresses = [ADA.to_owned(), ADA.to_uppercase()];
        let ordered = join_all((0..20).map(|number| order(&addresses[number % 2], now))).await;
        let taken = ordered.into_iter().filter(|taken| *taken).count();
        assert_eq!(taken as i64, Accounts::MOST_SIGN_INS);
        assert!(!order(ADA, now).await);
        assert!(order("bob@example.com", now).await);
        assert!(order(ADA, now.plus(QUARTER)).await, "those before hold no longer");
        let stored = async || {
            let select = query("SELECT CAST(COUNT(*) AS BIGINT) AS number FROM sign_ins");
            let mut reader = accounts.0.reader().await.unwrap();
            reader.fetch_optional(select).await.unwrap().unwrap().get::<i64, _>("number")
        };
        assert_eq!(stored().await, 7);
        accounts.forget_sign_ins(now.plus(QUARTER)).await.unwrap();
        assert_eq!(stored().await, 1, "one holds");
    }
}

#[tokio::test]
async fn of_more_sessions_than_an_account_may_have_the_oldest_end() {
    for database in TestDatabase::both().await {
        let now = Timestamp::from_micros(1_764_000_000_000_000).unwrap();
        let (accounts, ada) = with_ada(&database, now).await;
        accounts.add_token(&ada, &token("program", now)).await.unwrap().unwrap();
        for number in 0..=Accounts::MOST_TOKENS {
            let at = now.plus(Duration::from_secs(number.unsigned_abs()));
            accounts.add_token(&ada, &session(&format!("s{number}"), at)).await.unwrap().unwrap();
        }
        assert_eq!(accounts.by_token("s0", now).await.unwrap(), None);
        assert!(accounts.by_token("s1", now).await.unwrap().is_some());
        assert!(accounts.by_token("program", now).await.unwrap().is_some());
    }
}
