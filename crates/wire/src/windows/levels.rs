//! What suggestion-service asks of availability-service: bitmaps, from which windows are ranked.

use domain::{SlotRange, Zone};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::find_times::span;
use crate::{
    Bits, Fault, PollLayout, SchedulesRequest,
    input::{as_text, list, read_body, sentence},
};

/// The body of `POST /levels`, which is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelsRequest {
    /// 1 to 1,000 addresses, in any case.
    pub emails: Vec<String>,
    /// Start of the time that is asked about, on a quarter of an hour.
    #[serde(with = "as_text")]
    pub from: Timestamp,
    /// Its end, at most 12 weeks later.
    #[serde(with = "as_text")]
    pub to: Timestamp,
}

impl LevelsRequest {
    /// The body, and the slots of the time that is asked about.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<(LevelsRequest, SlotRange), Vec<Fault>> {
        read_body(body, |fields| {
            let emails =
                fields.required("emails", list(SchedulesRequest::MAX_PEOPLE, sentence(1..=320, false)));
            let range = span(fields)?;
            Some((LevelsRequest { emails: emails?, from: range.start(), to: range.end() }, range))
        })
    }
}

/// The reply of `POST /levels`. Its `ETag` stands for what everybody's schedule and busy times are; with it in
/// `If-None-Match` the reply is a 304 when none has changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelsReply {
    /// Whoever is known, in the order in which they were first asked for.
    pub people: Vec<PersonLevels>,
    /// The addresses, as they were asked for, of whoever is not known.
    pub unknown: Vec<String>,
}

/// When a stored person is free, over the time that was asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonLevels {
    /// The address as it was asked for.
    pub email: String,
    /// Where they are.
    #[serde(with = "as_text")]
    pub time_zone: Zone,
    /// The slots at which they can come gladly.
    pub yes: Bits,
    /// The slots at which they can come if it has to be.
    pub if_needed: Bits,
    /// The slots within their working hours.
    pub working: Bits,
}

/// The reply of `GET /polls/{id}/levels`, which is for other services alone: everybody's bitmaps over the range of the
/// poll's layout (`domain::Layout::range`). For a weekly poll that layout is over real weeks. It always has everything;
/// what of it the caller may see is in the header [`crate::PollView::HEADER`].
///
/// Its `ETag` stands for the poll's version and the weeks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollLevels {
    /// The poll's id.
    pub id: String,
    /// Counts the poll's changes.
    pub version: i64,
    /// What it asks about.
    #[serde(flatten)]
    pub layout: PollLayout,
    /// For a weekly poll, the Monday of the first of its weeks.
    #[serde(with = "optional_date", default, skip_serializing_if = "Option::is_none")]
    pub first_week: Option<Date>,
    /// For a weekly poll, how many weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weeks: Option<u32>,
    /// Everybody who takes part, in the order in which they came.
    pub participants: Vec<ParticipantLevels>,
    /// Slots within working hours; participants share them.
    pub working: Vec<Bits>,
}

/// When a participant can come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantLevels {
    /// The participant's id.
    pub id: String,
    /// How they call themselves.
    pub name: String,
    /// Where they are.
    #[serde(with = "as_text")]
    pub time_zone: Zone,
    /// Whether the meeting cannot be without them.
    pub required: bool,
    /// Whether they have answered; the bitmaps are there when they have.
    pub answered: bool,
    /// The slots at which they can come gladly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<Bits>,
    /// The slots at which they can come if it has to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub if_needed: Option<Bits>,
    /// The slots about which they were not asked when they answered; none where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<Bits>,
    /// The slots at which they can come by their answer, and not by their schedule as it is now; none where it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<Bits>,
    /// Which entry of [`PollLevels::working`] has the slots within their working hours.
    pub working: usize,
}

mod optional_date {
    //! A date, or `null`.
    use jiff::civil::Date;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use crate::input::AsText;

    #[expect(clippy::ref_option, reason = "serde's `with` passes a reference")]
    pub(super) fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        date.as_ref().map(AsText::to_text).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| Date::from_text(&text).map_err(D::Error::custom)).transpose()
    }
}
