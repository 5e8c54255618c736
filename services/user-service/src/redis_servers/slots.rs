//! In which slot of a cluster a key is, and which server has it.

use std::{
    collections::{HashMap, HashSet},
    ops::RangeInclusive,
    sync::LazyLock,
};

use redis::cluster_routing::Slot;

use super::Masters;

const SLOTS: u16 = 16_384;

/// Which master has each slot, by its place among the masters.
#[derive(Clone, Debug)]
pub(crate) struct Slots(HashMap<Slot, usize>);

impl Slots {
    /// `None` when a slot has no master.
    pub(crate) fn of(masters: &Masters) -> Option<Slots> {
        let mut owners = HashMap::with_capacity(SLOTS.into());
        for (place, master) in masters.all().iter().enumerate() {
            for slot in master.slots.iter().cloned().flatten().filter_map(Slot::new) {
                owners.insert(slot, place);
            }
        }
        (owners.len() == usize::from(SLOTS)).then_some(Slots(owners))
    }

    /// A key that begins like this and is in one of these slots; `None` when there are none.
    pub(crate) fn key_in(slots: &[RangeInclusive<u16>], prefix: &str) -> Option<String> {
        let wanted: HashSet<Slot> = slots.iter().cloned().flatten().filter_map(Slot::new).collect();
        // Of so many keys some are in each slot.
        let mut keys = (0..64 * u32::from(SLOTS)).map(|number| format!("{prefix}{number}"));
        if wanted.is_empty() { None } else { keys.find(|key| wanted.contains(&Slot::for_key(key))) }
    }

    /// The place of the master that has a key.
    pub(crate) fn owner(&self, key: &str) -> usize {
        // Every slot is there, see `of`.
        self.0.get(&Slot::for_key(key)).copied().unwrap_or_default()
    }
}

/// For each slot a text without braces that is in it.
static TAGS: LazyLock<HashMap<Slot, u32>> = LazyLock::new(|| {
    let mut tags = HashMap::with_capacity(SLOTS.into());
    for number in 0_u32.. {
        tags.entry(Slot::for_key(number.to_string())).or_insert(number);
        if tags.len() == usize::from(SLOTS) {
            break;
        }
    }
    tags
});

/// The key of a person's token in a cluster: another one for each value's key, and always in the same slot.
///
/// A cluster goes by what stands between the first `{` of a key and the next `}` if there is anything, and by the whole
/// key otherwise. So the value's key in braces is in its slot, unless it has a `}` itself, which an address may have:
/// then a number that is in the same slot stands in the braces, and the value's key behind them.
pub(crate) fn fence_key_in_slot_of(value_key: &str) -> String {
    match value_key.contains('}') {
        false => format!("cache_fence_{{{value_key}}}"),
        true => {
            let tag = TAGS.get(&Slot::for_key(value_key)).copied().unwrap_or_default();
            format!("cache_fence_{{{tag}}}{value_key}")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use redis::Client;

    use super::*;
    use crate::redis_servers::Master;

    /// The slot of a key as the specification of Redis Cluster has it: CRC16 (XMODEM), bit by bit.
    fn slot(key: &[u8]) -> u16 {
        let open = key.iter().position(|byte| *byte == b'{');
        let tag = open.and_then(|open| {
            let behind = &key[open + 1..];
            let close = behind.iter().position(|byte| *byte == b'}')?;
            (close > 0).then(|| &behind[..close])
        });
        let crc = tag.unwrap_or(key).iter().fold(0_u16, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
                if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
            })
        });
        crc % SLOTS
    }

    #[test]
    fn the_oracle_knows_the_values_of_the_specification() {
        assert_eq!(slot(b"123456789"), 0x31C3);
        assert_eq!(slot(b"foo{{bar}}zap"), slot(b"{bar"));
        assert_eq!(slot(b"foo{bar}{zap}"), slot(b"bar"));
    }

    #[test]
    fn usual_addresses_have_the_value_as_the_tag() {
        let key = fence_key_in_slot_of("cache_aside_ADA@EXAMPLE.COM");
        assert_eq!(key, "cache_fence_{cache_aside_ADA@EXAMPLE.COM}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4_000) })]

        #[test]
        fn value_and_fence_of_every_address_are_in_one_slot(address in "([{}]|[A-Z@.{}]|\\PC){0,40}") {
            let value = format!("cache_aside_{address}");
            let fence = fence_key_in_slot_of(&value);
            prop_assert!(fence.starts_with("cache_fence_") && fence.contains(&value));
            prop_assert_eq!(slot(value.as_bytes()), slot(fence.as_bytes()), "{} and {}", value, fence);
            prop_assert_eq!(Some(Slot::for_key(&fence)), Slot::new(slot(value.as_bytes())));
        }

        #[test]
        fn no_two_addresses_share_a_fence(one in "[A{}0-9]{0,6}", other in "[A{}0-9]{0,6}") {
            let fence = |address| fence_key_in_slot_of(&format!("cache_aside_{address}"));
            prop_assert_eq!(fence(&one) == fence(&other), one == other);
        }
    }

    #[test]
    fn a_cluster_with_a_gap_is_not_taken_and_each_key_has_its_owner() {
        let master = |slots| {
            let client = Client::open("redis://127.0.0.1").unwrap();
            Master { client, slots: vec![slots] }
        };
        assert!(Slots::of(&Masters(vec![master(0..=8_000), master(8_002..=16_383)])).is_none());
        let slots = Slots::of(&Masters(vec![master(0..=8_000), master(8_001..=16_383)])).unwrap();
        for key in ["a", "b", "c{a}", "123456789"] {
            assert_eq!(slots.owner(key), usize::from(slot(key.as_bytes()) > 8_000), "{key}");
        }
    }
}
