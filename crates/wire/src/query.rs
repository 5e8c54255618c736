use std::collections::BTreeSet;

use uuid::Uuid;

use crate::{AsText, Fault, fault::finish};

/// The parameters of a request's query, read one by one while faults are collected. Unknown ones are passed over.
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    faults: Vec<Fault>,
}

impl Query {
    /// Longest value in characters; longer ones are refused by name.
    pub const MAX_LENGTH: usize = 320;

    /// Splits the text behind the `?`.
    pub fn parse(raw: Option<&str>) -> Query {
        let pairs = form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect();
        Query { pairs, faults: Vec::new() }
    }

    /// Notes a fault of the parameter `name`.
    pub fn fault(&mut self, name: &str, kind: &'static str, msg: impl Into<String>) {
        self.faults.push(Fault::new(["query", name], kind, msg));
    }

    /// The parameter's value. One that is repeated is refused: whichever counted, another would be lost silently.
    pub fn optional(&mut self, name: &str) -> Option<String> {
        let times = self.pairs.iter().filter(|(key, _)| key == name).count();
        if times > 1 {
            self.fault(name, "value_error", format!("Give it once; it came {times} times"));
            return None;
        }
        self.all(name).pop()
    }

    /// Refuses a parameter that is mistaken for `right`.
    pub fn refuse_mistaken(&mut self, right: &str, mistaken: impl Fn(&str) -> bool) {
        if let Some((name, _)) = self.pairs.iter().find(|(name, _)| mistaken(name)) {
            self.faults.push(Fault::new(["query", name], "extra_forbidden", format!("Its name is {right}")));
        }
    }

    /// Refuses parameters that nobody reads, where no client is known that sends any.
    pub fn refuse_others(&mut self, known: &[&str]) {
        let others = self.pairs.iter().map(|(name, _)| name).filter(|name| !known.contains(&name.as_str()));
        let others: BTreeSet<&String> = others.collect();
        let refused = others
            .into_iter()
            .map(|name| Fault::new(["query", name], "extra_forbidden", "Extra inputs are not permitted"));
        self.faults.extend(refused);
    }

    /// The parameter's value, which has to be there and not empty.
    pub fn required(&mut self, name: &str) -> Option<String> {
        let given = self.pairs.iter().any(|(key, _)| key == name);
        if !given {
            self.faults.push(Fault::missing("query", name));
        }
        self.optional(name)
    }

    /// The parameter read as a `T`, if it was given.
    pub fn optional_as<T: AsText>(&mut self, name: &str) -> Option<T> {
        let text = self.optional(name)?;
        T::from_text(&text).map_err(|msg| self.fault(name, "value_error", msg)).ok()
    }

    /// The parameter read as a `T`; it has to be there.
    pub fn required_as<T: AsText>(&mut self, name: &str) -> Option<T> {
        let text = self.required(name)?;
        T::from_text(&text).map_err(|msg| self.fault(name, "value_error", msg)).ok()
    }

    /// Which page of a list is asked for: at most how many (`limit`, from 1 to `largest`, `usual` without it), and after which
    /// one, by its id (`after`, a UUID).
    pub fn page(&mut self, usual: u32, largest: u32) -> (u32, Option<String>) {
        let limit = self.optional("limit").and_then(|text| {
            let limit = text.parse().ok().filter(|limit| (1..=largest).contains(limit));
            if limit.is_none() {
                self.fault("limit", "value_error", format!("Use a whole number from 1 to {largest}"));
            }
            limit
        });
        let after = self.optional("after").and_then(|text| {
            let after = Uuid::try_parse(&text).map(|id| id.to_string()).ok();
            if after.is_none() {
                self.fault("after", "value_error", "Use `next` of the page before");
            }
            after
        });
        (limit.unwrap_or(usual), after)
    }

    /// All non-empty values of a parameter that may be repeated, in the order given; bad ones are noted.
    pub fn all(&mut self, name: &str) -> Vec<String> {
        let values: Vec<String> =
            self.pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect();
        values.into_iter().filter(|value| self.acceptable(name, value)).collect()
    }

    fn acceptable(&mut self, name: &str, value: &str) -> bool {
        let fault = Query::check(value);
        let acceptable = fault.is_none();
        if let Some((kind, msg)) = fault {
            self.fault(name, kind, msg);
        }
        acceptable
    }

    /// The kind and message of what is wrong with a value that names somebody or something, if anything is.
    pub fn check(value: &str) -> Option<(&'static str, String)> {
        if value.trim().is_empty() {
            Some(("string_too_short", "Input should not be empty".to_owned()))
        } else if value.chars().count() > Self::MAX_LENGTH {
            Some(("string_too_long", format!("Input should have at most {} characters", Self::MAX_LENGTH)))
        } else if value.contains(|c: char| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
            Some(("value_error", "Input should be UTF-8 text without control characters".to_owned()))
        } else {
            None
        }
    }

    /// What was read, unless there was any fault; `None` always stands for a fault that was noted.
    ///
    /// # Errors
    /// All faults, in the order in which they were found.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Vec<Fault>> {
        finish("query", self.faults, read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_and_passes_over_what_nobody_asks_for() {
        let mut query = Query::parse(Some("a=1&b=o%27brien+x&a=2&d=%FF"));
        assert_eq!(query.optional("b").as_deref(), Some("o'brien x"));
        assert_eq!(query.optional("c"), None);
        assert_eq!(query.all("a"), ["1", "2"]);
        assert!(query.finish(Some(())).is_ok());
    }

    #[test]
    fn refuses_a_repeated_parameter_where_one_is_wanted() {
        for read in [Query::optional, Query::required] {
            let mut query = Query::parse(Some("a=1&a=1"));
            assert_eq!(read(&mut query, "a"), None);
            let faults = query.finish::<()>(None).unwrap_err();
            assert_eq!((faults.len(), faults[0].msg.as_str()), (1, "Give it once; it came 2 times"));
        }
    }

    #[test]
    fn refuses_by_name_what_nobody_reads() {
        let mut query = Query::parse(Some("a=1&c=2&b=3&c=4&A=5"));
        query.refuse_others(&["a", "b"]);
        let faults = query.finish(Some(())).unwrap_err();
        assert_eq!(faults.iter().map(|fault| fault.loc[1].to_string()).collect::<Vec<_>>(), ["A", "c"]);
        let mut query = Query::parse(None);
        query.refuse_others(&[]);
        assert!(query.finish(Some(())).is_ok());
    }

    #[test]
    fn names_what_is_missing_empty_or_unreadable() {
        let mut query = Query::parse(Some(&format!("b=&c=%FF&d={}", "x".repeat(321))));
        for name in ["a", "b", "c", "d"] {
            assert_eq!(query.required(name), None);
        }
        let kinds: Vec<_> = query.finish::<()>(None).unwrap_err().iter().map(|fault| fault.r#type).collect();
        assert_eq!(kinds, ["missing", "string_too_short", "value_error", "string_too_long"]);
    }
}
