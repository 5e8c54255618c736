use std::collections::HashMap;

use domain::{Layout, Level, Levels, Schedule, SlotSet, Zone, busy_slots};
use wire::{Bits, Conflicts, Hours, ParticipantAnswer, ParticipantLevels, PollAnswers, PollLevels};

use super::Weeks;

/// Everybody's bitmaps over the layout, which is over these weeks where the poll is a weekly one.
pub(crate) fn poll_levels(poll: &PollAnswers, layout: &Layout, weeks: Option<Weeks>) -> PollLevels {
    let mut working = Vec::new();
    let mut known: HashMap<(&str, Vec<[u16; 3]>), usize> = HashMap::new();
    let participants = poll.participants.iter().map(|participant| {
        let hours = participant.working_hours.iter();
        let hours = hours.map(|hours| [hours.day as u16, hours.from.minutes(), hours.to.minutes()]);
        let key = (participant.time_zone.name(), hours.collect());
        let index = *known.entry(key).or_insert_with(|| {
            working.push(Bits::from(&working_slots(participant, layout)));
            working.len() - 1
        });
        of_participant(participant, layout, &poll.layout.time_zone, index)
    });
    let participants = participants.collect();
    PollLevels {
        id: poll.id.clone(),
        version: poll.version,
        layout: poll.layout.clone(),
        first_week: weeks.map(|weeks| weeks.first),
        weeks: weeks.map(|weeks| weeks.count),
        participants,
        working,
    }
}

fn of_participant(
    participant: &ParticipantAnswer,
    layout: &Layout,
    zone: &Zone,
    working: usize,
) -> ParticipantLevels {
    let (yes, if_needed) = match &participant.weekly {
        // What a poll over dates has are bitmaps already.
        None => (participant.yes.clone(), participant.if_needed.clone()),
        Some(_) => levels(participant, layout)
            .map(|levels| (Bits::from(levels.yes()), Bits::from(&levels.if_needed())))
            .unzip(),
    };
    ParticipantLevels {
        id: participant.id.clone(),
        name: participant.name.clone(),
        time_zone: participant.time_zone.clone(),
        required: participant.required,
        answered: participant.answered,
        yes,
        if_needed,
        unknown: participant.unknown.clone(),
        conflicts: conflicts(participant, layout, zone),
        working,
    }
}

/// When a participant can come, over the layout; none where they have not answered.
pub(super) fn levels(participant: &ParticipantAnswer, layout: &Layout) -> Option<Levels> {
    if !participant.answered {
        return None;
    }
    let len = layout.range().len();
    let slots = |bits: &Option<Bits>| {
        bits.as_ref().and_then(|bits| bits.slots(len)).unwrap_or_else(|| SlotSet::empty(len))
    };
    Some(match &participant.weekly {
        None => Levels::new(slots(&participant.yes), slots(&participant.if_needed)),
        Some(answer) => {
            let rules: Vec<domain::Rule> =
                answer.weekly.iter().filter_map(|rule| (*rule).try_into().ok()).collect();
            let schedule = Schedule::new(answer.time_zone.clone(), &rules, &[], &[]);
            let mut levels = schedule.levels(layout.range());
            levels.intersect(layout.candidates());
            levels
        }
    })
}

/// The slots of the layout at which a participant's schedule says by now that they cannot come. Times of every week are on
/// the clocks of the poll's zone.
fn conflicts(participant: &ParticipantAnswer, layout: &Layout, zone: &Zone) -> Option<Bits> {
    let Conflicts { ranges, weekly } = participant.conflicts.as_ref()?;
    let range = layout.range();
    let at = ranges.iter().flatten().map(|range| (range.start, range.end));
    let mut slots = busy_slots(range, at);
    if let Some(weekly) = weekly {
        let rules = weekly.iter().filter_map(|hours| domain::Hours::try_from(*hours).ok());
        let rules: Vec<domain::Rule> = rules.map(|hours| hours.at(Level::Yes)).collect();
        slots.unite(Schedule::new(zone.clone(), &rules, &[], &[]).levels(range).yes());
    }
    slots.intersect(layout.candidates());
    Some(Bits::from(&slots))
}

fn working_slots(participant: &ParticipantAnswer, layout: &Layout) -> SlotSet {
    schedule_of_work(participant.time_zone.clone(), &participant.working_hours).working_slots(layout.range())
}

fn schedule_of_work(zone: Zone, hours: &[Hours]) -> Schedule {
    let hours: Vec<domain::Hours> = hours.iter().filter_map(|hours| (*hours).try_into().ok()).collect();
    Schedule::new(zone, &[], &[], &hours)
}
