//! What only a server can do: be unreachable, hang, cut connections, and be shared with others.

use std::time::Duration;

use sql_store::{Db, SqlError};
use sqlx::{Row, query};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::support::{NOTES, Place, behind_proxy};

async fn one(db: &Db) -> Result<i64, SqlError> {
    let row = db.reader().await?.fetch_optional(query("SELECT CAST(1 AS BIGINT)")).await?;
    Ok(row.unwrap().get(0))
}

#[tokio::test]
async fn a_process_may_start_before_its_server() {
    let (proxy, mut place) = behind_proxy().await;
    place.options.acquire_deadline = Duration::from_secs(1);
    proxy.cut().await;

    let db = place.open().await;
    assert!(db.ping().await.unwrap_err().is_unavailable());
    let stopping = CancellationToken::new();
    let migrating = db.migrate_when_available(&NOTES, &stopping);
    let server_back = async {
        assert!(db.reader().await.unwrap_err().is_unavailable());
        proxy.heal().await.unwrap();
    };
    tokio::join!(async { migrating.await.unwrap() }, server_back);
    assert_eq!(one(&db).await.unwrap(), 1);
}

#[tokio::test]
async fn waiting_for_the_server_ends_with_the_process() {
    let (proxy, place) = behind_proxy().await;
    proxy.cut().await;
    let db = place.open().await;
    let stopping = CancellationToken::new();
    stopping.cancel();
    db.migrate_when_available(&NOTES, &stopping).await.unwrap();
    assert!(!db.is_migrated());
}

#[tokio::test]
async fn broken_connections_are_replaced_and_not_served() {
    let (proxy, place) = behind_proxy().await;
    let db = place.migrated().await;
    for _ in 0..3 {
        let sessions = [db.reader().await.unwrap(), db.reader().await.unwrap(), db.reader().await.unwrap()];
        drop(sessions);
        proxy.cut().await;
        proxy.heal().await.unwrap();
        // Those that were used shortly before are not tried: that they are broken is seen by the statement.
        sleep(Duration::from_millis(100)).await;
        assert_eq!(one(&db).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_connection_that_broke_right_after_its_use_costs_one_statement() {
    let (proxy, place) = behind_proxy().await;
    let db = place.migrated().await;
    for _ in 0..3 {
        assert_eq!(one(&db).await.unwrap(), 1);
        proxy.cut().await;
        proxy.heal().await.unwrap();
        // On a slow machine it is tried before, since its use was not so short ago.
        assert!(one(&db).await.map_or_else(|error| error.is_unavailable(), |found| found == 1));
        assert_eq!(one(&db).await.unwrap(), 1);
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_and_costs_no_connection() {
    let (proxy, mut place) = behind_proxy().await;
    place.options.max_connections = 1;
    place.options.acquire_deadline = Duration::from_secs(1);
    place.options.statement_deadline = Duration::from_secs(1);
    let db = place.migrated().await;
    let mut session = db.reader().await.unwrap();
    proxy.hang();
    assert!(session.execute(query("SELECT CAST(1 AS BIGINT)")).await.unwrap_err().is_unavailable());
    drop(session);
    assert!(one(&db).await.unwrap_err().is_unavailable());
    proxy.heal().await.unwrap();
    assert_eq!(one(&db).await.unwrap(), 1);
}

#[tokio::test]
async fn a_statement_that_nobody_waits_for_leaves_nothing_behind() {
    let mut place = Place::postgres().await;
    place.options.max_connections = 1;
    let db = place.migrated().await;
    let mut tx = db.begin().await.unwrap();
    tx.execute(query("INSERT INTO notes (name, big) VALUES ('a', 1)")).await.unwrap();
    let sleeping = tx.execute(query("SELECT pg_sleep(60)"));
    assert!(timeout(Duration::from_millis(50), sleeping).await.is_err());
    drop(tx);
    let row = db.reader().await.unwrap().fetch_optional(query("SELECT COUNT(*) FROM notes")).await.unwrap();
    assert_eq!(row.unwrap().get::<i64, _>(0), 0);
}

#[tokio::test]
async fn services_in_one_database_keep_apart_by_schema() {
    let mut place = Place::postgres().await;
    let plain = place.migrated().await;
    place.options.schema = Some("worker");
    let worker = place.migrated().await;
    let insert = query("INSERT INTO notes (name, big) VALUES ('a', 1)");
    worker.writer().await.unwrap().execute(insert).await.unwrap();

    let tables = query(
        "SELECT CAST(table_schema || '.' || table_name AS TEXT) FROM information_schema.tables \
         WHERE table_schema IN ('public', 'worker') ORDER BY 1",
    );
    let rows = plain.reader().await.unwrap().fetch_all(tables).await.unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(names, ["public._sqlx_migrations", "public.notes", "worker._sqlx_migrations", "worker.notes"]);
    let row =
        plain.reader().await.unwrap().fetch_optional(query("SELECT COUNT(*) FROM notes")).await.unwrap();
    assert_eq!(row.unwrap().get::<i64, _>(0), 0, "the two have tables of their own");
}
