use domain::{Preference, Slot};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Availabilities, Person, Query,
    person::{UNKNOWN_PREFERENCE, mistaken_for},
    schema::{DayName, PreferenceName},
};

/// What two people share: the reply of `GET /availabilities?userId1=&userId2=`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PairAvailability {
    /// The hours on which both are free.
    pub common_availabilities: Availabilities,
    /// The preference of the first.
    #[serde(with = "crate::person::preference")]
    #[schema(value_type = PreferenceName)]
    pub user1preference: Preference,
    /// The preference of the second.
    #[serde(with = "crate::person::preference")]
    #[schema(value_type = PreferenceName)]
    pub user2preference: Preference,
}

/// What 2 to 100 people share: the reply of `POST /availabilities` and of `GET /availabilities?userId=&userId=…`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupAvailability {
    /// The hours on which everybody is free.
    pub common_availabilities: Availabilities,
    /// Each person's preference, in the order in which they were asked for.
    pub preferences: Vec<PersonPreference>,
}

impl GroupAvailability {
    /// What these people share.
    pub fn new(common_availabilities: Availabilities, people: Vec<Person>) -> GroupAvailability {
        let preferences = people
            .into_iter()
            .map(|person| PersonPreference { user_id: person.email, preference: person.preferences })
            .collect();
        GroupAvailability { common_availabilities, preferences }
    }
}

/// The reply of `GET /availabilities`, as it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum AvailabilityReply {
    /// Of two people.
    Pair(PairAvailability),
    /// Of a group.
    Group(GroupAvailability),
}

/// One person's preference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonPreference {
    /// The person's address.
    #[serde(rename = "userId")]
    #[schema(example = "ada@example.com")]
    pub user_id: String,
    /// Which of the shared hours the person would rather have.
    #[serde(with = "crate::person::preference")]
    #[schema(value_type = PreferenceName)]
    pub preference: Preference,
}

/// A proposed hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// The weekday in lower case.
    #[schema(value_type = DayName, example = "monday")]
    pub day: String,
    /// Start hour (0–23) and end hour (1–24).
    #[schema(value_type = Vec<u8>, min_items = 2, max_items = 2, example = json!([9, 10]))]
    pub slot: [u8; 2],
}

impl From<Slot> for Suggestion {
    fn from(slot: Slot) -> Suggestion {
        Suggestion { day: slot.day.name().to_owned(), slot: [slot.hour, slot.hour + 1] }
    }
}

/// The reply of `GET` and `POST /suggestions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestions {
    /// The request's Case-ID.
    pub case_id: String,
    /// The proposed hours, best first; empty when nothing is shared.
    pub suggestions: Vec<Suggestion>,
}

/// The optional query parameter `preference`; any other value is noted as a fault.
pub fn preference_parameter(query: &mut Query) -> Option<Preference> {
    query.refuse_mistaken("preference", |other| mistaken_for("preference", other));
    let name = query.optional("preference")?;
    let preference = Preference::from_name(&name);
    if preference.is_none() {
        query.fault("preference", "value_error", UNKNOWN_PREFERENCE);
    }
    preference
}
