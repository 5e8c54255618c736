//! One suite for both engines.

mod accounts;
mod audit;
mod cache_servers;
mod identities;
mod job_orders;
mod many_sessions;
mod polls;
mod subscriptions;
mod version_before;

use futures::future::join_all;
use wire::{CaseId, Timestamp};

use super::*;
use crate::{
    conditions::Conditions,
    key::Key,
    record::{Content, StoredPerson},
    test_support::{ADA, TestDatabase, key, person, version},
};

fn stored(address: &str, version: u32) -> StoredPerson {
    StoredPerson { content: Content::from(&person(address, version)), created_at_us: 1_764_000_000_123_456 }
}

async fn find(people: &People, address: &str) -> Option<u32> {
    people.find(&[key(address)]).await.unwrap().get(&key(address)).map(version)
}

/// A replacement of somebody, to be committed or dropped.
async fn replace(people: &People, address: &str, version: u32) -> Change {
    let content = stored(address, version).content;
    let replaced =
        people.replace(&key(address), content, &Conditions::default(), &CaseId::fresh()).await.unwrap();
    replaced.unwrap().0
}

async fn people_with_ada(database: &TestDatabase) -> People {
    let people = People::new(database.open().await);
    assert_eq!(people.create(&key(ADA), &stored(ADA, 1)).await.unwrap(), Creation::New);
    people
}

#[tokio::test]
async fn a_created_person_is_found_as_they_were_created() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        let found = people.find(&[key(ADA)]).await.unwrap();
        assert_eq!(found[&key(ADA)], stored(ADA, 1).record());
        assert_eq!(find(&people, "bob@example.com").await, None);
    }
}

#[tokio::test]
async fn a_second_creation_changes_nothing_and_says_who_is_there() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        let second = people.create(&key(ADA), &stored("ADA@example.com", 2)).await.unwrap();
        assert_eq!(second, Creation::Known(stored(ADA, 1)));
        assert_eq!(find(&people, ADA).await, Some(1));
    }
}

#[tokio::test]
async fn of_many_creations_at_once_one_is_new() {
    for database in TestDatabase::both().await {
        let people = People::new(database.open().await);
        let results =
            join_all((0..20).map(async |n| people.create(&key(ADA), &stored(ADA, n)).await.unwrap())).await;
        assert_eq!(results.iter().filter(|result| **result == Creation::New).count(), 1);
        let winner = find(&people, ADA).await.unwrap();
        let known = Creation::Known(stored(ADA, winner));
        assert_eq!(results.iter().filter(|result| **result == known).count(), 19);
    }
}

#[tokio::test]
async fn any_address_is_stored_and_found() {
    for database in TestDatabase::both().await {
        let people = People::new(database.open().await);
        let addresses =
            ["o'brien@example.com", "\"a b\"@example.com", "jörg@exämple.de", "a%_b@x.io", "x'or'1'='1@x.io"];
        for address in addresses {
            assert_eq!(people.create(&key(address), &stored(address, 7)).await.unwrap(), Creation::New);
        }
        for address in addresses {
            assert_eq!(find(&people, address).await, Some(7), "{address}");
        }
        assert_eq!(find(&people, "x' OR '1'='1").await, None);
    }
}

#[tokio::test]
async fn many_are_found_at_once() {
    for database in TestDatabase::both().await {
        let people = People::new(database.open().await);
        let addresses: Vec<String> = (0..100).map(|n| format!("p{n}@example.com")).collect();
        for (n, address) in (0..).zip(&addresses).filter(|(n, _)| n % 2 == 0) {
            people.create(&key(address), &stored(address, n)).await.unwrap();
        }
        for asked in [1, 2, 3, 99, 100] {
            let keys: Vec<Key> = addresses[..asked].iter().map(|address| key(address)).collect();
            let found = people.find(&keys).await.unwrap();
            assert_eq!(found.len(), asked.div_ceil(2));
            assert!(
                (0..).zip(&keys).all(|(n, key)| found.get(key).map(version) == (n % 2 == 0).then_some(n))
            );
        }
    }
}

#[tokio::test]
async fn a_replacement_is_seen_once_it_is_committed_and_keeps_the_instant_of_creation() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        let content = stored("Ada@example.com", 2).content;
        let (change, replaced) = people
            .replace(&key(ADA), content.clone(), &Conditions::default(), &CaseId::fresh())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(replaced, stored("Ada@example.com", 2));
        assert_eq!(find(&people, ADA).await, Some(1));
        change.commit().await.unwrap();
        assert_eq!(find(&people, ADA).await, Some(2));

        drop(replace(&people, ADA, 3).await);
        assert_eq!(find(&people, ADA).await, Some(2), "never committed");
        assert!(
            people
                .replace(&key("bob@example.com"), content, &Conditions::default(), &CaseId::fresh())
                .await
                .unwrap()
                .is_none()
        );
    }
}

#[tokio::test]
async fn a_deleted_person_is_gone_and_may_be_created_again() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        people
            .remove(&key(ADA), &Conditions::default(), &CaseId::fresh(), Timestamp::now())
            .await
            .unwrap()
            .unwrap()
            .commit()
            .await
            .unwrap();
        assert_eq!(find(&people, ADA).await, None);
        assert!(
            people
                .remove(&key(ADA), &Conditions::default(), &CaseId::fresh(), Timestamp::now())
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(people.create(&key(ADA), &stored(ADA, 9)).await.unwrap(), Creation::New);
    }
}

#[tokio::test]
async fn changes_of_one_person_wait_for_each_other_and_settling_waits_for_them() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        let first = replace(&people, ADA, 2).await;
        let ada = key(ADA);
        let mut second = std::pin::pin!(replace(&people, ADA, 3));
        let mut settled = std::pin::pin!(people.settle(&ada));
        tokio::select! {
            _ = &mut second => panic!("the first change is not committed"),
            _ = &mut settled => panic!("the first change is not committed"),
            // As long as it takes another connection to get through.
            _ = people.db().ping() => (),
        }
        first.commit().await.unwrap();
        // Whichever of the two comes first has the other wait.
        let finish_second = async { second.await.commit().await.unwrap() };
        let finish_settling = async { settled.await.unwrap() };
        tokio::join!(finish_second, finish_settling);
        assert_eq!(find(&people, ADA).await, Some(3));
    }
}

#[tokio::test]
async fn a_note_of_a_stale_key_comes_and_goes_with_its_change() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        let mut dropped = replace(&people, ADA, 2).await;
        dropped.note_stale("one").await.unwrap();
        drop(dropped);
        assert_eq!(people.stale_keys().await.unwrap(), []);

        let mut change = replace(&people, ADA, 2).await;
        change.note_stale("two").await.unwrap();
        change.commit().await.unwrap();
        assert_eq!(people.stale_keys().await.unwrap(), [StaleKey { key: key(ADA), mark: "two".to_owned() }]);
    }
}

#[tokio::test]
async fn a_note_that_was_renewed_is_not_forgotten() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        people.note_stale(&key(ADA), "one").await.unwrap();
        people.note_stale(&key("bob@example.com"), "other").await.unwrap();
        let seen = people.stale_keys().await.unwrap();
        assert_eq!(seen.len(), 2);
        people.note_stale(&key(ADA), "two").await.unwrap();
        people.forget_stale(&seen).await.unwrap();
        assert_eq!(people.stale_keys().await.unwrap(), [StaleKey { key: key(ADA), mark: "two".to_owned() }]);
    }
}

#[tokio::test]
async fn few_people_are_counted_and_many_are_estimated_where_that_is_cheaper() {
    for database in TestDatabase::both().await {
        let people = people_with_ada(&database).await;
        assert_eq!(people.count().await.unwrap(), 1.0);
        if people.db().engine() == sql_store::Engine::Sqlite {
            continue;
        }
        // What PostgreSQL takes itself to have.
        for (rows, counted) in [("9999", 1.0), ("10001", 10_001.0), ("-1", 1.0)] {
            let estimate = format!("UPDATE pg_class SET reltuples = {rows} WHERE oid = 'people'::regclass");
            let mut writer = people.db().writer().await.unwrap();
            writer.execute(sqlx::query(sqlx::AssertSqlSafe(estimate))).await.unwrap();
            assert_eq!(people.count().await.unwrap(), counted, "{rows}");
        }
    }
}
