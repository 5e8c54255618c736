use bytes::Bytes;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use wire::{Availabilities, Email, NewPerson, Timestamp};

use crate::key::Key;

/// A person's record as JSON text: what replies carry and the cache holds. It is written once, when it leaves the
/// database, and not read again on its way through the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record(Bytes);

impl Record {
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }

    pub(crate) fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    #[cfg(any(feature = "distributed", test))]
    pub(crate) fn cached(text: Bytes) -> Record {
        Record(text)
    }

    /// The strong entity tag, with its quotes. It is made of the text alone, so that it is the same from the database and
    /// from the cache, and from every replica.
    pub(crate) fn entity_tag(&self) -> String {
        let hash: [u8; 32] = Sha256::digest(&self.0).into();
        let tag = hash.iter().take(16).fold(0, |tag: u128, byte| tag << 8 | u128::from(*byte));
        format!("\"{tag:032x}\"")
    }

    /// Whether this is the record of the person with this key. The version before has entries in the cache under names
    /// by which this one knows other people.
    pub(crate) fn is_of(&self, key: &Key) -> bool {
        #[derive(Deserialize)]
        struct Owner<'a> {
            #[serde(borrow)]
            email: std::borrow::Cow<'a, str>,
        }
        let name = key.as_str().as_bytes();
        let rest = self.0.strip_prefix(br#"{"email":""#).and_then(|rest| rest.split_at_checked(name.len()));
        if rest.is_some_and(|(email, rest)| email.eq_ignore_ascii_case(name) && rest.starts_with(b"\"")) {
            return true;
        }
        let owner = serde_json::from_slice::<Owner>(&self.0);
        owner.is_ok_and(|owner| Email::key(&owner.email) == key.as_str())
    }
}

/// What a client says of a person, in the form in which the tables keep it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) email: String,
    /// JSON in canonical form, so that equal weeks are equal texts.
    pub(crate) availabilities: String,
    pub(crate) preference: String,
}

impl From<&NewPerson> for Content {
    fn from(person: &NewPerson) -> Content {
        Content {
            email: person.email.as_str().to_owned(),
            availabilities: canonical(&person.availabilities),
            preference: person.preference.name().to_owned(),
        }
    }
}

impl Content {
    /// Whether both say the same of the same person.
    pub(crate) fn agrees_with(&self, other: &Content) -> bool {
        Email::key(&self.email) == Email::key(&other.email)
            && self.availabilities == other.availabilities
            && self.preference == other.preference
    }
}

/// A person in the form in which the tables keep them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredPerson {
    pub(crate) content: Content,
    pub(crate) created_at_us: i64,
}

impl StoredPerson {
    pub(crate) fn record(&self) -> Record {
        let Content { email, availabilities, preference } = &self.content;
        let email = serde_json::Value::from(email.as_str());
        let created_at = Timestamp::from_micros(self.created_at_us);
        let created_at = created_at.map(|instant| instant.to_string()).unwrap_or_default();
        let text = format!(
            r#"{{"email":{email},"availabilities":{availabilities},"preferences":"{preference}","created_at":"{created_at}"}}"#,
        );
        Record(text.into())
    }
}

fn canonical(availabilities: &Availabilities) -> String {
    // A map with text keys has a JSON form always.
    serde_json::to_string(availabilities).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use domain::Preference;
    use serde_json::json;
    use wire::Person;

    use super::*;

    #[test]
    fn a_record_reads_as_the_person_that_it_was_written_from() {
        let body = json!({"email": "\"a b\"@example.com", "availabilities": {"friday": [3, 1]}, "preferences": "last"});
        let person = NewPerson::parse(body.to_string().as_bytes()).unwrap();
        let created_at = Timestamp::from_micros(1_764_000_000_123_456).unwrap();
        let stored = StoredPerson { content: Content::from(&person), created_at_us: created_at.micros() };
        let record = stored.record();
        let read: Person = serde_json::from_slice(record.as_bytes()).unwrap();
        let expected = Person {
            email: person.email.to_string(),
            availabilities: person.availabilities,
            preferences: Preference::Last,
            created_at,
        };
        assert_eq!(read, expected);
        assert!(record.is_of(&Key::from(&person.email)));
        assert!(!record.is_of(&Key::of("b@example.com").unwrap()));
        assert_eq!(record.entity_tag(), Record::cached(record.as_bytes().to_vec().into()).entity_tag());
        assert_ne!(record.entity_tag(), Record::cached("{}".into()).entity_tag());
        assert_eq!(record.as_bytes(), serde_json::to_string(&expected).unwrap().as_bytes());
    }
}
