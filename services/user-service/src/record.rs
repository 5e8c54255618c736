use bytes::Bytes;
use wire::{Availabilities, Email, NewPerson, Timestamp};

/// A person's record as JSON text: what replies carry and the cache holds. It is written once, when it leaves the
/// database, and not read again on its way through the cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record(Bytes);

impl Record {
    /// The text.
    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }

    /// The text.
    pub(crate) fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    pub(crate) fn cached(text: Bytes) -> Record {
        Record(text)
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
        assert_eq!(record.as_bytes(), serde_json::to_string(&expected).unwrap().as_bytes());
    }
}
