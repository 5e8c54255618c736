use domain::Zone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Conflicts, Email, Fault, Hours, MeetingReply, Schedule,
    input::{AsText, Faults, as_text, boolean, list, parsed, read_body, sentence},
    schedules::hours,
    schema::ZoneName,
};

/// A participant as replies have them: never with an address or a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// 128 random bits in base64url.
    pub id: String,
    /// How they call themselves.
    pub name: String,
    /// Where they are.
    #[serde(with = "as_text")]
    #[schema(value_type = ZoneName)]
    pub time_zone: Zone,
    /// Whether the meeting cannot be without them.
    pub required: bool,
    /// Whether they have answered.
    pub answered: bool,
    /// What their calendar has answered to the meeting that was decided on, if it has.
    #[serde(default)]
    pub meeting_reply: Option<MeetingReply>,
    /// When their schedule or a calendar says by now that they cannot come, other than their answer, which was made from
    /// the schedule. Absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conflicts: Option<Conflicts>,
}

/// The reply of `POST /polls/{id}/participants`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedParticipant {
    /// The participant.
    #[serde(flatten)]
    pub participant: Participant,
    /// Who has it may change this participant and their answer. It is shown this once.
    pub edit_token: String,
    /// The poll's version with them in it.
    pub version: i64,
}

/// The body of `POST /polls/{id}/participants`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewParticipant {
    /// How they call themselves.
    pub name: String,
    /// Where they are.
    pub time_zone: Zone,
    /// The address under which they are stored as a person, if they are.
    pub email: Option<Email>,
    /// When they work; where it is not given, as in the schedule of the stored person, if any.
    pub working_hours: Option<Vec<Hours>>,
    /// Whether the meeting cannot be without them; only the organiser may say so.
    pub required: Option<bool>,
}

impl NewParticipant {
    /// Most characters of a name.
    pub const MAX_NAME: usize = 100;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<NewParticipant, Vec<Fault>> {
        read_body(body, |fields| {
            let name = fields.required("name", sentence(1..=Self::MAX_NAME, false));
            let time_zone = fields.required("time_zone", parsed);
            let email = fields.nullable("email", parsed);
            let working_hours = fields.nullable("working_hours", list(Schedule::MAX_RULES, hours));
            let required = fields.optional("required", boolean);
            Some(NewParticipant {
                name: name?,
                time_zone: time_zone?,
                email: email?,
                working_hours: working_hours?,
                required: required?,
            })
        })
    }
}

/// The body of `PATCH /polls/{id}/participants/{pid}`: what is given replaces what was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParticipantChange {
    /// Another name.
    pub name: Option<String>,
    /// Another zone.
    pub time_zone: Option<Zone>,
    /// Another address, or none.
    pub email: Option<Option<Email>>,
    /// Other working hours.
    pub working_hours: Option<Vec<Hours>>,
    /// Whether the meeting cannot be without them; only the organiser may say so.
    pub required: Option<bool>,
}

impl ParticipantChange {
    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<ParticipantChange, Vec<Fault>> {
        read_body(body, |fields| {
            let name = fields.optional("name", sentence(1..=NewParticipant::MAX_NAME, false));
            let time_zone = fields.optional("time_zone", parsed);
            let email = fields.optional("email", |value, faults: &mut Faults| match value {
                serde_json::Value::Null => Some(None),
                value => parsed(value, faults).map(Some),
            });
            let working_hours = fields.optional("working_hours", list(Schedule::MAX_RULES, hours));
            let required = fields.optional("required", boolean);
            Some(ParticipantChange {
                name: name?,
                time_zone: time_zone?,
                email: email?,
                working_hours: working_hours?,
                required: required?,
            })
        })
    }
}

impl AsText for Email {
    fn to_text(&self) -> std::borrow::Cow<'static, str> {
        self.as_str().to_owned().into()
    }

    fn from_text(text: &str) -> Result<Email, String> {
        text.parse()
    }
}
