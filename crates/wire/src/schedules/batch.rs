use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Range, Schedule};
use crate::{
    Fault,
    input::{Faults, as_text, list, parsed, read_body, sentence},
};

/// The body of `POST /schedules/batch`, which is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulesRequest {
    /// 1 to 1,000 addresses, in any case; one may be named repeatedly.
    pub emails: Vec<String>,
    /// Start of the time in which busy ranges are wanted.
    #[serde(with = "as_text")]
    pub from: Timestamp,
    /// Its end, at most 12 weeks later.
    #[serde(with = "as_text")]
    pub to: Timestamp,
    /// Versions that the asker holds of any of these people, for the same `from` and `to`: what stands behind them is not
    /// sent again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<String>,
}

impl SchedulesRequest {
    /// Most people in one request.
    pub const MAX_PEOPLE: usize = 1_000;
    /// Most characters of a version.
    pub const LONGEST_VERSION: usize = 100;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<SchedulesRequest, Vec<Fault>> {
        read_body(body, |fields| {
            let emails = fields.required("emails", list(Self::MAX_PEOPLE, sentence(1..=320, false)));
            let known =
                fields.optional("known", list(Self::MAX_PEOPLE, sentence(1..=Self::LONGEST_VERSION, false)));
            let (from, to) = (fields.required("from", parsed), fields.required("to", parsed));
            let (from, to) = from.zip(to)?;
            check_span(fields.faults(), from, to)?;
            Some(SchedulesRequest { emails: emails?, from, to, known: known?.unwrap_or_default() })
        })
    }
}

/// Notes when a time is not from 1 instant to a later one within 12 weeks.
fn check_span(faults: &mut Faults, from: Timestamp, to: Timestamp) -> Option<()> {
    let covered = domain::SlotRange::covering(from, to);
    covered.map_err(|error| faults.at("to", |faults| faults.value_error(error))).ok().map(drop)
}

/// The reply of `POST /schedules/batch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulesReply {
    /// Whoever is known, each once, in the order in which they were first asked for.
    pub people: Vec<PersonSchedule>,
    /// The addresses, as they were asked for, of whoever is not known.
    pub unknown: Vec<String>,
}

/// A person's time, and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonSchedule {
    /// The address as it was first asked for.
    pub email: String,
    /// Stands for this person's time between the request's `from` and `to`: nobody else has it, and the person has it only
    /// while that time is the same.
    pub version: String,
    /// What it is; none where the asker has said that they know this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<PersonTime>,
}

/// What a person's free time follows from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonTime {
    /// Rules, overrides and working hours.
    pub schedule: Schedule,
    /// When the person is busy between the request's `from` and `to`, sorted and merged; not cut to it.
    pub busy: Vec<Range>,
}
