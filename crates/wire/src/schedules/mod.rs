//! People's schedules: when they are usually free, in their own zone.

mod batch;
mod free_busy;
mod input;
mod times;

pub use batch::{PersonSchedule, PersonTime, SchedulesReply, SchedulesRequest};
pub use free_busy::{CalendarBusy, CalendarEntry, CalendarProblem, Calendars, FreeBusy, ImportedCalendar};
pub use input::parse_schedule;
pub(crate) use input::{hours, level_range, rule};
pub use times::{DayRange, Hours, LevelRange, Override, Range, Rule};

use domain::Zone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{input::as_text, schema::ZoneName};

/// When a person is usually free, in their own zone: what `PUT /users/{email}/schedule` takes and every reply gives back
/// normalised, that is sorted and merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    /// The zone in which all the rest is meant.
    #[serde(with = "as_text")]
    #[schema(value_type = ZoneName)]
    pub time_zone: Zone,
    /// When the person is free every week.
    pub weekly: Vec<Rule>,
    /// What holds on single dates instead of the weekly rules.
    pub overrides: Vec<Override>,
    /// When the person works; empty when they have not said.
    pub working_hours: Vec<Hours>,
}

impl Schedule {
    /// Most weekly rules, and most working hours.
    pub const MAX_RULES: usize = 168;
    /// Most overrides.
    pub const MAX_OVERRIDES: usize = 1_000;
    /// Most ranges of one override.
    pub const MAX_RANGES: usize = 24;
}

impl From<&domain::Schedule> for Schedule {
    fn from(schedule: &domain::Schedule) -> Schedule {
        Schedule {
            time_zone: schedule.zone.clone(),
            weekly: schedule.weekly.rules().iter().copied().map(Rule::from).collect(),
            overrides: schedule.overrides().iter().map(Override::from).collect(),
            working_hours: schedule.working_hours().map(Hours::from).collect(),
        }
    }
}

impl TryFrom<&Schedule> for domain::Schedule {
    type Error = domain::StartsAtEnd;

    fn try_from(schedule: &Schedule) -> Result<domain::Schedule, domain::StartsAtEnd> {
        let weekly: Result<Vec<_>, _> = schedule.weekly.iter().copied().map(TryInto::try_into).collect();
        let overrides: Result<Vec<_>, _> = schedule.overrides.iter().map(TryInto::try_into).collect();
        let hours: Result<Vec<_>, _> =
            schedule.working_hours.iter().copied().map(TryInto::try_into).collect();
        Ok(domain::Schedule::new(schedule.time_zone.clone(), &weekly?, &overrides?, &hours?))
    }
}
