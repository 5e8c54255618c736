use std::time::Duration;

use moka::{ops::compute::Op, sync::Cache};

use super::{Fill, TOKEN_TTL, token::Token};
use crate::{key::Key, record::Record};

/// Most bytes of keys and values; those not used for longest go first.
const CAPACITY: u64 = 32 * 1024 * 1024;

/// Records in this process; clones are the same cache. Whatever touches a person's value does so while it has the entry of their token to itself.
#[derive(Clone, Debug)]
pub(crate) struct MemoryCache {
    values: Cache<Key, Record>,
    tokens: Cache<Key, Token>,
}

impl MemoryCache {
    pub(crate) fn new(ttl: Duration) -> MemoryCache {
        let weigh = |key: &Key, record: &Record| {
            u32::try_from(key.as_str().len() + record.as_bytes().len()).unwrap_or(u32::MAX)
        };
        MemoryCache {
            values: Cache::builder().time_to_live(ttl).weigher(weigh).max_capacity(CAPACITY).build(),
            tokens: Cache::builder().time_to_live(TOKEN_TTL).build(),
        }
    }

    pub(crate) fn get(&self, keys: &[Key]) -> Vec<Option<Record>> {
        keys.iter().map(|key| self.values.get(key)).collect()
    }

    pub(crate) fn tokens(&self, keys: &[Key]) -> Vec<Token> {
        keys.iter().map(|key| self.tokens.get(key).unwrap_or_else(Token::none)).collect()
    }

    pub(crate) fn fill(&self, fills: &[Fill]) {
        for fill in fills {
            self.with_token(&fill.key, |token| {
                if token == fill.token {
                    self.values.insert(fill.key.clone(), fill.record.clone());
                }
                None
            });
        }
    }

    pub(crate) fn fence(&self, key: &Key, fence: &Token) {
        self.with_token(key, |_| {
            self.values.invalidate(key);
            Some(fence.clone())
        });
    }

    pub(crate) fn lift(&self, key: &Key, fence: &str) {
        self.with_token(key, |token| {
            self.values.invalidate(key);
            (token.as_str() == fence || !token.is_writing()).then(Token::done)
        });
    }

    /// Calls `act` with the token, while no other call for this key runs, and stores the token that it gives back.
    fn with_token(&self, key: &Key, act: impl FnOnce(Token) -> Option<Token>) {
        self.tokens.entry_by_ref(key).and_compute_with(|entry| {
            let token = entry.map_or_else(Token::none, moka::Entry::into_value);
            act(token).map_or(Op::Nop, Op::Put)
        });
    }
}
