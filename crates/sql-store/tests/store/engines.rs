//! What both engines do alike.

use futures::future::join_all;
use prometheus::{Registry, TextEncoder};
use sql_store::{Db, SqlError};
use sqlx::{Row, query};

use crate::support::{NOTES, Place};

async fn insert(db: &Db, name: &str) -> Result<u64, SqlError> {
    let statement = query("INSERT INTO notes (name, big) VALUES ($1, $2)").bind(name).bind(1_i64);
    db.writer().await?.execute(statement).await
}

async fn count(db: &Db) -> i64 {
    let row = db.reader().await.unwrap().fetch_optional(query("SELECT COUNT(*) FROM notes")).await.unwrap();
    row.unwrap().get(0)
}

#[tokio::test]
async fn values_come_back_as_they_were_written() {
    for place in Place::both().await {
        let db = place.migrated().await;
        let mut writer = db.writer().await.unwrap();
        let statement =
            query("INSERT INTO notes (name, big, remark) VALUES ($1, $2, $3) RETURNING name, big, remark")
                .bind("o'brien — 東京")
                .bind(i64::MAX)
                .bind(None::<String>);
        let row = writer.fetch_optional(statement).await.unwrap().unwrap();
        assert_eq!(row.get::<&str, _>("name"), "o'brien — 東京");
        assert_eq!(row.get::<i64, _>("big"), i64::MAX);
        assert_eq!(row.get::<Option<String>, _>("remark"), None);
        drop(writer);

        let select = query("SELECT big FROM notes WHERE name = $1").bind("o'brien — 東京");
        let row = db.reader().await.unwrap().fetch_optional(select).await.unwrap().unwrap();
        assert_eq!(row.get::<i64, _>(0), i64::MAX);
    }
}

#[tokio::test]
async fn a_second_row_of_the_same_name_is_a_conflict() {
    for place in Place::both().await {
        let db = place.migrated().await;
        assert_eq!(insert(&db, "a").await.unwrap(), 1);
        assert!(matches!(insert(&db, "a").await, Err(SqlError::Conflict(_))), "{:?}", db.engine());
        assert_eq!(count(&db).await, 1);
    }
}

#[tokio::test]
async fn a_transaction_is_all_or_nothing() {
    for place in Place::both().await {
        let db = place.migrated().await;
        let insert = |name: &str| query("INSERT INTO notes (name, big) VALUES ($1, 1)").bind(name.to_owned());

        let mut dropped = db.begin().await.unwrap();
        dropped.execute(insert("a")).await.unwrap();
        drop(dropped);
        let mut rolled_back = db.begin().await.unwrap();
        rolled_back.execute(insert("b")).await.unwrap();
        rolled_back.rollback().await.unwrap();
        assert_eq!(count(&db).await, 0, "{:?}", db.engine());

        let mut failed = db.begin().await.unwrap();
        failed.execute(insert("c")).await.unwrap();
        assert!(matches!(failed.execute(insert("c")).await, Err(SqlError::Conflict(_))));
        assert!(failed.commit().await.is_err());
        assert_eq!(count(&db).await, 0, "{:?}", db.engine());

        let mut committed = db.begin().await.unwrap();
        committed.execute(insert("d")).await.unwrap();
        committed.execute(insert("e")).await.unwrap();
        committed.commit().await.unwrap();
        assert_eq!(count(&db).await, 2);
    }
}

#[tokio::test]
async fn many_writers_at_once_all_succeed() {
    for place in Place::both().await {
        let db = place.migrated().await;
        let write = async |number: usize| {
            let mut tx = db.begin().await?;
            tx.fetch_optional(query("SELECT COUNT(*) FROM notes")).await?;
            tx.execute(query("INSERT INTO notes (name, big) VALUES ($1, 1)").bind(number.to_string()))
                .await?;
            tx.commit().await
        };
        for result in join_all((0..40).map(write)).await {
            result.unwrap();
        }
        assert_eq!(count(&db).await, 40);
    }
}

#[tokio::test]
async fn tables_are_asked_only_once_they_are_there() {
    for place in Place::both().await {
        let db = place.open().await;
        assert!(!db.is_migrated());
        assert!(db.reader().await.unwrap_err().is_unavailable());
        assert!(db.begin().await.unwrap_err().is_unavailable());
        db.ping().await.unwrap();
        db.migrate(&NOTES).await.unwrap();
        assert_eq!(count(&db).await, 0);
    }
}

#[tokio::test]
async fn data_is_there_again_after_a_restart() {
    for place in Place::both().await {
        let db = place.migrated().await;
        insert(&db, "a").await.unwrap();
        db.close().await;
        assert_eq!(count(&place.migrated().await).await, 1, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_connection_in_use_is_counted_as_such() {
    for place in Place::both().await {
        let db = place.migrated().await;
        let registry = Registry::new();
        registry.register(Box::new(db.collector())).unwrap();
        let _session = db.reader().await.unwrap();
        let page = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
        assert!(page.contains("db_client_connection_count{state=\"used\"} 1\n"), "{page}");
    }
}
