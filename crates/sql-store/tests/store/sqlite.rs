//! What only a file of this machine can do.

use std::{fs, os::unix::fs::PermissionsExt};

use sql_store::{Db, OpenError};

use crate::support::{NOTES, Place, execute};

#[tokio::test]
async fn a_second_opener_is_refused_until_the_first_has_closed() {
    let place = Place::sqlite();
    let first = place.migrated().await;
    let error = Db::open(place.options.clone()).await.unwrap_err();
    assert!(matches!(error, OpenError::InUse(_)), "{error:?}");
    assert!(error.to_string().contains(place.path().to_str().unwrap()), "{error}");
    first.close().await;
    place.migrated().await;
}

#[tokio::test]
async fn a_database_is_its_owners_alone() {
    let place = Place::sqlite();
    let db = place.migrated().await;
    execute(&db, "INSERT INTO notes (name, big) VALUES ('a', 1)").await.unwrap();
    let folder = place.path().parent().unwrap();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.path());
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), 4, "the file, its lock, -wal and -shm");
    assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
}

#[tokio::test]
async fn what_is_no_database_is_refused_with_its_name() {
    let place = Place::sqlite();
    fs::create_dir_all(place.path().parent().unwrap()).unwrap();
    fs::write(place.path(), "letters, and more of them, up to where a page of SQLite would begin".repeat(99))
        .unwrap();
    let error = match Db::open(place.options.clone()).await {
        Err(error) => error.to_string(),
        Ok(db) => format!("{:?}", db.migrate(&NOTES).await),
    };
    assert!(error.contains(place.path().to_str().unwrap()), "{error}");
}
