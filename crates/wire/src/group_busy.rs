use domain::SlotRange;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Fault, GuestError, Range, SchedulesRequest, WindowOptions,
    input::{list, read_body, sentence},
    schema::{InstantText, UserId},
    windows::{quarters, span},
};

/// The body of `POST /freebusy`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupBusyRequest {
    /// Whom it is about, as they were named, each once.
    pub people: Vec<String>,
    /// Between which instants.
    pub span: SlotRange,
    /// Minutes of one digit of a view.
    pub interval_minutes: u32,
}

/// What the body of `POST /freebusy` says.
#[derive(ToSchema)]
#[schema(as = GroupBusyRequest)]
#[expect(dead_code, reason = "it only describes the body, which is parsed by hand to name every fault")]
pub struct GroupBusyRequestSchema {
    /// Addresses, in any case.
    #[schema(value_type = Vec<UserId>, min_items = 1, max_items = 1_000)]
    people: Vec<String>,
    /// On a quarter of an hour.
    #[schema(value_type = InstantText)]
    from: String,
    /// On a quarter of an hour, at most 12 weeks later.
    #[schema(value_type = InstantText)]
    to: String,
    /// Minutes of one digit of a view: a multiple of 15 up to a day. 15 by default.
    #[schema(minimum = 15, maximum = 1_440, multiple_of = 15, nullable = false)]
    interval_minutes: Option<u32>,
}

impl GroupBusyRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<GroupBusyRequest, Vec<Fault>> {
        read_body(body, |fields| {
            let people = fields.required("people", |value, faults| {
                let named = list(SchedulesRequest::MAX_PEOPLE, sentence(1..=320, false));
                let people = named(value, faults)?;
                if people.is_empty() {
                    faults.note("too_short", "Name at least one person");
                    return None;
                }
                Some(people)
            });
            let span = span(fields);
            let interval = fields.optional("interval_minutes", quarters(WindowOptions::MAX_MINUTES));
            let mut seen = std::collections::HashSet::new();
            let mut people = people?;
            people.retain(|person| seen.insert(person.to_lowercase()));
            Some(GroupBusyRequest {
                people,
                span: span?,
                interval_minutes: interval?.unwrap_or(domain::SLOT_MINUTES),
            })
        })
    }
}

/// The reply of `POST /freebusy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupBusy {
    /// Whoever is known, in the order in which they were asked for.
    pub people: Vec<PersonBusy>,
    /// Whoever is not.
    pub errors: Vec<GuestError>,
}

/// When one person is busy. It never says why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PersonBusy {
    /// The address as it was asked for.
    pub person: String,
    /// One digit for each interval, throughout which it holds: 0 not free, 1 if needed, 2 free. The last interval may be
    /// shorter.
    #[schema(pattern = "^[012]*$", example = "0022")]
    pub view: String,
    /// When they are busy, in whole quarters of an hour, sorted and merged.
    pub busy: Vec<Range>,
}
