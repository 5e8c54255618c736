use std::{path::Path, time::Duration};

use sql_store::OpenOptions;

use crate::{
    DATABASE_FILE,
    cache::{Cache, MemoryCache},
    live::Hints,
};

/// Where the people are kept and cached.
pub struct Stores {
    pub(crate) database: OpenOptions,
    pub(crate) cache: Cache,
    pub(crate) hints: Hints,
}

impl Stores {
    /// A file in the folder `data`, and a cache in this process in which a person stays for `ttl`.
    pub fn embedded(data: &Path, ttl: Duration) -> Stores {
        let options = OpenOptions::new(None, data.join(DATABASE_FILE));
        let database = OpenOptions { max_connections: 1, ..options };
        Stores { database, cache: Cache::Memory(MemoryCache::new(ttl)), hints: Hints::Alone }
    }
}
