use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::SlotSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// A set of a poll's slots on the wire: base64url of its bytes, the first slot in the lowest bit of the first byte. A
/// reader needs the number of slots, which follows from the poll's layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bits(Vec<u8>);

impl Bits {
    /// The set, of a range with so many slots; none when it is of another number of slots.
    pub fn slots(&self, len: usize) -> Option<SlotSet> {
        SlotSet::from_bytes(&self.0, len)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// A set that was kept as these bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Bits {
        Bits(bytes)
    }

    /// As text.
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.0)
    }

    /// Reads the text; none when it is not base64url.
    pub fn from_text(text: &str) -> Option<Bits> {
        URL_SAFE_NO_PAD.decode(text).ok().map(Bits)
    }
}

impl From<&SlotSet> for Bits {
    fn from(slots: &SlotSet) -> Bits {
        Bits(slots.to_bytes())
    }
}

impl Serialize for Bits {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_text())
    }
}

impl<'de> Deserialize<'de> for Bits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Bits, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Bits::from_text(&text).ok_or_else(|| D::Error::custom("not base64url"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_set_comes_back_as_it_went(len in 1..700usize, slots in prop::collection::vec(0..700usize, 0..50)) {
            let mut set = SlotSet::empty(len);
            slots.iter().for_each(|&slot| set.insert_all(slot..slot + 1));
            let text = serde_json::to_string(&Bits::from(&set)).unwrap();
            let read: Bits = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(read.slots(len), Some(set));
            prop_assert_eq!(read.slots(len + 8), None);
        }
    }
}
