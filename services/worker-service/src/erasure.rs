//! Which jobs are about somebody. Pure.

use serde_json::Value;
use wire::{Email, Erasure};

/// What of a job tells whom it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct JobSubject {
    pub job_id: String,
    /// The account that has ordered it.
    pub owner: Option<String>,
    /// What it was told.
    pub payload: Value,
}

impl JobSubject {
    /// Whether it is about the person with this address: the address is in it, whatever its letters.
    pub fn names(&self, address_key: &str) -> bool {
        has_text(&self.payload, &|text| text.contains('@') && Email::key(text) == address_key)
    }

    /// Whether nothing may be left of it once this person is erased: it names them, they have ordered it, or its result may name
    /// them as somebody who takes part in a poll.
    pub fn is_part_of(&self, erasure: &Erasure) -> bool {
        let is_own = self.owner.is_some() && self.owner == erasure.account;
        let poll = self.payload.get("poll").and_then(Value::as_str);
        let is_of_poll = poll.is_some_and(|poll| erasure.polls.iter().any(|one| one == poll));
        is_own || is_of_poll || self.names(&erasure.address_key)
    }
}

fn has_text(value: &Value, is_wanted: &impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => is_wanted(text),
        Value::Array(items) => items.iter().any(|item| has_text(item, is_wanted)),
        Value::Object(members) => members.values().any(|member| has_text(member, is_wanted)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn erasure() -> Erasure {
        Erasure {
            id: "1".to_owned(),
            address_key: "ada@example.com".to_owned(),
            account: Some("account".to_owned()),
            polls: vec!["poll".to_owned()],
            mails: Vec::new(),
        }
    }

    fn subject(owner: Option<&str>, payload: Value) -> JobSubject {
        JobSubject { job_id: "1".to_owned(), owner: owner.map(str::to_owned), payload }
    }

    #[test]
    fn a_job_is_about_whoever_is_in_it_in_whatever_letters() {
        let other = json!({"userId1": "bob@example.com", "userId2": "ada.b@example.com"});
        for (about, payload) in [
            (true, json!({"userId1": "bob@example.com", "userId2": " Ada@EXAMPLE.com"})),
            (true, json!({"poll": "x", "options": {"groups": [{"members": ["id", "ada@example.com"]}]}})),
            (true, json!({"poll": "poll", "options": {}})),
            (false, json!({"poll": "other", "options": {"required": ["ada"]}})),
            (false, other.clone()),
            (false, json!({})),
        ] {
            assert_eq!(subject(None, payload.clone()).is_part_of(&erasure()), about, "{payload}");
        }
        assert!(subject(Some("account"), other.clone()).is_part_of(&erasure()), "they have ordered it");
        assert!(!subject(Some("another"), other.clone()).is_part_of(&erasure()));
        let without_account = Erasure { account: None, ..erasure() };
        assert!(!subject(None, other).is_part_of(&without_account), "nobody has ordered it");
    }
}
