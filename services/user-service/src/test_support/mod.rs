//! What the tests of several modules need.

use std::time::Duration;

use sql_store::{Db, Engine, OpenOptions};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use wire::{Availabilities, NewPerson, Person};

use crate::{
    MIGRATIONS,
    cache::{RedisCache, RedisMetrics},
    key::Key,
    record::Record,
    redis_servers::{RedisAccess, RedisServers},
};

/// A database that no other test has.
pub(crate) struct TestDatabase {
    pub(crate) options: OpenOptions,
    /// The one who has the file open; several services share it.
    file: OnceCell<Db>,
    /// Removed with the file in it when this is dropped.
    _folder: Option<TempDir>,
}

impl TestDatabase {
    pub(crate) async fn postgres() -> TestDatabase {
        let dsn = testkit::shared::postgres_database().await.unwrap();
        TestDatabase::new(OpenOptions::new(Some(dsn), "unused.db"), None)
    }

    pub(crate) fn sqlite() -> TestDatabase {
        let folder = tempfile::tempdir().unwrap();
        TestDatabase::new(OpenOptions::new(None, folder.path().join("users.db")), Some(folder))
    }

    fn new(options: OpenOptions, folder: Option<TempDir>) -> TestDatabase {
        TestDatabase { options: with_long_deadlines(options), file: OnceCell::new(), _folder: folder }
    }

    pub(crate) async fn both() -> [TestDatabase; 2] {
        [TestDatabase::postgres().await, TestDatabase::sqlite()]
    }

    pub(crate) async fn open(&self) -> Db {
        let open = async || {
            let db = Db::open(self.options.clone()).await.unwrap();
            db.migrate(&MIGRATIONS).await.unwrap();
            db
        };
        match self.options.engine() {
            Engine::Postgres => open().await,
            Engine::Sqlite => self.file.get_or_init(open).await.clone(),
        }
    }
}

/// No test is about these deadlines unless it sets its own, and a busy machine may be slow.
fn with_long_deadlines(options: OpenOptions) -> OpenOptions {
    let deadline = Duration::from_secs(300);
    OpenOptions { acquire_deadline: deadline, statement_deadline: deadline, ..options }
}

pub(crate) const TTL_SECONDS: u64 = 300;

/// A cache in the Redis on this port, not connected yet.
pub(crate) fn redis_cache(port: u16, deadline: Duration) -> RedisCache {
    redis_cache_at(&format!("redis://127.0.0.1:{port}"), deadline)
}

pub(crate) fn redis_cache_at(url: &str, deadline: Duration) -> RedisCache {
    let metrics = RedisMetrics::register(&prometheus::Registry::new()).unwrap();
    let url = url.parse().unwrap();
    let servers = RedisServers::of(&url, RedisAccess::of(&url, None), &RedisAccess::default());
    RedisCache::new(servers.unwrap(), TTL_SECONDS, deadline, metrics)
}

pub(crate) const ADA: &str = "ada@example.com";

pub(crate) fn key(address: &str) -> Key {
    Key::of(address).unwrap()
}

/// A person whose hours spell `version`, below 2^24, in binary.
pub(crate) fn person(address: &str, version: u32) -> NewPerson {
    let mut availabilities = Availabilities::default();
    for hour in (0..24).filter(|hour| version >> hour & 1 == 1) {
        assert!(availabilities.0.insert(domain::Weekday::Monday, hour));
    }
    NewPerson { email: address.parse().unwrap(), availabilities, preference: domain::Preference::First }
}

pub(crate) fn version(record: &Record) -> u32 {
    let person: Person = serde_json::from_slice(record.as_bytes()).unwrap();
    person.availabilities.0.hours(domain::Weekday::Monday).fold(0, |version, hour| version | 1 << hour)
}
