//! How the bodies are described that are parsed by hand.

use utoipa::ToSchema;

use super::WindowOptions;
use crate::{
    Hours, Rule,
    schema::{InstantText, LevelName, UserId, ZoneName},
};

/// What the body of `POST /find-times` says.
#[derive(ToSchema)]
#[schema(as = FindTimes)]
#[expect(dead_code, reason = "it only describes the body, which is parsed by hand to name every fault")]
pub struct FindTimesSchema {
    /// Whom it is about: stored people by their addresses, others with their times.
    #[schema(min_items = 1, max_items = 1_000)]
    people: Vec<InviteeSchema>,
    /// On a quarter of an hour.
    #[schema(value_type = InstantText)]
    from: String,
    /// On a quarter of an hour, at most 12 weeks later.
    #[schema(value_type = InstantText)]
    to: String,
    /// How.
    #[serde(flatten)]
    options: WindowOptions,
}

/// Somebody whom a question is about.
#[derive(ToSchema)]
#[schema(as = Invitee)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes a part of a body")]
pub(super) enum InviteeSchema {
    /// A stored person's address.
    Stored(UserId),
    /// Somebody with their times.
    Given(GivenPersonSchema),
}

/// Somebody whose times come with the question: either `ranges` or `weekly`.
#[derive(ToSchema)]
#[schema(as = GivenPerson)]
#[expect(dead_code, reason = "it only describes a part of a body")]
pub(super) struct GivenPersonSchema {
    /// By which the answer names them.
    #[schema(min_length = 1, max_length = 320, example = "ada")]
    id: String,
    /// How they are called.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Where they are.
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// When they are free, from instant to instant.
    #[schema(nullable = false)]
    ranges: Option<Vec<GivenRangeSchema>>,
    /// When they are free every week, on their clocks.
    #[schema(nullable = false)]
    weekly: Option<Vec<Rule>>,
    /// When they work; Monday to Friday from 09:00 to 17:00 where nothing is said.
    working_hours: Option<Vec<Hours>>,
}

/// A time at which somebody is free.
#[derive(ToSchema)]
#[schema(as = GivenRange)]
#[expect(dead_code, reason = "it only describes a part of a body")]
pub(super) struct GivenRangeSchema {
    /// When it starts.
    #[schema(value_type = InstantText)]
    start: String,
    /// When it ends.
    #[schema(value_type = InstantText)]
    end: String,
    /// How gladly; `yes` where nothing is said.
    #[schema(value_type = Option<LevelName>)]
    level: Option<String>,
}
