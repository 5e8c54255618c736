//! Behind a PgBouncer in transaction mode, with few sessions for many connections.

use std::time::{Duration, Instant};

use futures::future::join_all;
use sql_store::{Db, MigrationError, OpenError, Outage, SqlError};
use sqlx::{Row, query};
use testkit::servers::{PgBouncer, PgBouncerOptions, Postgres};
use tokio_util::sync::CancellationToken;

use crate::support::{NOTES, Place, execute};

/// A database with tables, and the same one through a pooler of which the connection string tells, or not.
async fn behind_pooler(told: bool) -> (PgBouncer, Db, Place) {
    let mut place = Place::postgres().await;
    place.options.schema = Some("notes");
    let direct = place.migrated().await;
    let pooler =
        PgBouncer::start(place.options.dsn.as_ref().unwrap(), PgBouncerOptions::default()).await.unwrap();
    let says = if told { "?pooler=transaction&application_name=pooled" } else { "" };
    place.options.dsn = Some(format!("{}{says}", pooler.dsn()));
    (pooler, direct, place)
}

async fn text(db: &Db, statement: &'static str) -> String {
    let row = db.reader().await.unwrap().fetch_optional(query(statement)).await.unwrap();
    row.unwrap().get(0)
}

#[tokio::test]
async fn many_connections_share_few_sessions_and_nothing_else() {
    let (_pooler, direct, place) = behind_pooler(true).await;
    let replicas = [place.migrated().await, place.migrated().await];
    let write = async |db: &Db, number: usize| {
        let name = number.to_string();
        let insert = query("INSERT INTO notes (name, big) VALUES ($1, $2)").bind(name.clone());
        if number.is_multiple_of(2) {
            db.writer().await?.execute(insert.bind(1_i64)).await?;
        } else {
            let mut tx = db.begin().await?;
            tx.execute(insert.bind(0_i64)).await?;
            let update = query("UPDATE notes SET big = big + $1 WHERE name = $2");
            tx.execute(update.bind(1_i64).bind(name.clone())).await?;
            tx.commit().await?;
        }
        let mut session = db.reader().await?;
        for _ in 0..3 {
            let found = query("SELECT name FROM notes WHERE name = $1 AND big = $2").bind(name.clone());
            let row = session.fetch_optional(found.bind(1_i64)).await?.unwrap();
            assert_eq!(row.get::<&str, _>(0), name);
        }
        Ok::<_, SqlError>(())
    };
    for written in join_all((0..48).map(|number| write(&replicas[number % 3 % 2], number))).await {
        written.unwrap();
    }
    let sessions = "SELECT CAST(COUNT(*) AS TEXT) FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = 'pooled'";
    let sessions: usize = text(&direct, sessions).await.parse().unwrap();
    assert!((1..=3).contains(&sessions), "{sessions}");
    assert_eq!(text(&replicas[0], "SELECT CAST(COUNT(*) AS TEXT) FROM pg_prepared_statements").await, "0");
    assert_eq!(text(&replicas[0], "SELECT current_setting('statement_timeout')").await, "27s");
    assert_eq!(text(&replicas[0], "SELECT current_setting('enable_seqscan')").await, "off");
}

#[tokio::test]
async fn a_failed_statement_leaves_nothing_open() {
    let (_pooler, direct, place) = behind_pooler(true).await;
    let db = place.migrated().await;
    let insert = "INSERT INTO notes (name, big) VALUES ('a', 1)";
    execute(&db, insert).await.unwrap();
    for _ in 0..8 {
        assert!(matches!(execute(&db, insert).await, Err(SqlError::Conflict(_))));
    }
    let mut dropped = db.begin().await.unwrap();
    dropped.execute(query("DELETE FROM notes")).await.unwrap();
    drop(dropped);
    assert_eq!(text(&db, "SELECT CAST(COUNT(*) AS TEXT) FROM notes").await, "1");
    // The dropped one has the row no longer.
    assert_eq!(execute(&direct, "UPDATE notes SET big = 2").await.unwrap(), 1);
}

#[tokio::test]
async fn of_two_poolers_one_may_go() {
    let mut place = Place::postgres().await;
    place.migrated().await;
    let direct = place.options.dsn.clone().unwrap();
    let mut first = PgBouncer::start(&direct, PgBouncerOptions::default()).await.unwrap();
    let second = PgBouncer::start(&direct, PgBouncerOptions::default()).await.unwrap();
    let (_, name) = direct.rsplit_once('/').unwrap();
    let hosts = format!("{},{}", first.address(), second.address());
    place.options.dsn = Some(format!("postgres://postgres@{hosts}/{name}?pooler=transaction"));
    let db = place.migrated().await;
    first.kill().await.unwrap();
    // The connection from before may not have been tried since.
    if let Err(error) = execute(&db, "INSERT INTO notes (name, big) VALUES ('a', 1)").await {
        assert!(error.is_unavailable(), "{error:?}");
    }
    execute(&db, "INSERT INTO notes (name, big) VALUES ('b', 1)").await.unwrap();
}

#[tokio::test]
async fn a_server_that_dies_behind_its_pooler_is_unavailable_and_comes_back() {
    let mut server = Postgres::start().await.unwrap();
    let mut place = Place::postgres().await;
    place.options.statement_deadline = Duration::from_secs(2);
    place.options.acquire_deadline = Duration::from_secs(2);
    place.options.dsn = Some(server.create_database().await.unwrap());
    place.migrated().await;
    let pooler =
        PgBouncer::start(place.options.dsn.as_ref().unwrap(), PgBouncerOptions::default()).await.unwrap();
    place.options.dsn = Some(format!("{}?pooler=transaction", pooler.dsn()));
    let db = place.migrated().await;
    let insert = |name: usize| format!("INSERT INTO notes (name, big) VALUES ('{name}', 1)");
    execute(&db, &insert(0)).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.execute(query("INSERT INTO notes (name, big) VALUES ('lost', 1)")).await.unwrap();
    server.kill().await.unwrap();
    assert!(tx.commit().await.unwrap_err().is_unavailable());
    for number in 1..3 {
        let error = execute(&db, &insert(number)).await.unwrap_err();
        assert!(error.is_unavailable(), "{error:?}");
    }
    server.restart().await.unwrap();
    // The pooler tries the server again after its pause.
    let started = Instant::now();
    while let Err(error) = execute(&db, &insert(4)).await {
        assert!(error.is_unavailable() && started.elapsed() < Duration::from_secs(20), "{error:?}");
    }
    assert_eq!(text(&db, "SELECT CAST(COUNT(*) AS TEXT) FROM notes").await, "2");
}

#[tokio::test]
async fn a_pooler_in_session_mode_needs_nothing() {
    let mut place = Place::postgres().await;
    let options = PgBouncerOptions { mode: "session", sessions: 20, ..PgBouncerOptions::default() };
    let pooler = PgBouncer::start(place.options.dsn.as_ref().unwrap(), options).await.unwrap();
    place.options.dsn = Some(pooler.dsn());
    for name in ["a", "b", "c"] {
        let db = place.migrated().await;
        execute(&db, &format!("INSERT INTO notes (name, big) VALUES ('{name}', 1)")).await.unwrap();
        db.close().await;
    }
    assert_eq!(text(&place.migrated().await, "SELECT CAST(COUNT(*) AS TEXT) FROM notes").await, "3");
}

#[tokio::test]
async fn a_pooler_that_is_not_told_of_ends_the_start_and_says_what_is_missing() {
    let (_pooler, _direct, place) = behind_pooler(false).await;
    let db = place.open().await;
    let error = db.migrate_when_available(&NOTES, &CancellationToken::new()).await.unwrap_err();
    refused(&error, "pooler=transaction");
}

#[tokio::test]
async fn a_pooler_that_refuses_the_client_ends_the_start_with_its_words() {
    let mut place = Place::postgres().await;
    let options = PgBouncerOptions { ignored: "", ..PgBouncerOptions::default() };
    let pooler = PgBouncer::start(place.options.dsn.as_ref().unwrap(), options).await.unwrap();
    place.options.dsn = Some(format!("{}?pooler=transaction", pooler.dsn()));
    let error =
        place.open().await.migrate_when_available(&NOTES, &CancellationToken::new()).await.unwrap_err();
    refused(&error, "extra_float_digits");
}

#[tokio::test]
async fn tables_are_not_brought_up_to_date_through_a_pooler() {
    let (pooler, direct, place) = behind_pooler(true).await;
    execute(&direct, "DELETE FROM _sqlx_migrations").await.unwrap();
    let db = place.open().await;
    let error = db.migrate_when_available(&NOTES, &CancellationToken::new()).await.unwrap_err();
    refused(&error, "migrate");
    assert!(!db.is_migrated());

    let mut wrong = place.options.clone();
    wrong.dsn = Some(format!("{}?pooler=session", pooler.dsn()));
    assert!(matches!(Db::open(wrong).await, Err(OpenError::Dsn(_))));
}

#[track_caller]
fn refused(error: &MigrationError, says: &str) {
    let MigrationError::Unavailable(cause) = error else { panic!("{error:?}") };
    assert_eq!(cause.outage(), Some(Outage::NotAdmitted), "{error:?}");
    assert!(format!("{error:?}").contains(says), "{error:?}");
}
