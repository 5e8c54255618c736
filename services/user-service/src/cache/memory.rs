use std::time::Duration;

use moka::{ops::compute::Op, sync::Cache};

use super::{FENCE_LIFE, Fence, Fill, Token};
use crate::{key::Key, record::Record};

/// Most bytes of keys and values; those not used for longest go first.
const CAPACITY: u64 = 32 * 1024 * 1024;
/// Most people whose tokens are known. A token that goes early costs its reader the fill.
const TOKENS: u64 = 100_000;

/// Records in this process; clones are the same cache. Whatever touches a person's value does so while it has the entry of their token to itself.
#[derive(Clone, Debug)]
pub(crate) struct MemoryCache {
    values: Cache<Key, Record>,
    tokens: Cache<Key, String>,
}

impl MemoryCache {
    pub(crate) fn new(ttl: Duration) -> MemoryCache {
        let weigh = |key: &Key, record: &Record| {
            u32::try_from(key.as_str().len() + record.as_bytes().len()).unwrap_or(u32::MAX)
        };
        MemoryCache {
            values: Cache::builder().time_to_live(ttl).weigher(weigh).max_capacity(CAPACITY).build(),
            tokens: Cache::builder().time_to_live(FENCE_LIFE).max_capacity(TOKENS).build(),
        }
    }

    pub(crate) fn get(&self, keys: &[Key]) -> Vec<Option<Record>> {
        keys.iter().map(|key| self.values.get(key)).collect()
    }

    pub(crate) fn note(&self, keys: &[Key]) -> Vec<Token> {
        let note = |key| {
            let mut text = String::new();
            self.with_token(key, |token| {
                let is_new = token.is_none();
                text = token.unwrap_or_else(Token::fresh);
                if is_new { Op::Put(text.clone()) } else { Op::Nop }
            });
            Token { text, connection: 0 }
        };
        keys.iter().map(note).collect()
    }

    pub(crate) fn fill(&self, fills: &[Fill]) {
        for fill in fills {
            self.with_token(&fill.key, |token| {
                if token.as_ref() == Some(&fill.token.text) {
                    self.values.insert(fill.key.clone(), fill.record.clone());
                }
                Op::Nop
            });
        }
    }

    pub(crate) fn raise(&self, key: &Key, fence: &Fence) {
        self.with_token(key, |_| {
            self.values.invalidate(key);
            Op::Put(fence.as_str().to_owned())
        });
    }

    pub(crate) fn lift(&self, key: &Key, fence: &str) {
        self.with_token(key, |token| {
            self.values.invalidate(key);
            match token {
                Some(token) if token != fence && Token::is_writing(&token) => Op::Nop,
                _ => Op::Remove,
            }
        });
    }

    /// Does to the token what `act` says when it sees it, while no other call for this key runs.
    fn with_token(&self, key: &Key, act: impl FnOnce(Option<String>) -> Op<String>) {
        self.tokens.entry_by_ref(key).and_compute_with(|entry| act(entry.map(moka::Entry::into_value)));
    }

    #[cfg(test)]
    pub(crate) fn forget_token(&self, key: &Key) {
        self.tokens.invalidate(key);
    }
}
