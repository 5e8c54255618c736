use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{input::as_text, schema::InstantText};

/// Why a window is where it is in the order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReasonEntry {
    /// `everyone`, `all_required`, `quorum`, `only_if_needed_of`, `without`, `outside_working_hours_of`,
    /// `conflict_of` or `earliest`.
    #[schema(example = "everyone")]
    pub code: String,
    /// Whom it is about; empty where that is nobody, or the caller may not see who.
    pub people: Vec<String>,
    /// The same in English.
    #[schema(example = "Everyone can come")]
    pub text: String,
}

/// Why there is no window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EmptyReason {
    /// `no_answers`, `no_common_time`, `required_never_free`, `quorum_not_met`, `longer_than_any_free_time` or
    /// `outside_horizon`.
    #[schema(example = "no_common_time")]
    pub code: String,
    /// Whom it is about; empty where that is nobody, or the caller may not see who.
    pub people: Vec<String>,
}

/// A change that would give windows, or better ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Unlock {
    /// `count_if_needed`, `without`, `shorter` or `later`.
    #[schema(example = "without")]
    pub change: String,
    /// Of `without`: without whom. `null` where the caller may not see who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub people: Option<Vec<String>>,
    /// Of `shorter`: how long the meeting would be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub duration_minutes: Option<u32>,
    /// Of `later`: until when would be looked.
    #[serde(with = "optional_instant", default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<InstantText>, nullable = false)]
    pub to: Option<Timestamp>,
    /// How many starts there would be.
    pub windows: u64,
    /// The first of them.
    #[serde(with = "as_text")]
    #[schema(value_type = InstantText)]
    pub start: Timestamp,
}

mod optional_instant {
    //! An instant, or nothing.
    use jiff::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::input::AsText;

    #[expect(clippy::ref_option, reason = "serde's `with` passes a reference")]
    pub(super) fn serialize<S: Serializer>(
        value: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().map(AsText::to_text).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Timestamp::from_text(&text).map_err(D::Error::custom)).transpose()
    }
}
