//! JSON in which no object has a member twice. `serde_json` keeps the last one silently, and so one of the two that the
//! client sent would be lost.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::{Fault, Loc};

/// The value in `text`, and a fault for each member that an object has already.
pub(crate) fn parse(text: &[u8]) -> Result<(Value, Vec<Fault>), serde_json::Error> {
    let (mut path, mut faults) = (vec![Loc::from("body")], Vec::new());
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Reader { path: &mut path, faults: &mut faults }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok((value, faults))
}

/// Reads one value at `path`.
struct Reader<'a> {
    path: &'a mut Vec<Loc>,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    /// Reads what is below this one.
    fn below<'b>(&'b mut self, step: Loc) -> Reader<'b> {
        self.path.push(step);
        Reader { path: self.path, faults: self.faults }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.below(values.len().into()))? {
            self.path.pop();
            values.push(value);
        }
        self.path.pop();
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self.below(name.as_str().into()))?;
            if object.contains_key(&name) {
                let msg = "It is given twice; give each name once";
                self.faults.push(Fault::new(self.path.clone(), "value_error", msg));
            }
            self.path.pop();
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn names_each_member_that_is_given_again_at_any_depth() {
        let (_, faults) = parse(br#"{"a":1,"b":[{"c":{}},{"c":1,"c":2}],"a":3,"A":4,"a":5}"#).unwrap();
        let places: Vec<Value> = faults.iter().map(|fault| json!(fault.loc)).collect();
        assert_eq!(places, [json!(["body", "b", 1, "c"]), json!(["body", "a"]), json!(["body", "a"])]);
    }

    proptest! {
        #[test]
        fn reads_everything_else_as_serde_json_does(text in r#"[\[\]{}":,a-c0-9.eE +\-\\nu]{0,40}"#) {
            let expected = serde_json::from_slice::<Value>(text.as_bytes());
            match parse(text.as_bytes()) {
                Ok((value, faults)) => {
                    let expected = expected.unwrap();
                    prop_assert!(value == expected || !faults.is_empty());
                }
                Err(_) => prop_assert!(expected.is_err()),
            }
        }
    }
}
