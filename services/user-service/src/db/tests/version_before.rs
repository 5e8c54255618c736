//! The tables of the version before are brought up to date, and it goes on beside this one.

use sql_store::{Db, Engine, Migrations};
use sqlx::{Row, query};
use uuid::Uuid;

use super::*;
use crate::db::migrations::{POSTGRES, SQLITE};

const CREATED_AT_US: i64 = 1_764_000_000_123_456;

/// Tables as the version before has left them.
async fn former_tables(database: &TestDatabase) -> Db {
    let db = Db::open(database.options.clone()).await.unwrap();
    db.migrate(&Migrations::per_engine(&POSTGRES[..1], &SQLITE[..1])).await.unwrap();
    db
}

/// Creates a person by the statement of the version before; whether there was none with that key.
async fn create_as_before(db: &Db, email: &str, version: u32) -> bool {
    let content = stored(email, version).content;
    let insert = query(
        "INSERT INTO people (email_key, email, availabilities, preference, created_at_us) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (email_key) DO NOTHING RETURNING email",
    )
    .bind(email.to_uppercase())
    .bind(email)
    .bind(content.availabilities)
    .bind(content.preference)
    .bind(CREATED_AT_US);
    db.writer().await.unwrap().fetch_optional(insert).await.unwrap().is_some()
}

async fn replace_as_before(db: &Db, email: &str, version: u32) {
    let content = stored(email, version).content;
    let update = query(
        "UPDATE people SET email = $2, availabilities = $3, preference = $4 WHERE email_key = $1 \
         RETURNING created_at_us",
    )
    .bind(email.to_uppercase())
    .bind(email)
    .bind(content.availabilities)
    .bind(content.preference);
    assert_eq!(db.writer().await.unwrap().fetch_all(update).await.unwrap().len(), 1, "{email}");
}

/// Reads a person by the statement of the version before.
async fn find_as_before(db: &Db, email: &str) -> Option<u32> {
    let select = query(
        "SELECT email_key, email, availabilities, preference, created_at_us FROM people WHERE email_key IN ($1)",
    )
    .bind(email.to_uppercase());
    let row = db.reader().await.unwrap().fetch_optional(select).await.unwrap()?;
    Some(version(&crate::db::people::person(&row).unwrap().record()))
}

async fn remove_as_before(db: &Db, email: &str) {
    let delete = query("DELETE FROM people WHERE email_key = $1").bind(email.to_uppercase());
    assert_eq!(db.writer().await.unwrap().execute(delete).await.unwrap(), 1, "{email}");
}

async fn texts(db: &Db, select: &'static str) -> Vec<String> {
    let rows = db.reader().await.unwrap().fetch_all(query(select)).await.unwrap();
    rows.iter().map(|row| row.try_get(0).unwrap()).collect()
}

const STORED_BEFORE: [&str; 6] = [
    "Ada@example.com",
    "\"a b\"@example.com",
    "jörg@exämple.de",
    "straße@example.com",
    "mıke@example.com",
    "小明@例子.测试",
];

#[tokio::test]
async fn people_of_the_version_before_keep_their_content_and_get_an_id_and_a_key() {
    for database in TestDatabase::both().await {
        let before = former_tables(&database).await;
        for (version, email) in (1..).zip(STORED_BEFORE) {
            assert!(create_as_before(&before, email, version).await);
        }
        drop(before);
        let people = People::new(match database.options.engine() {
            Engine::Sqlite => database.open().await,
            // Several replicas of the new version start at once.
            Engine::Postgres => tokio::join!(database.open(), database.open()).0,
        });
        for (version, email) in (1..).zip(STORED_BEFORE) {
            let found = people.find(&[key(&email.to_ascii_uppercase())]).await.unwrap();
            assert_eq!(found[&key(email)], stored(email, version).record());
            assert_eq!(find_as_before(people.db(), email).await, Some(version), "{email}");
        }
        for address in ["strasse@example.com", "mike@example.com", "JÖRG@exämple.de"] {
            assert_eq!(find(&people, address).await, None, "{address}");
        }
        for id in texts(people.db(), "SELECT id FROM people").await {
            let id: Uuid = id.parse().unwrap();
            let (seconds, _) = id.get_timestamp().unwrap().to_unix();
            assert_eq!((id.get_version_num(), seconds), (7, 1_764_000_000), "{id}");
            assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        }
    }
}

#[tokio::test]
async fn of_two_people_with_one_address_both_are_kept_and_one_is_found() {
    for database in TestDatabase::both().await {
        let before = former_tables(&database).await;
        assert!(create_as_before(&before, "ada@bücher.example", 1).await);
        assert!(create_as_before(&before, "ada@xn--bcher-kva.example", 2).await);
        drop(before);
        let people = People::new(database.open().await);
        for address in ["ada@bücher.example", "ada@xn--bcher-kva.example"] {
            assert_eq!(find(&people, address).await, Some(2), "{address}");
        }
        let duplicates = texts(people.db(), "SELECT email FROM people WHERE address_key = id").await;
        assert_eq!(duplicates, ["ada@bücher.example"]);
        assert_eq!(find_as_before(people.db(), "ada@bücher.example").await, Some(1));
    }
}

#[tokio::test]
async fn the_version_before_and_this_one_see_what_the_other_writes() {
    for database in TestDatabase::both().await {
        let people = People::new(database.open().await);
        let db = people.db();
        for email in STORED_BEFORE {
            assert!(create_as_before(db, email, 1).await);
            assert_eq!(find(&people, email).await, Some(1), "{email}");
            replace_as_before(db, email, 2).await;
            assert_eq!(find(&people, email).await, Some(2), "{email}");
            replace(&people, email, 3).await.commit().await.unwrap();
            assert_eq!(find_as_before(db, email).await, Some(3), "{email}");
            let known = people.create(&key(email), &stored(email, 4)).await.unwrap();
            assert_eq!(known, Creation::Known(stored(email, 3)), "{email}");
            remove_as_before(db, email).await;
            assert_eq!(find(&people, email).await, None, "{email}");

            assert_eq!(people.create(&key(email), &stored(email, 5)).await.unwrap(), Creation::New);
            assert!(!create_as_before(db, email, 6).await, "{email}");
            assert_eq!(find_as_before(db, email).await, Some(5), "{email}");
        }
    }
}

#[tokio::test]
async fn whom_the_version_before_cannot_tell_apart_can_be_stored_beside_each_other() {
    for database in TestDatabase::both().await {
        let people = People::new(database.open().await);
        let (former, latter) = ("straße@example.com", "strasse@example.com");
        for (version, email) in [(1, former), (2, latter)] {
            assert_eq!(people.create(&key(email), &stored(email, version)).await.unwrap(), Creation::New);
        }
        assert!(!create_as_before(people.db(), latter, 3).await);
        assert_eq!((find(&people, former).await, find(&people, latter).await), (Some(1), Some(2)));
        // The version before takes one for the other, as it always has; this one does not.
        replace_as_before(people.db(), latter, 4).await;
        assert_eq!((find(&people, former).await, find(&people, latter).await), (None, Some(2)));
        assert_eq!(texts(people.db(), "SELECT email FROM people WHERE address_key = id").await, [latter]);
    }
}

#[tokio::test]
async fn a_change_is_noted_for_the_cache_of_either_version() {
    let database = TestDatabase::postgres().await;
    let people = People::new(database.open().await);
    for email in ["ada@example.com", "jörg@exämple.de"] {
        assert!(create_as_before(people.db(), email, 1).await);
        assert_eq!(find(&people, email).await, Some(1));
        replace_as_before(people.db(), email, 2).await;
    }
    let mut names: Vec<String> =
        people.stale_keys().await.unwrap().iter().map(|stale| stale.key.to_string()).collect();
    names.sort_unstable();
    assert_eq!(names, ["JÖRG@EXÄMPLE.DE", "JöRG@XN--EXMPLE-CUA.DE"]);
}
