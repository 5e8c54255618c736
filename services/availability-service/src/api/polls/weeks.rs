use domain::{Layout, LayoutError};
use jiff::{Timestamp, civil::Date};
use service_kit::ApiError;
use wire::{Fault, Query, WindowOptions};

use crate::{compute::Weeks, poll_client::KeptPoll};

/// Which weeks of a weekly poll are asked about; a poll over dates has its own.
pub(super) struct AskedWeeks {
    first_week: Option<Date>,
    count: u32,
}

impl AskedWeeks {
    /// Reads `first_week`, and `weeks` where there may be more than one.
    ///
    /// # Errors
    /// 400 with every fault.
    pub(super) fn parse(query: Option<&str>, most: u32) -> Result<AskedWeeks, ApiError> {
        let mut query = Query::parse(query);
        let first_week = query.optional_as("first_week");
        let count = if most == 1 { None } else { query.optional("weeks") };
        let count = count.map_or(most, |text| {
            let count = text.parse().ok().filter(|count| (1..=WindowOptions::MAX_WEEKS).contains(count));
            if count.is_none() {
                let msg = format!("Use a whole number from 1 to {}", WindowOptions::MAX_WEEKS);
                query.fault("weeks", "value_error", msg);
            }
            count.unwrap_or(most)
        });
        query.finish(Some(AskedWeeks { first_week, count })).map_err(ApiError::bad_request)
    }

    /// The weeks for this poll at a moment; none where it is over dates.
    pub(super) fn of(&self, poll: &KeptPoll, now: Timestamp) -> Option<Weeks> {
        let layout = &poll.answers.layout;
        Weeks::apply_to(&layout.days).then(|| match self.first_week {
            Some(date) => Weeks::of(date, self.count),
            None => Weeks::after(now, &layout.time_zone, self.count),
        })
    }
}

/// The poll's slots, over these weeks where it has any.
///
/// # Errors
/// 400 where a weekly poll has no time in these weeks.
pub(super) fn layout(poll: &KeptPoll, weeks: Option<Weeks>) -> Result<Layout, ApiError> {
    let times = poll.answers.layout.times();
    let times = times.map_err(|_faults| ApiError::internal("a stored poll has no times"))?;
    let dates = weeks.unwrap_or(Weeks { first: Date::ZERO, count: 0 }).dates(&times);
    Layout::new(&times, &dates).map_err(|error| match (weeks, error) {
        (None, error) => ApiError::internal(error),
        (Some(_), LayoutError::NoTime | LayoutError::OutsideYears(_) | LayoutError::TooLong { .. }) => {
            let msg = format!("The poll has no time in these weeks: {error}");
            ApiError::bad_request(vec![Fault::new(["query", "first_week"], "value_error", msg)])
        }
    })
}
