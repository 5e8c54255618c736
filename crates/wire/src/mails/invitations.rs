use std::collections::HashMap;

use domain::Zone;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Language;
use crate::{
    Email, Fault, NewParticipant,
    input::{Faults, list, object, parsed, read_body, sentence},
};

/// The body of `POST /polls/{id}/invitations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationsRequest {
    /// Who is invited, each address once.
    pub people: Vec<Invitation>,
}

/// Somebody who is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Where the mail goes.
    pub email: Email,
    /// What the poll calls them; by default what is before the `@` of their address.
    pub name: Option<String>,
    /// Where they are; by default as in their schedule, and else where the poll is.
    pub time_zone: Option<Zone>,
    /// What their mails are written in; by default as the poll's.
    pub language: Option<Language>,
}

impl InvitationsRequest {
    /// Most people in one request.
    pub const MAX_PEOPLE: usize = 200;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<InvitationsRequest, Vec<Fault>> {
        read_body(body, |fields| {
            let people = fields.required("people", |value, faults: &mut Faults| {
                let people = list(Self::MAX_PEOPLE, invitation)(value, faults)?;
                if people.is_empty() {
                    faults.note("too_short", "Give at least 1 entry");
                    return None;
                }
                note_repeated(&people, faults).then_some(people)
            });
            Some(InvitationsRequest { people: people? })
        })
    }
}

fn invitation(value: Value, faults: &mut Faults) -> Option<Invitation> {
    object(|fields| {
        let email = fields.required("email", parsed);
        let name = fields.nullable("name", sentence(1..=NewParticipant::MAX_NAME, false));
        let time_zone = fields.nullable("time_zone", parsed);
        let language = fields.nullable("language", parsed);
        Some(Invitation { email: email?, name: name?, time_zone: time_zone?, language: language? })
    })(value, faults)
}

/// Whether each address is there once; what is there again is noted.
fn note_repeated(people: &[Invitation], faults: &mut Faults) -> bool {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut is_unique = true;
    for (index, person) in people.iter().enumerate() {
        let before = *first.entry(Email::key(person.email.as_str())).or_insert(index);
        if before != index {
            is_unique = false;
            faults.at(index, |faults| {
                faults.at("email", |faults| {
                    faults.value_error(format!("It is also the address of entry {before}"));
                });
            });
        }
    }
    is_unique
}

/// The reply of `POST /polls/{id}/invitations`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InvitationsReply {
    /// How many mails are on their way.
    pub invited: u64,
    /// Who gets none.
    pub skipped: Vec<SkippedInvitation>,
}

/// Somebody who is not invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SkippedInvitation {
    /// The address as it was given.
    #[schema(value_type = crate::schema::EmailAddress)]
    pub email: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why somebody gets no invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkipReason {
    /// They take part already.
    AlreadyInvited,
    /// They have said that they want no mails.
    Unsubscribed,
    /// A mail to them came back.
    Bounced,
    /// They have got as many mails as anybody gets in a day.
    TooManyMails,
    /// The part of the address before the `@` has letters that few mail servers take.
    NotDeliverable,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_at_its_place() {
        let body = r#"{"people": [{"email": "ada@example.com"}, {"email": "x", "name": "", "language": "fr"},
            {"name": "Bob", "time_zone": "Berlin", "admin": true}], "more": 1}"#;
        let faults = InvitationsRequest::parse(body.as_bytes()).unwrap_err();
        let places: Vec<String> = faults
            .iter()
            .map(|fault| fault.loc.iter().map(ToString::to_string).collect::<Vec<_>>().join("."))
            .collect();
        assert_eq!(
            places,
            [
                "body.people.1.email",
                "body.people.1.name",
                "body.people.1.language",
                "body.people.2.email",
                "body.people.2.time_zone",
                "body.people.2.admin",
                "body.more",
            ]
        );
    }

    #[test]
    fn nobody_is_invited_twice_in_one_request_or_not_at_all() {
        let twice = r#"{"people": [{"email": "ada@example.com"}, {"email": "ADA@EXAMPLE.com"}]}"#;
        let faults = InvitationsRequest::parse(twice.as_bytes()).unwrap_err();
        assert_eq!(faults.len(), 1);
        assert!(faults[0].msg.contains("entry 0"), "{}", faults[0].msg);
        assert!(InvitationsRequest::parse(br#"{"people": []}"#).is_err());
        let many: Vec<_> =
            (0..=200).map(|number| serde_json::json!({"email": format!("p{number}@example.com")})).collect();
        let body = serde_json::json!({"people": many}).to_string();
        assert!(InvitationsRequest::parse(body.as_bytes()).unwrap_err()[0].msg.contains("200"));
    }
}
