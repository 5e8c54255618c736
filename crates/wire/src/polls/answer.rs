use domain::Zone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Conflicts, Fault, LevelRange, Rule, Schedule, Timestamp,
    input::{as_text, boolean, list, parsed, read_body},
    schedules::{level_range, rule},
    schema::ZoneName,
};

/// The body of `PUT /polls/{id}/participants/{pid}/answer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerInput {
    /// When the participant can come, for a poll over dates.
    Ranges(Vec<LevelRange>),
    /// When they can come every week, for a weekly poll.
    Weekly(WeeklyAnswer),
    /// As the stored person's schedule and busy times have it now.
    FromSchedule,
}

/// When somebody can come every week, in a zone of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WeeklyAnswer {
    /// The zone of the rules.
    #[serde(with = "as_text")]
    #[schema(value_type = ZoneName)]
    pub time_zone: Zone,
    /// Sorted and merged in replies.
    pub weekly: Vec<Rule>,
}

impl AnswerInput {
    /// Most ranges: a horizon of 12 weeks in which every quarter of an hour has another level than the one before.
    pub const MAX_RANGES: usize = 8_192;

    /// Reads the body: it has `ranges`, or `weekly` with its `time_zone`, or `from_schedule`.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<AnswerInput, Vec<Fault>> {
        read_body(body, |fields| {
            let given = ["ranges", "weekly", "from_schedule"].map(|name| fields.has(name));
            match given {
                [true, false, false] => {
                    fields.required("ranges", list(Self::MAX_RANGES, level_range)).map(AnswerInput::Ranges)
                }
                [false, true, false] => {
                    let time_zone = fields.required("time_zone", parsed);
                    let weekly = fields.required("weekly", list(Schedule::MAX_RULES, rule));
                    let answer = WeeklyAnswer { time_zone: time_zone?, weekly: weekly? };
                    Some(AnswerInput::Weekly(answer))
                }
                [false, false, true] => fields.required("from_schedule", |value, faults| {
                    let wanted = boolean(value, faults)?;
                    if !wanted {
                        faults.value_error("Leave it out, or let it be true");
                    }
                    wanted.then_some(AnswerInput::FromSchedule)
                }),
                _ => {
                    fields.faults().value_error(
                        "Give one of ranges (for a poll over dates), weekly with its time_zone (for a weekly poll), \
                         and from_schedule",
                    );
                    None
                }
            }
        })
    }
}

/// The reply of `GET` and `PUT /polls/{id}/participants/{pid}/answer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AnswerReply {
    /// The poll's version.
    pub version: i64,
    /// Whether the participant has answered.
    pub answered: bool,
    /// When they last did.
    pub answered_at: Option<Timestamp>,
    /// Whether it was filled in from their schedule.
    pub from_schedule: bool,
    /// When they can come, sorted and merged, for a poll over dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranges: Option<Vec<LevelRange>>,
    /// When they can come every week, for a weekly poll.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub weekly: Option<WeeklyAnswer>,
    /// When their schedule or a calendar says by now that they cannot come, other than the answer. Absent when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub conflicts: Option<Conflicts>,
}
