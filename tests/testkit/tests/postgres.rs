//! PostgreSQL as a test server.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use sqlx::postgres::PgConnection;
use sqlx::{Connection, query, query_scalar};
use testkit::servers::{Postgres, PostgresOptions, ServerFiles};

async fn fast() -> Postgres {
    Postgres::start_with(PostgresOptions { without_fsync: true, ..PostgresOptions::default() }).await.unwrap()
}

#[tokio::test]
async fn keeps_what_was_committed_over_a_kill_with_a_session_open() {
    let mut server = fast().await;
    let dsn = server.create_database().await.unwrap();
    let mut session = PgConnection::connect(&dsn).await.unwrap();
    query("CREATE TABLE kept (n int)").execute(&mut session).await.unwrap();
    query("INSERT INTO kept VALUES (7)").execute(&mut session).await.unwrap();

    server.kill().await.unwrap();
    assert!(query("SELECT 1").execute(&mut session).await.is_err(), "its session outlived the server");
    assert!(PgConnection::connect(&dsn).await.is_err(), "somebody still answers");

    server.restart().await.unwrap();
    let mut session = PgConnection::connect(&dsn).await.unwrap();
    let kept: i32 = query_scalar("SELECT n FROM kept").fetch_one(&mut session).await.unwrap();
    assert_eq!(kept, 7);
}

#[tokio::test]
async fn servers_run_side_by_side_with_databases_of_their_own() {
    let (one, other) = tokio::join!(fast(), fast());
    assert_ne!(one.port(), other.port());
    let (first, second) = tokio::try_join!(one.create_database(), one.create_database()).unwrap();
    assert_ne!(first, second);
    for dsn in [first, second, other.create_database().await.unwrap()] {
        let mut session = PgConnection::connect(&dsn).await.unwrap();
        query("CREATE TABLE mine (n int)").execute(&mut session).await.unwrap();
    }
}

#[tokio::test]
async fn a_directory_that_stays_is_taken_up_again() {
    let kept = tempfile::tempdir().unwrap();
    let options = || PostgresOptions {
        files: ServerFiles { directory: Some(kept.path().join("store")), log: None },
        without_fsync: true,
    };
    let mut server = Postgres::start_with(options()).await.unwrap();
    let dsn = server.database("w2meet").await.unwrap();
    let mut session = PgConnection::connect(&dsn).await.unwrap();
    query("CREATE TABLE kept (n int)").execute(&mut session).await.unwrap();
    server.stop().await.unwrap();

    let server = Postgres::start_with(options()).await.unwrap();
    let mut session = PgConnection::connect(&server.database("w2meet").await.unwrap()).await.unwrap();
    let tables: i64 = query_scalar("SELECT count(*) FROM kept").fetch_one(&mut session).await.unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn commits_wait_for_the_disk_unless_told_otherwise() {
    let server = Postgres::start().await.unwrap();
    let mut session = PgConnection::connect(&server.dsn()).await.unwrap();
    let fsync: String = query_scalar("SHOW fsync").fetch_one(&mut session).await.unwrap();
    assert_eq!(fsync, "on");
}
