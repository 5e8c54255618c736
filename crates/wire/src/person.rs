use domain::Preference;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Availabilities, Email, Fault, Fields, Timestamp, schema::PreferenceName};

/// A person as a client sends it, to create or to replace one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    /// The address by which the person is known.
    pub email: Email,
    /// The hours of the week on which the person is free.
    pub availabilities: Availabilities,
    /// Which of the shared hours the person would rather have.
    pub preference: Preference,
}

impl NewPerson {
    /// Reads the body of `POST /users` and `PUT /users/{email}`. Fields that it does not know are passed over.
    ///
    /// # Errors
    /// Every fault in the body.
    pub fn parse(body: &[u8]) -> Result<NewPerson, Vec<Fault>> {
        let mut fields = Fields::parse(body)?;
        let email = email(&mut fields);
        let availabilities = availabilities(&mut fields);
        let preference = parse_preference(&mut fields, "preferences").map(Option::unwrap_or_default);
        let person = email
            .zip(availabilities)
            .zip(preference)
            .map(|((email, availabilities), preference)| NewPerson { email, availabilities, preference });
        fields.finish(person)
    }
}

fn email(fields: &mut Fields) -> Option<Email> {
    let value = fields.required("email")?;
    let text = fields.string("email", value)?;
    text.parse().map_err(|msg: String| fields.fault(Fault::new(["body", "email"], "value_error", msg))).ok()
}

fn availabilities(fields: &mut Fields) -> Option<Availabilities> {
    let value = fields.required("availabilities")?;
    Availabilities::parse("availabilities", value)
        .map_err(|faults| faults.into_iter().for_each(|fault| fields.fault(fault)))
        .ok()
}

/// The preference, if any, in a body's field `name`; anything else is noted as a fault, and so is a field of nearly
/// that name: people have `preferences`, orders and questions a `preference`, and one for the other would be lost.
pub fn parse_preference(fields: &mut Fields, name: &str) -> Option<Option<Preference>> {
    fields.refuse_mistaken(name, |other| mistaken_for(name, other));
    let Some(value) = fields.optional(name) else { return Some(None) };
    let text = fields.string(name, value)?;
    let preference = Preference::from_name(&text);
    if preference.is_none() {
        fields.fault(Fault::new(["body", name], "value_error", UNKNOWN_PREFERENCE));
    }
    preference.map(Some)
}

/// Whether a field of a preference is named otherwise than it should be, by its number or its case.
pub(crate) fn mistaken_for(right: &str, name: &str) -> bool {
    name != right && ["preference", "preferences"].iter().any(|other| name.eq_ignore_ascii_case(other))
}

pub(crate) const UNKNOWN_PREFERENCE: &str = "Not a preference; use first, last or random";

/// A person's record in replies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Person {
    /// The address, with its domain in lower case.
    #[schema(example = "ada@example.com")]
    pub email: String,
    /// Free hours of the week.
    pub availabilities: Availabilities,
    /// Which of the shared hours the person would rather have.
    #[serde(with = "preference")]
    #[schema(value_type = PreferenceName)]
    pub preferences: Preference,
    /// When the person was created.
    pub created_at: Timestamp,
}

/// The reply of `POST /user-avail/batch`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PeopleBatch {
    /// The records in the order in which they were asked for; `null` for somebody unknown.
    pub people: Vec<Option<Person>>,
}

pub(crate) mod preference {
    //! A [`Preference`] by its name.
    use domain::Preference;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's `with` passes a reference")]
    pub(crate) fn serialize<S: Serializer>(
        preference: &Preference,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(preference.name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Preference, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Preference::from_name(&name).ok_or_else(|| D::Error::custom(super::UNKNOWN_PREFERENCE))
    }
}

pub(crate) mod optional_preference {
    //! A [`Preference`] by its name, or `null`.
    use domain::Preference;
    use serde::{Deserialize, Deserializer, de::Error};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Preference>, D::Error> {
        let Some(name) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let preference = Preference::from_name(&name);
        preference.map(Some).ok_or_else(|| D::Error::custom(super::UNKNOWN_PREFERENCE))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn faults(body: Value) -> Vec<(String, &'static str)> {
        let faults = NewPerson::parse(body.to_string().as_bytes()).unwrap_err();
        faults.iter().map(|fault| (serde_json::to_string(&fault.loc).unwrap(), fault.r#type)).collect()
    }

    #[test]
    fn reads_a_whole_person_and_defaults_the_preference() {
        let body =
            json!({"email": "ada@X.com", "availabilities": {"monday": [9]}, "preferences": null, "extra": 1});
        let person = NewPerson::parse(body.to_string().as_bytes()).unwrap();
        assert_eq!(person.email.as_str(), "ada@x.com");
        assert_eq!(person.preference, Preference::First);
    }

    #[test]
    fn reports_all_faults_at_once() {
        let found = faults(json!({"email": 5, "availabilities": [], "preferences": "zzz"}));
        assert_eq!(
            found,
            [
                (r#"["body","email"]"#.to_owned(), "string_type"),
                (r#"["body","availabilities"]"#.to_owned(), "dict_type"),
                (r#"["body","preferences"]"#.to_owned(), "value_error"),
            ]
        );
        assert_eq!(
            faults(json!({})),
            [
                (r#"["body","email"]"#.to_owned(), "missing"),
                (r#"["body","availabilities"]"#.to_owned(), "missing"),
            ]
        );
    }

    #[test]
    fn names_what_would_be_lost_silently() {
        for (members, place) in [
            (r#""preference":"last""#, json!(["body", "preference"])),
            (r#""Preferences":"last""#, json!(["body", "Preferences"])),
            (r#""preferences":"last","preference":null"#, json!(["body", "preference"])),
            (r#""preferences":"last","preferences":"last""#, json!(["body", "preferences"])),
            (r#""email":"b@x.com""#, json!(["body", "email"])),
            (r#""x":{"y":[{"z":1,"z":2}]}"#, json!(["body", "x", "y", 0, "z"])),
        ] {
            let body = format!(r#"{{"email":"a@x.com","availabilities":{{}},{members}}}"#);
            let faults = NewPerson::parse(body.as_bytes()).unwrap_err();
            assert_eq!(faults.iter().map(|fault| json!(fault.loc)).collect::<Vec<_>>(), [place], "{members}");
        }
        let twice = r#"{"email":"a@x.com","availabilities":{"monday":[9],"monday":[10]}}"#;
        let faults = NewPerson::parse(twice.as_bytes()).unwrap_err();
        assert_eq!(json!(faults[0].loc), json!(["body", "availabilities", "monday"]));
    }

    #[test]
    fn names_a_body_that_is_no_object() {
        for (body, kind) in
            [("", "missing"), ("{", "json_invalid"), ("[]", "dict_type"), ("\"a\"", "dict_type")]
        {
            assert_eq!(NewPerson::parse(body.as_bytes()).unwrap_err()[0].r#type, kind, "{body:?}");
        }
    }
}
