//! What holds for schedules wherever they are stored.

use domain::{Levels, SlotRange, busy_slots};
use serde::Serialize;
use sha2::{Digest, Sha256};
use wire::{Availabilities, FreeBusy, LevelRange, Range, Schedule};

/// The schedule in its one form, and the week of whole hours that is its view.
///
/// # Errors
/// None for a schedule that was read by [`wire::parse_schedule`].
pub(crate) fn normalised(given: &Schedule) -> Result<(Schedule, Availabilities), domain::StartsAtEnd> {
    let schedule = domain::Schedule::try_from(given)?;
    Ok((Schedule::from(&schedule), Availabilities(schedule.weekly.whole_hours())))
}

/// The strong entity tag of a content, with its quotes.
pub(crate) fn entity_tag<T: Serialize>(content: &T) -> String {
    format!("\"{}\"", content_hash(content))
}

/// Stands for a content: the first half of its SHA-256, in hexadecimal.
pub(crate) fn content_hash<T: Serialize>(content: &T) -> String {
    let text = serde_json::to_vec(content).unwrap_or_default();
    let hash: [u8; 32] = Sha256::digest(&text).into();
    let half = hash.iter().take(16).fold(0, |half: u128, byte| half << 8 | u128::from(*byte));
    format!("{half:032x}")
}

/// When somebody with this schedule can come, who is busy then.
///
/// # Errors
/// None for a schedule that was read by [`wire::parse_schedule`].
pub(crate) fn levels(
    schedule: &Schedule,
    busy: &[Range],
    range: SlotRange,
) -> Result<Levels, domain::StartsAtEnd> {
    let mut levels = domain::Schedule::try_from(schedule)?.levels(range);
    levels.subtract(&busy_slots(range, busy.iter().map(|busy| (busy.start, busy.end))));
    Ok(levels)
}

/// Busy and free within a range.
///
/// # Errors
/// As [`levels`].
pub(crate) fn free_busy(
    schedule: &Schedule,
    busy: &[Range],
    range: SlotRange,
) -> Result<FreeBusy, domain::StartsAtEnd> {
    let free = levels(schedule, busy, range)?.ranges(range).into_iter().map(LevelRange::from).collect();
    let busy = busy_slots(range, busy.iter().map(|busy| (busy.start, busy.end)));
    let at = |slot| range.instant(slot);
    let busy = busy.runs().into_iter().map(|run| Range { start: at(run.start), end: at(run.end) }).collect();
    Ok(FreeBusy { busy, free })
}
