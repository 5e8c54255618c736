use std::ops::Range;

use jiff::Timestamp;

use crate::{SlotRange, SlotSet};

/// How well a time suits a person. What is at no level is a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Only if it has to be.
    IfNeeded,
    /// Gladly.
    Yes,
}

impl Level {
    /// Every level, the better first.
    pub const ALL: [Level; 2] = [Level::Yes, Level::IfNeeded];

    /// Its name on the wire: `yes` or `if_needed`.
    pub fn name(self) -> &'static str {
        match self {
            Level::Yes => "yes",
            Level::IfNeeded => "if_needed",
        }
    }

    /// The level of that exact name.
    pub fn from_name(name: &str) -> Option<Level> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// A time at one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelRange {
    /// Its start.
    pub start: Timestamp,
    /// Its end, which is not in it.
    pub end: Timestamp,
    /// The level throughout.
    pub level: Level,
}

/// The level of a person at each slot of a range.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Levels {
    yes: SlotSet,
    /// At `yes` or `if_needed`.
    available: SlotSet,
}

impl Levels {
    /// Free at no slot of a range with so many.
    pub fn none(len: usize) -> Levels {
        Levels { yes: SlotSet::empty(len), available: SlotSet::empty(len) }
    }

    /// Gladly at some slots and if needed at others, of one range; a slot in both is a yes.
    pub fn new(yes: SlotSet, if_needed: SlotSet) -> Levels {
        let mut available = if_needed;
        available.unite(&yes);
        Levels { yes, available }
    }

    /// The slots at `yes`.
    pub fn yes(&self) -> &SlotSet {
        &self.yes
    }

    /// The slots at `yes` or `if_needed`.
    pub fn available(&self) -> &SlotSet {
        &self.available
    }

    /// The slots at `if_needed`.
    pub fn if_needed(&self) -> SlotSet {
        let mut if_needed = self.available.clone();
        if_needed.subtract(&self.yes);
        if_needed
    }

    /// How many slots the range has.
    #[expect(clippy::len_without_is_empty, reason = "no range is empty")]
    pub fn len(&self) -> usize {
        self.yes.len()
    }

    /// The level at a slot; none is a no.
    pub fn at(&self, slot: usize) -> Option<Level> {
        match (self.yes.contains(slot), self.available.contains(slot)) {
            (true, _) => Some(Level::Yes),
            (false, true) => Some(Level::IfNeeded),
            (false, false) => None,
        }
    }

    /// Says a level for slots; a slot that is at a better one keeps it.
    pub fn insert_all(&mut self, slots: Range<usize>, level: Level) {
        self.available.insert_all(slots.clone());
        if level == Level::Yes {
            self.yes.insert_all(slots);
        }
    }

    /// Takes away slots, such as busy ones.
    pub fn subtract(&mut self, slots: &SlotSet) {
        self.yes.subtract(slots);
        self.available.subtract(slots);
    }

    /// Keeps only these slots, such as those of a poll, or those within working hours.
    pub fn intersect(&mut self, slots: &SlotSet) {
        self.yes.intersect(slots);
        self.available.intersect(slots);
    }

    /// Lets an answer stand at the slots that were asked for, instead of what was there: a painted answer overrides the schedule.
    pub fn replace(&mut self, asked: &SlotSet, answer: &Levels) {
        let mut painted = answer.clone();
        painted.intersect(asked);
        self.subtract(asked);
        self.yes.unite(&painted.yes);
        self.available.unite(&painted.available);
    }

    /// The same levels in another range; what is not in it is lost.
    #[must_use]
    pub fn moved(&self, from: SlotRange, to: SlotRange) -> Levels {
        Levels { yes: self.yes.moved(from, to), available: self.available.moved(from, to) }
    }

    /// The times at each level, by start; neighbours at the same level are one.
    pub fn ranges(&self, range: SlotRange) -> Vec<LevelRange> {
        let at = |runs: Vec<Range<usize>>, level| {
            runs.into_iter().map(move |run| LevelRange {
                start: range.instant(run.start),
                end: range.instant(run.end),
                level,
            })
        };
        let mut ranges: Vec<LevelRange> =
            at(self.yes.runs(), Level::Yes).chain(at(self.if_needed().runs(), Level::IfNeeded)).collect();
        ranges.sort_by_key(|range| range.start);
        ranges
    }
}
