use std::ops::RangeInclusive;

use redis::Client;

/// The servers that take changes.
pub(crate) struct Masters(pub(super) Vec<Master>);

/// A server that takes changes of its keys.
pub(crate) struct Master {
    pub(crate) client: Client,
    /// Whose keys it has, in a cluster; otherwise it has all.
    pub(crate) slots: Vec<RangeInclusive<u16>>,
}

impl Masters {
    /// One server that has all keys.
    pub(super) fn one(client: Client) -> Masters {
        Masters(vec![Master { client, slots: Vec::new() }])
    }

    /// Whether the keys are spread over them.
    pub(crate) fn is_cluster(&self) -> bool {
        self.0.iter().any(|master| !master.slots.is_empty())
    }

    pub(crate) fn all(&self) -> &[Master] {
        &self.0
    }
}
