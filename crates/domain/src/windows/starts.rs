use crate::time::DAY_SLOTS;
use crate::{SLOT_MINUTES, SlotRange, SlotSet, TimeOfDay, Zone};

/// The slots at which clocks in a zone show `from`, or so many minutes after it, or again, throughout the day; an interval
/// that is no multiple of a slot counts as the next one that is.
pub fn interval_starts(range: SlotRange, zone: &Zone, from: TimeOfDay, interval_minutes: u32) -> SlotSet {
    let interval = i64::from(interval_minutes.div_ceil(SLOT_MINUTES)).clamp(1, DAY_SLOTS);
    let from = i64::from(u32::from(from.minutes()) / SLOT_MINUTES);
    let mut starts = SlotSet::empty(range.len());
    for run in zone.offsets(range) {
        for slot in run.slots.clone() {
            let local = (range.first() + slot as i64 + run.offset).rem_euclid(DAY_SLOTS);
            if (local - from).rem_euclid(DAY_SLOTS) % interval == 0 {
                starts.insert_all(slot..slot + 1);
            }
        }
    }
    starts
}
