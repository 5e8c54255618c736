use domain::Zone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{input::as_text, schema::ZoneName};

/// The reply of `GET /polls/{id}/export.json`: the answers as a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PollExport {
    /// The poll's version.
    pub version: i64,
    /// What it is about.
    pub title: String,
    /// The zone of the times.
    #[serde(with = "as_text")]
    #[schema(value_type = ZoneName)]
    pub time_zone: Zone,
    /// `name`, `time_zone`, `required`, `answered`, and then for a poll over dates the start of each cell, for a weekly one
    /// `weekly`.
    pub columns: Vec<String>,
    /// A row for each participant: at a cell `yes`, `if_needed`, `no`, or nothing where they have not answered.
    pub rows: Vec<Vec<String>>,
}
