//! Bringing tables up to date: by many at once, by nobody in particular, and where it cannot be done.

use std::time::{Duration, Instant};

use futures::future::join_all;
use sql_store::{MigrationError, Outage};
use sqlx::query;
use tokio_util::sync::CancellationToken;

use crate::support::{NOTES, Place, execute};

#[tokio::test]
async fn replicas_may_migrate_at_once() {
    let place = Place::postgres().await;
    let migrate = async || place.open().await.migrate(&NOTES).await;
    for result in join_all((0..8).map(|_| migrate())).await {
        result.unwrap();
    }
}

#[tokio::test]
async fn migrations_have_the_time_that_they_need() {
    let mut place = Place::postgres().await;
    place.options.statement_deadline = Duration::from_millis(500);
    let (one, other) = (place.open().await, place.migrated().await);
    execute(&other, "DELETE FROM _sqlx_migrations").await.unwrap();
    execute(&other, "DROP TABLE notes").await.unwrap();
    let mut locked = other.begin().await.unwrap();
    locked.execute(query("LOCK TABLE _sqlx_migrations IN EXCLUSIVE MODE")).await.unwrap();
    let migrating = tokio::spawn(async move { one.migrate(&NOTES).await });
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(300)).await;
        locked.execute(query("SELECT CAST(1 AS BIGINT)")).await.unwrap();
    }
    locked.rollback().await.unwrap();
    migrating.await.unwrap().unwrap();
}

#[tokio::test]
async fn tables_that_are_up_to_date_need_neither_rights_nor_writes() {
    let mut place = Place::postgres().await;
    let role = role(&place).await;
    let db = place.migrated().await;
    execute(&db, &format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")).await.unwrap();
    let read_only = format!("ALTER ROLE {role} SET default_transaction_read_only TO on");
    execute(&db, &read_only).await.unwrap();
    place.change_dsn(|url| url.set_username(&role).unwrap());
    assert!(place.migrated().await.is_migrated());
}

#[tokio::test]
async fn a_server_that_refuses_the_service_ends_the_start_after_some_seconds() {
    let mut missing = Place::postgres().await;
    missing.change_dsn(|url| {
        url.set_password(Some("s3cret")).unwrap();
        url.set_path("/there_is_no_such_database");
    });
    let mut unknown = Place::postgres().await;
    unknown.change_dsn(|url| url.set_username("nobody_has_this_name").unwrap());
    let mut without_rights = Place::postgres().await;
    let role = role(&without_rights).await;
    without_rights.change_dsn(|url| url.set_username(&role).unwrap());
    let refused = [
        (missing, "there_is_no_such_database"),
        (unknown, "nobody_has_this_name"),
        (without_rights, "permission denied for schema public"),
    ];
    join_all(refused.map(async |(place, says)| {
        let db = place.open().await;
        let started = Instant::now();
        let error = db.migrate_when_available(&NOTES, &CancellationToken::new()).await.unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(20), "{says}: {:?}", started.elapsed());
        let MigrationError::Unavailable(cause) = &error else { panic!("{error:?}") };
        assert_eq!(cause.outage(), Some(Outage::NotAdmitted), "{error:?}");
        let text = format!("{error:?}");
        assert!(text.contains(says) && !format!("{text} {db:?}").contains("s3cret"), "{text}");
    }))
    .await;
}

/// A role that may log in, and nothing else.
async fn role(place: &Place) -> String {
    let name = testkit::shared::unique_name("role").replace('-', "_");
    let db = place.open().await;
    db.migrate(&sql_store::Migrations::common(&[])).await.unwrap();
    execute(&db, "DROP TABLE _sqlx_migrations").await.unwrap();
    execute(&db, "REVOKE CREATE ON SCHEMA public FROM PUBLIC").await.unwrap();
    execute(&db, &format!("CREATE ROLE {name} LOGIN")).await.unwrap();
    name
}
