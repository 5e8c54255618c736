use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{input::as_text, schema::InstantText};

/// The reply of `GET /polls/{id}/heatmap`: how many can come at each cell of a poll. It is no ranking: who can come at
/// each of two cells need not be free from the one to the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeatMap {
    /// The poll's version.
    pub version: i64,
    /// Minutes of a cell; where a clock change cuts one it is shorter.
    pub granularity_minutes: u32,
    /// How many take part.
    pub participants: u64,
    /// How many of them have answered.
    pub answered: u64,
    /// When each cell starts.
    #[serde(with = "as_text::list")]
    #[schema(value_type = Vec<InstantText>)]
    pub starts: Vec<Timestamp>,
    /// How many can come gladly throughout each cell.
    pub yes: Vec<u32>,
    /// How many more can come throughout it if it has to be.
    pub if_needed: Vec<u32>,
    /// Everybody; absent where the caller may not see who, and where there are more than 500.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub people: Option<Vec<HeatMapPerson>>,
}

impl HeatMap {
    /// Most participants of whom each is told.
    pub const MAX_PEOPLE: usize = 500;
}

/// One participant in a heat map.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HeatMapPerson {
    /// The participant's id.
    pub id: String,
    /// How they call themselves.
    pub name: String,
    /// Whether they have answered.
    pub answered: bool,
    /// One digit for each cell: 0 no, 1 if needed, 2 yes.
    #[schema(pattern = "^[012]*$", example = "0012")]
    pub view: String,
}
