use domain::{Layout, Levels};
use wire::{HeatMap, HeatMapPerson, ParticipantAnswer, PollAnswers, PollView};

use super::{
    cells::{Cells, Counts},
    poll_levels::levels,
};

/// How many can come at each cell of the layout, and who, where that may be seen.
pub(crate) fn heat_map(poll: &PollAnswers, layout: &Layout, view: PollView) -> HeatMap {
    let cells = Cells::new(layout.cells().iter().map(|cell| cell.slots.clone()).collect());
    let (mut available, mut yes) = (Counts::new(cells.len()), Counts::new(cells.len()));
    let shown = view == PollView::Names && poll.participants.len() <= HeatMap::MAX_PEOPLE;
    let mut people = Vec::new();
    let mut answered: u64 = 0;
    for participant in &poll.participants {
        let levels = levels(participant, layout);
        if let Some(levels) = &levels {
            answered += 1;
            cells.within(levels.available()).iter().for_each(|covered| available.add(covered));
            cells.within(levels.yes()).iter().for_each(|covered| yes.add(covered));
        }
        if shown {
            people.push(person(participant, levels, layout, &cells));
        }
    }
    let yes = yes.totals();
    let if_needed = available.totals().iter().zip(&yes).map(|(available, yes)| available - yes).collect();
    let range = layout.range();
    HeatMap {
        version: poll.version,
        granularity_minutes: poll.layout.granularity_minutes,
        participants: poll.participants.len() as u64,
        answered,
        starts: layout.cells().iter().map(|cell| range.instant(cell.slots.start)).collect(),
        yes,
        if_needed,
        people: shown.then_some(people),
    }
}

fn person(
    participant: &ParticipantAnswer,
    levels: Option<Levels>,
    layout: &Layout,
    cells: &Cells,
) -> HeatMapPerson {
    let answered = levels.is_some();
    let levels = levels.unwrap_or_else(|| Levels::none(layout.range().len()));
    HeatMapPerson {
        id: participant.id.clone(),
        name: participant.name.clone(),
        answered,
        view: cells.digits(&levels),
    }
}
