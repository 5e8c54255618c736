use crate::{Answer, Level, Levels, SLOT_MINUTES, SlotRange, SlotSet, TimeOfDay, Weekday, Weekly, Zone};

use crate::schedule::Hours;

impl Answer {
    /// The slots at which the answer says that somebody comes, though by what is known of their time now they do not.
    /// It is empty exactly when to answer anew by these levels would take no time away.
    pub fn conflicts(&self, now: &Levels) -> SlotSet {
        let mut conflicts = self.levels.available().clone();
        conflicts.intersect(&self.asked);
        conflicts.subtract(now.available());
        conflicts
    }
}

impl Zone {
    /// What clocks there show in a week at slots of a range, sorted and merged.
    pub fn weekly_hours(&self, range: SlotRange, slots: &SlotSet) -> Vec<Hours> {
        let rules = slots.slots().filter_map(|slot| {
            let local = self.local(range.instant(slot));
            let day = Weekday::ALL[local.weekday().to_monday_zero_offset().unsigned_abs() as usize];
            let minute = local.hour().unsigned_abs() as u16 * 60 + local.minute().unsigned_abs() as u16;
            let from = TimeOfDay::from_minutes(minute)?;
            let to = TimeOfDay::from_minutes(minute + SLOT_MINUTES as u16)?;
            Some(Hours::new(day, from, to).ok()?.at(Level::Yes))
        });
        let rules: Vec<_> = rules.collect();
        Weekly::new(&rules).rules().iter().map(|rule| rule.hours).collect()
    }
}
