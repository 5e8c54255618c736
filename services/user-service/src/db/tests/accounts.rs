use std::time::Duration;

use wire::{Email, Timestamp};

use crate::{
    db::{Accounts, NewAccessToken},
    test_support::{ADA, TestDatabase},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn token(hash: &str, now: Timestamp) -> NewAccessToken {
    NewAccessToken {
        hash: hash.to_owned(),
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
        assert_eq!(accounts.remove_token("another", &id).await.unwrap(), None, "it is not theirs");
        assert_eq!(accounts.remove_token(&ada, &id).await.unwrap().as_deref(), Some("one"));
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
        let last_used = async || accounts.tokens(&ada, now).await.unwrap()[0].last_used;
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
        assert_eq!(accounts.tokens(&ada, later).await.unwrap().len(), 1);
    }
}
