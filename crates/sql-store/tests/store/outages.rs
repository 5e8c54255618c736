//! What is said of a database that cannot do all of what it should.

use std::{error::Error, time::Duration};

use sql_store::{Db, Health, Outage};
use sqlx::{Row, query};
use testkit::servers::{Postgres, PostgresOptions};
use tokio_util::sync::CancellationToken;

use crate::support::{NOTES, Place, behind_proxy, execute};

const INSERT: &str = "INSERT INTO notes (name, big) VALUES ('a', 1)";

async fn health_of_writes(db: &Db, says: &str) {
    let Health { answer, readable } = db.health().await;
    let reason = answer.unwrap_err();
    assert!(readable && reason.contains(says), "{reason}");
}

#[tokio::test]
async fn a_closed_port_is_named_at_once() {
    let (proxy, mut place) = behind_proxy().await;
    place.options.acquire_deadline = Duration::from_secs(30);
    let db = place.migrated().await;
    proxy.cut().await;
    let started = std::time::Instant::now();
    let error = db.reader().await.unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_eq!(error.outage(), Some(Outage::Unreachable), "{error:?}");
    assert_eq!(error.summary(), "the database cannot be reached: connection refused");
    let expected = Health { answer: Err(error.summary()), readable: false };
    assert_eq!(db.health().await, expected);
    proxy.heal().await.unwrap();
    assert!(db.health().await.answer.is_ok());
}

#[tokio::test]
async fn a_pool_in_use_is_busy_and_the_database_is_well() {
    for mut place in Place::both().await {
        place.options.max_connections = 1;
        // Long enough to connect on a busy machine.
        place.options.acquire_deadline = Duration::from_secs(3);
        let db = place.migrated().await;
        let mut session = db.reader().await.unwrap();
        assert_eq!(db.reader().await.unwrap_err().outage(), Some(Outage::Busy));
        session.execute(query("SELECT CAST(1 AS BIGINT)")).await.unwrap();
        assert!(db.health().await.answer.is_ok(), "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_slow_answer_is_no_lost_connection() {
    let (proxy, mut place) = behind_proxy().await;
    place.options.statement_deadline = Duration::from_millis(300);
    let db = place.migrated().await;
    let mut session = db.reader().await.unwrap();
    proxy.hang();
    let error = session.execute(query("SELECT CAST(1 AS BIGINT)")).await.unwrap_err();
    assert_eq!(error.outage(), Some(Outage::Slow), "{error:?}");
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_ended_by_the_server_and_costs_no_connection() {
    let mut place = Place::postgres().await;
    place.options.statement_deadline = Duration::from_secs(3);
    let db = place.migrated().await;
    let mut session = db.reader().await.unwrap();
    let error = session.execute(query("SELECT pg_sleep(60)")).await.unwrap_err();
    assert_eq!(error.outage(), Some(Outage::Slow), "{error:?}");
    let row = session.fetch_optional(query("SELECT CAST(7 AS BIGINT)")).await.unwrap();
    assert_eq!(row.unwrap().get::<i64, _>(0), 7);
}

#[tokio::test]
async fn a_read_only_server_reads_and_says_that_it_does_not_write() {
    let mut place = Place::postgres().await;
    place.options.max_connections = 1;
    let db = place.migrated().await;
    execute(&db, INSERT).await.unwrap();
    let dsn = place.options.dsn.clone().unwrap();
    let alter =
        format!("ALTER DATABASE {} SET default_transaction_read_only TO", dsn.rsplit('/').next().unwrap());
    execute(&db, &format!("{alter} on")).await.unwrap();
    db.close().await;

    let db = place.migrated().await;
    health_of_writes(&db, "takes no writes").await;
    assert_eq!(execute(&db, INSERT).await.unwrap_err().outage(), Some(Outage::ReadOnly));
    let mut reader = db.reader().await.unwrap();
    assert_eq!(reader.fetch_all(query("SELECT name FROM notes")).await.unwrap().len(), 1);
    drop(reader);
    health_of_writes(&db, "takes no writes").await;

    // A session keeps the setting that it began with, and the next look has another one.
    let administrator = place.migrated().await;
    execute(&administrator, "SET default_transaction_read_only TO off").await.unwrap();
    execute(&administrator, &format!("{alter} off")).await.unwrap();
    let _ = db.health().await;
    assert!(db.health().await.answer.is_ok());
    execute(&db, "INSERT INTO notes (name, big) VALUES ('b', 1)").await.unwrap();
}

#[tokio::test]
async fn a_table_that_is_gone_or_kept_from_the_service_is_told_by_health() {
    let mut place = Place::postgres().await;
    place.options.table = Some("notes");
    let owner = place.migrated().await;
    let role = testkit::shared::unique_name("role");
    execute(&owner, &format!("CREATE ROLE {role} LOGIN")).await.unwrap();
    execute(&owner, &format!("GRANT SELECT ON _sqlx_migrations TO {role}")).await.unwrap();
    place.change_dsn(|dsn| dsn.set_username(&role).unwrap());
    let db = place.migrated().await;
    for (change, answer, readable) in [
        ("GRANT SELECT, INSERT, UPDATE, DELETE ON notes TO", Ok(()), true),
        ("REVOKE INSERT ON notes FROM", Err("does not let this service write"), true),
        ("REVOKE ALL ON notes FROM", Err("does not let this service read"), false),
    ] {
        execute(&owner, &format!("{change} {role}")).await.unwrap();
        let health = db.health().await;
        assert_eq!(health.readable, readable, "{change}: {health:?}");
        match answer {
            Ok(()) => assert!(health.answer.is_ok(), "{change}: {health:?}"),
            Err(says) => assert!(health.answer.unwrap_err().contains(says), "{change}"),
        }
    }
    execute(&owner, "ALTER TABLE notes RENAME TO gone").await.unwrap();
    let health = owner.health().await;
    assert!(!health.readable && health.answer.unwrap_err().contains("lacks a table"));
    execute(&owner, "ALTER TABLE gone RENAME TO notes").await.unwrap();
    assert!(owner.health().await.answer.is_ok());
    execute(&owner, &format!("DROP OWNED BY {role}")).await.unwrap();
    execute(&owner, &format!("DROP ROLE {role}")).await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_named_while_it_runs_and_ends_the_start() {
    let options = PostgresOptions { without_fsync: true, ..PostgresOptions::default() };
    let server = Postgres::start_with(options).await.unwrap();
    let mut place = Place::postgres().await;
    place.options.dsn = Some(server.create_database().await.unwrap());
    let administrator = place.migrated().await;
    let file = "current_setting('hba_file')";
    let lines = "VALUES ('host all app 127.0.0.1/32 scram-sha-256'), ('host all all 127.0.0.1/32 trust')";
    for statement in [
        "CREATE ROLE app SUPERUSER LOGIN PASSWORD 'right'".to_owned(),
        format!("DO $$ BEGIN EXECUTE format('COPY ({}) TO %L', {file}); END $$", lines.replace('\'', "''")),
        "SELECT pg_reload_conf()".to_owned(),
    ] {
        execute(&administrator, &statement).await.unwrap();
    }
    place.change_dsn(|dsn| {
        dsn.set_username("app").unwrap();
        dsn.set_password(Some("right")).unwrap();
    });
    let db = place.migrated().await;
    assert!(db.health().await.answer.is_ok());
    execute(&administrator, "ALTER ROLE app PASSWORD 'other'").await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'";
    let refused = async || {
        execute(&administrator, cut).await.unwrap();
        db.reader().await.is_err_and(|error| error.outage() == Some(Outage::NotAdmitted))
    };
    // The server reads its files when it comes to it.
    for attempt in 0..100 {
        if refused().await {
            break;
        }
        assert!(attempt < 99, "the server takes the old password");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let health = db.health().await;
    assert_eq!(health.answer.unwrap_err(), "the database does not admit this service: code 28P01");
    assert!(!health.readable);
    let started = place.open().await.migrate_when_available(&NOTES, &CancellationToken::new()).await;
    let error = started.unwrap_err();
    let cause = std::iter::successors(error.source(), |&cause| cause.source()).last().unwrap().to_string();
    assert!(cause.contains("password authentication failed"), "{cause}");
    execute(&administrator, "ALTER ROLE app PASSWORD 'right'").await.unwrap();
    assert!(db.health().await.answer.is_ok());
}

#[tokio::test]
async fn a_full_disk_is_remembered_until_a_write_succeeds() {
    let mut place = Place::sqlite();
    place.options.max_connections = 1;
    let db = place.migrated().await;
    execute(&db, INSERT).await.unwrap();
    execute(&db, "PRAGMA max_page_count = 1").await.unwrap();
    let long = format!("INSERT INTO notes (name, big, remark) VALUES ('b', 1, '{}')", "x".repeat(100_000));
    assert_eq!(execute(&db, &long).await.unwrap_err().outage(), Some(Outage::ReadOnly));
    health_of_writes(&db, "takes no writes").await;
    let mut reader = db.reader().await.unwrap();
    assert_eq!(reader.fetch_all(query("SELECT name FROM notes")).await.unwrap().len(), 1);
    drop(reader);
    execute(&db, "PRAGMA max_page_count = 1000000").await.unwrap();
    health_of_writes(&db, "takes no writes").await;
    execute(&db, &long).await.unwrap();
    assert!(db.health().await.answer.is_ok());
}

#[tokio::test]
async fn who_would_wait_behind_too_many_is_told_at_once() {
    for mut place in Place::both().await {
        place.options.max_connections = 1;
        place.options.acquire_deadline = Duration::from_secs(30);
        let db = place.migrated().await;
        let _session = db.reader().await.unwrap();
        let mut waiting: Vec<_> = (0..128).map(|_| Box::pin(db.reader())).collect();
        for wait in &mut waiting {
            assert!(futures::poll!(wait).is_pending());
        }
        let refused = tokio::time::timeout(Duration::from_secs(1), db.reader()).await.unwrap().unwrap_err();
        assert_eq!(refused.outage(), Some(Outage::Busy), "{:?}", db.engine());
    }
}
