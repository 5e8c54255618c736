use domain::{SLOT_MINUTES, SlotRange};
use wire::{PersonBusy, Range};

use super::cells::Cells;
use crate::schedule_client::KnownPerson;

/// When a person is free and busy, in intervals of so many minutes; the last may be shorter.
pub(crate) fn busy_view(person: &KnownPerson, range: SlotRange, interval_minutes: u32) -> PersonBusy {
    let step = (interval_minutes / SLOT_MINUTES).max(1) as usize;
    let starts = (0..range.len()).step_by(step);
    let cells = Cells::new(starts.map(|start| start..(start + step).min(range.len())).collect());
    let busy = person.bitmaps.busy.runs().into_iter();
    PersonBusy {
        person: person.email.clone(),
        view: cells.digits(&person.bitmaps.levels),
        busy: busy
            .map(|run| Range { start: range.instant(run.start), end: range.instant(run.end) })
            .collect(),
    }
}
