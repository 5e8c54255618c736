use domain::SlotRange;
use jiff::Timestamp as Instant;
use wire::Query;

/// The time that a request asks about, by its parameters `from` and `to`.
pub(super) struct AskedTime {
    pub(super) from: Instant,
    pub(super) to: Instant,
    /// The quarters of an hour that it touches.
    pub(super) slots: SlotRange,
}

impl AskedTime {
    /// Reads it; `None` stands for faults that were noted.
    pub(super) fn read(query: &mut Query) -> Option<AskedTime> {
        let (from, to) = (query.required_as("from"), query.required_as("to"));
        let (from, to): (Instant, Instant) = from.zip(to)?;
        match SlotRange::covering(from, to) {
            Ok(slots) => Some(AskedTime { from, to, slots }),
            Err(error) => {
                query.fault("to", "value_error", error.to_string());
                None
            }
        }
    }
}
