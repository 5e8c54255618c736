use crate::{LevelRange, Levels, SlotSet};

use super::Layout;

/// What a participant has said, and about which slots they were asked when they said it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The level at each slot of the poll's range.
    pub levels: Levels,
    /// The slots that were asked about; the levels at others mean nothing.
    pub asked: SlotSet,
}

/// What is wrong with a range of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct AnswerFault {
    /// Which range, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub kind: AnswerFaultKind,
}

/// The ways in which a range of an answer can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerFaultKind {
    /// Its end is not after its start.
    #[error("the end must be after the start")]
    Empty,
    /// It reaches times that the poll does not ask about.
    #[error("it is not wholly within the times of the poll")]
    OutsidePoll,
    /// It starts or ends within a cell.
    #[error("it does not start and end where cells of the poll do")]
    OffGrid,
}

impl Answer {
    /// The answer that these ranges give; where they overlap, the better level counts.
    ///
    /// # Errors
    /// Every fault, by range.
    pub fn of_ranges(layout: &Layout, ranges: &[LevelRange]) -> Result<Answer, Vec<AnswerFault>> {
        let mut levels = Levels::none(layout.range().len());
        let mut faults = Vec::new();
        for (index, range) in ranges.iter().enumerate() {
            match slots(layout, range) {
                Ok(slots) => levels.insert_all(slots, range.level),
                Err(kind) => faults.push(AnswerFault { index, kind }),
            }
        }
        if faults.is_empty() {
            Ok(Answer { levels, asked: layout.candidates().clone() })
        } else {
            Err(faults)
        }
    }

    /// The answer that follows from a person's levels over the layout's range, as of a schedule less busy times.
    pub fn of_levels(layout: &Layout, mut levels: Levels) -> Answer {
        levels.intersect(layout.candidates());
        Answer { levels, asked: layout.candidates().clone() }
    }

    /// What still fits when a poll has changed: slots that are asked about before and after keep their level, others lose
    /// it, and what is new has not been asked.
    #[must_use]
    pub fn carried(&self, from: &Layout, to: &Layout) -> Answer {
        let mut asked = self.asked.moved(from.range(), to.range());
        asked.intersect(to.candidates());
        let mut levels = self.levels.moved(from.range(), to.range());
        levels.intersect(&asked);
        Answer { levels, asked }
    }

    /// The slots of the poll about which the participant has not said anything; none when they were asked about all.
    pub fn unknown(&self, layout: &Layout) -> Option<SlotSet> {
        let mut unknown = layout.candidates().clone();
        unknown.subtract(&self.asked);
        (!unknown.is_empty()).then_some(unknown)
    }
}

fn slots(layout: &Layout, range: &LevelRange) -> Result<std::ops::Range<usize>, AnswerFaultKind> {
    if range.end <= range.start {
        return Err(AnswerFaultKind::Empty);
    }
    let whole = layout.range();
    let inside = whole.start() <= range.start && range.end <= whole.end();
    let touched = whole.touched(range.start, range.end);
    if !inside || !layout.candidates().contains_all(touched.clone()) {
        return Err(AnswerFaultKind::OutsidePoll);
    }
    let exact = whole.instant(touched.start) == range.start && whole.instant(touched.end) == range.end;
    let starts = layout.cells().binary_search_by_key(&touched.start, |cell| cell.slots.start).is_ok();
    let ends = layout.cells().binary_search_by_key(&touched.end, |cell| cell.slots.end).is_ok();
    if exact && starts && ends { Ok(touched) } else { Err(AnswerFaultKind::OffGrid) }
}
