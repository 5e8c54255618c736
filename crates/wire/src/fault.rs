use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::unique_json;

/// One step of the way to a fault: a field's name, or an index in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Loc {
    /// A place (`body`, `query`, `header`, `internal`) or the name of a field.
    Name(String),
    /// Position in a list, from 0.
    Index(usize),
}

impl fmt::Display for Loc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Loc::Name(name) => f.write_str(name),
            Loc::Index(index) => write!(f, "{index}"),
        }
    }
}

impl From<&str> for Loc {
    fn from(name: &str) -> Loc {
        Loc::Name(name.to_owned())
    }
}

impl From<usize> for Loc {
    fn from(index: usize) -> Loc {
        Loc::Index(index)
    }
}

/// One thing that is wrong with a request, or the reason for an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Where it is, from the outside in: `["body","availabilities","monday",0]`.
    pub loc: Vec<Loc>,
    /// What is wrong and what would be right.
    pub msg: String,
    /// What kind of fault: `missing`, `string_type`, `value_error`, `json_invalid`, `http_error`, …
    #[schema(value_type = String)]
    pub r#type: &'static str,
    /// What programs go by, which stays the same when the message changes: `not_found`, `conflict`, `unavailable`, … For
    /// faults of the input it is the `type`.
    #[schema(value_type = String)]
    pub code: &'static str,
}

impl Fault {
    /// A fault at `loc`.
    pub fn new<L: Into<Loc>>(
        loc: impl IntoIterator<Item = L>,
        kind: &'static str,
        msg: impl Into<String>,
    ) -> Fault {
        Fault { loc: loc.into_iter().map(Into::into).collect(), msg: msg.into(), r#type: kind, code: kind }
    }

    /// Anything that is not a fault of the request's input: `loc ["internal"]`, type `http_error`.
    pub fn http(msg: impl Into<String>) -> Fault {
        Fault::new(["internal"], "http_error", msg)
    }

    /// A parameter or field that has to be there and is not.
    pub fn missing(place: &str, name: &str) -> Fault {
        Fault::new([place, name], "missing", "Field required")
    }
}

/// The body of every reply with a status from 400.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ErrorBody<'a> {
    /// The request's Case-ID, as in the reply's header.
    pub case_id: &'a str,
    /// One entry for each fault, never empty.
    pub detail: &'a [Fault],
}

/// A JSON object from a request's body, read field by field while faults are collected.
#[derive(Debug)]
pub struct Fields {
    object: Map<String, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    /// Reads a body that has to be a JSON object.
    ///
    /// # Errors
    /// `missing` when it is empty, `json_invalid` when it is no JSON, `dict_type` when it is no object. A member that is
    /// given twice is a fault that is noted.
    pub fn parse(body: &[u8]) -> Result<Fields, Vec<Fault>> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(vec![Fault::new(["body"], "missing", "Field required")]);
        }
        match unique_json::parse(body) {
            Ok((Value::Object(object), faults)) => Ok(Fields { object, faults }),
            Ok(_) => Err(vec![Fault::new(["body"], "dict_type", "Input should be a JSON object")]),
            Err(error) => {
                let why = other_encoding(body).map_or_else(|| error.to_string(), str::to_owned);
                let msg = format!("The body is not valid JSON: {why}");
                Err(vec![Fault::new(["body"], "json_invalid", msg)])
            }
        }
    }

    /// The whole object, unless a member of it was given twice.
    pub(crate) fn into_object(self) -> Result<Map<String, Value>, Vec<Fault>> {
        if self.faults.is_empty() { Ok(self.object) } else { Err(self.faults) }
    }

    /// Whether there is such a member, be it `null`.
    pub fn has(&self, name: &str) -> bool {
        self.object.contains_key(name)
    }

    /// All members that nobody has taken yet.
    pub(crate) fn take_all(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.object)
    }

    /// Refuses a field that is mistaken for `right`.
    pub fn refuse_mistaken(&mut self, right: &str, mistaken: impl Fn(&str) -> bool) {
        if let Some(name) = self.object.keys().find(|name| mistaken(name)) {
            self.faults.push(Fault::new(["body", name], "extra_forbidden", format!("Its name is {right}")));
        }
    }

    /// Notes a fault.
    pub fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// A field that has to be there; its absence (but not `null`) is noted.
    pub fn required(&mut self, name: &str) -> Option<Value> {
        let value = self.object.remove(name);
        if value.is_none() {
            self.fault(Fault::missing("body", name));
        }
        value
    }

    /// A field that may be absent or `null`.
    pub fn optional(&mut self, name: &str) -> Option<Value> {
        self.object.remove(name).filter(|value| !value.is_null())
    }

    /// The text in `value`; anything else is noted as a fault of the field `name`.
    pub fn string(&mut self, name: &str, value: Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text),
            _ => {
                self.fault(Fault::new(["body", name], "string_type", "Input should be a valid string"));
                None
            }
        }
    }

    /// What was read, unless there was any fault; `None` always stands for a fault that was noted.
    ///
    /// # Errors
    /// All faults, in the order in which they were found.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Vec<Fault>> {
        finish("body", self.faults, read)
    }
}

/// What was read at `place`, unless there was any fault.
pub(crate) fn finish<T>(place: &str, mut faults: Vec<Fault>, read: Option<T>) -> Result<T, Vec<Fault>> {
    match read {
        Some(value) if faults.is_empty() => return Ok(value),
        None if faults.is_empty() => {
            faults.push(Fault::new([place], "value_error", format!("The {place} could not be read")));
        }
        _ => (),
    }
    Err(faults)
}

/// What a body is instead of JSON in UTF-8, where its first bytes tell: a reader of JSON would only say that it expected
/// something else.
fn other_encoding(body: &[u8]) -> Option<&'static str> {
    match body {
        [0xef, 0xbb, 0xbf, ..] => Some("it begins with a byte order mark; send UTF-8 without one"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..] => {
            Some("it is UTF-16 or UTF-32; send UTF-8")
        }
        [0x1f, 0x8b, ..] => Some("it is compressed by gzip; send it as it is"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_in_another_encoding_is_called_by_its_name() {
        let utf16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let unmarked: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (body, says) in [
            (b"\xef\xbb\xbf{}".as_slice(), "byte order mark"),
            (&utf16, "UTF-16"),
            (&unmarked, "UTF-16"),
            (b"\x1f\x8b\x08", "gzip"),
            (b"{", "EOF"),
        ] {
            let faults = Fields::parse(body).unwrap_err();
            assert_eq!(faults[0].r#type, "json_invalid");
            assert!(faults[0].msg.contains(says), "{}", faults[0].msg);
        }
    }
}
