use std::ops::Range;

use jiff::Timestamp;

use crate::time::{DAY_SLOTS, OffsetRun, day_of_date};
use crate::{SlotRange, SlotSet, Zone};

use super::minutes::Minutes;
use super::{Levels, Override, Schedule, Weekly};

const WEEK_SLOTS: i64 = 7 * DAY_SLOTS;
/// The local slot since 1970-01-01, a Thursday, at which a week starts.
const FIRST_MONDAY: i64 = 4 * DAY_SLOTS;

impl Schedule {
    /// The level at each slot: that of the slot's own local time, by the override of its date or else the weekly rules.
    pub fn levels(&self, range: SlotRange) -> Levels {
        let yes = self.free(range, Weekly::yes, Override::yes);
        let available = self.free(range, Weekly::available, Override::available);
        Levels::new(yes, available)
    }

    /// The slots within working hours; those of [`Weekly::office_hours`] when the person has not said any.
    pub fn working_slots(&self, range: SlotRange) -> SlotSet {
        let said = !self.working_hours.rules().is_empty();
        let weekly = if said { self.working_hours.yes() } else { Weekly::office_hours().yes() };
        let mut slots = SlotSet::empty(range.len());
        for run in self.zone.offsets(range) {
            insert_weekly(&mut slots, range, &run, &weekly);
        }
        slots
    }

    fn free(
        &self,
        range: SlotRange,
        weekly: fn(&Weekly) -> Minutes,
        dated: fn(&Override) -> Minutes,
    ) -> SlotSet {
        let mut slots = SlotSet::empty(range.len());
        let weekly = weekly(&self.weekly);
        for run in self.zone.offsets(range) {
            insert_weekly(&mut slots, range, &run, &weekly);
            for replaced in &self.overrides {
                let midnight = day_of_date(replaced.date) * DAY_SLOTS;
                slots.remove_all(utc(range, &run, midnight..midnight + DAY_SLOTS));
            }
            for replaced in &self.overrides {
                let midnight = day_of_date(replaced.date) * DAY_SLOTS;
                for free in dated(replaced).slots() {
                    slots.insert_all(utc(range, &run, midnight + free.start..midnight + free.end));
                }
            }
        }
        slots
    }
}

/// The slots that busy times touch: rounded outwards. Times outside the range are left out.
pub fn busy_slots(range: SlotRange, busy: impl IntoIterator<Item = (Timestamp, Timestamp)>) -> SlotSet {
    let mut slots = SlotSet::empty(range.len());
    for (start, end) in busy {
        slots.insert_all(range.touched(start, end));
    }
    slots
}

impl Zone {
    /// The slots whose own local time is in a time of a date: `from` and `to` count minutes from the date's 00:00 and may
    /// pass its end. Rounded inwards.
    pub fn slots_on(&self, range: SlotRange, date: jiff::civil::Date, minutes: Range<u32>) -> SlotSet {
        let mut slots = SlotSet::empty(range.len());
        let midnight = day_of_date(date) * DAY_SLOTS;
        for run in self.offsets(range) {
            for free in Minutes::union([minutes.clone()]).slots() {
                slots.insert_all(utc(range, &run, midnight + free.start..midnight + free.end));
            }
        }
        slots
    }
}

fn insert_weekly(slots: &mut SlotSet, range: SlotRange, run: &OffsetRun, weekly: &Minutes) {
    let local = range.first() + run.slots.start as i64 + run.offset;
    let local_end = local + run.slots.len() as i64;
    let mut week = local - (local - FIRST_MONDAY).rem_euclid(WEEK_SLOTS);
    while week < local_end {
        for free in weekly.slots() {
            slots.insert_all(utc(range, run, week + free.start..week + free.end));
        }
        week += WEEK_SLOTS;
    }
}

/// Local slots since 1970 as slots of the range: those of the run that have these local times.
pub(crate) fn utc(range: SlotRange, run: &OffsetRun, local: Range<i64>) -> Range<usize> {
    let slots = range.clip(local.start - run.offset..local.end - run.offset);
    let start = slots.start.clamp(run.slots.start, run.slots.end);
    start..slots.end.clamp(start, run.slots.end)
}
