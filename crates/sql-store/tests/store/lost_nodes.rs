//! What a node keeps from others that is gone without a word: nothing, after some seconds.

use std::time::{Duration, Instant};

use sqlx::{Row, query};

use crate::support::{Place, behind_proxy, execute};

/// What docs/operations.md promises.
const FREED_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_node_lost_in_a_transaction_gives_its_rows_back() {
    let mut place = Place::postgres().await;
    let deadline = Duration::from_secs(3);
    place.options.statement_deadline = deadline;
    let other = place.migrated().await;
    execute(&other, "INSERT INTO notes (name, big) VALUES ('ada', 1)").await.unwrap();
    let proxy = place.move_behind_proxy().await;
    let lost = place.migrated().await;

    let mut tx = lost.begin().await.unwrap();
    tx.execute(query("UPDATE notes SET big = 2 WHERE name = 'ada'")).await.unwrap();
    // The link is cut, and no end of the connection comes through.
    proxy.hang();
    let started = Instant::now();
    let update = "UPDATE notes SET big = 3 WHERE name = 'ada'";
    while let Err(error) = execute(&other, update).await {
        assert!(error.is_unavailable(), "{error:?}");
        assert!(started.elapsed() < FREED_WITHIN, "the row is still locked: {error:?}");
    }
    assert!(started.elapsed() < FREED_WITHIN, "{:?}", started.elapsed());
    assert!(started.elapsed() > deadline, "a slow process gets its time: {:?}", started.elapsed());

    proxy.heal().await.unwrap();
    assert!(tx.commit().await.is_err(), "what was taken back is not called committed");
    let mut reader = other.reader().await.unwrap();
    let row = reader.fetch_optional(query("SELECT big FROM notes")).await.unwrap().unwrap();
    assert_eq!(row.get::<i64, _>(0), 3);
}

#[tokio::test]
async fn the_server_asks_silent_clients_for_a_sign_of_life() {
    let (_proxy, place) = behind_proxy().await;
    let db = place.migrated().await;
    let settings = query("SELECT name, setting FROM pg_settings WHERE name LIKE 'tcp_%' ORDER BY name");
    let rows = db.reader().await.unwrap().fetch_all(settings).await.unwrap();
    let settings: Vec<(&str, &str)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expected = [
        ("tcp_keepalives_count", "3"),
        ("tcp_keepalives_idle", "5"),
        ("tcp_keepalives_interval", "2"),
        ("tcp_user_timeout", "11000"),
    ];
    assert_eq!(settings, expected);
}
