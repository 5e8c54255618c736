use crate::{Levels, SLOT_MINUTES, SlotRange, SlotSet};

/// What `if needed` counts for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum IfNeeded {
    /// As coming, but less than a yes.
    #[default]
    LastResort,
    /// As much as a yes.
    Equal,
    /// As a no.
    Never,
}

/// What working hours count for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum WorkingHours {
    /// Among equally good windows, those with less time outside are first.
    #[default]
    Respect,
    /// Nobody comes outside theirs.
    Only,
    /// Nothing.
    Ignore,
}

/// How a window is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Length of the meeting in minutes, from 1.
    pub duration_minutes: u32,
    /// Minutes before it throughout which whoever comes must be free too, where the meeting may be.
    pub buffer_before_minutes: u32,
    /// Minutes after it throughout which whoever comes must be free too, where the meeting may be.
    pub buffer_after_minutes: u32,
    /// What `if needed` counts for.
    pub if_needed: IfNeeded,
    /// What working hours count for.
    pub working_hours: WorkingHours,
    /// Most windows to return.
    pub max_windows: usize,
    /// Whether windows may overlap each other.
    pub overlapping: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            duration_minutes: 60,
            buffer_before_minutes: 0,
            buffer_after_minutes: 0,
            if_needed: IfNeeded::LastResort,
            working_hours: WorkingHours::Respect,
            max_windows: 10,
            overlapping: false,
        }
    }
}

/// One of the people a window is sought for. Bitmaps are of the question's range.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// What is known of them.
    pub levels: &'a Levels,
    /// The slots about which they have not said anything; none when they have answered.
    pub unknown: Option<&'a SlotSet>,
    /// Their working hours; none when these do not matter.
    pub working: Option<&'a SlotSet>,
    /// The slots at which their schedule says by now that they cannot come, whatever `levels` says; none when there is no
    /// such slot. Nothing is counted or ranked by it.
    pub conflicts: Option<&'a SlotSet>,
    /// Whether it must not be without them.
    pub required: bool,
}

/// People of whom some must come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Who belongs to it, by their places among the people; each once.
    pub members: Vec<usize>,
    /// How many of them must come.
    pub required: usize,
}

/// For whom a window is sought, and where.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What the bitmaps cover.
    pub range: SlotRange,
    /// How many slots of it are asked about. The rest tells only whether it would do to look further ahead.
    pub horizon_slots: usize,
    /// Where the meeting may be: all slots, or those of a poll.
    pub candidates: &'a SlotSet,
    /// Where it may start, such as at full hours.
    pub starts: &'a SlotSet,
    /// The people.
    pub people: &'a [Person<'a>],
    /// The groups of which some must come.
    pub groups: &'a [Group],
    /// The rest.
    pub options: Options,
}

impl Question<'_> {
    /// Slots that the meeting touches.
    pub(crate) fn meeting_slots(&self) -> usize {
        slots(self.options.duration_minutes).max(1)
    }

    pub(crate) fn before_slots(&self) -> usize {
        slots(self.options.buffer_before_minutes)
    }

    pub(crate) fn after_slots(&self) -> usize {
        slots(self.options.buffer_after_minutes)
    }

    pub(crate) fn has_buffers(&self) -> bool {
        self.before_slots() + self.after_slots() > 0
    }

    /// Fewer than two people do not meet, unless there is only one.
    pub(crate) fn fewest(&self) -> usize {
        self.people.len().min(2)
    }
}

fn slots(minutes: u32) -> usize {
    minutes.div_ceil(SLOT_MINUTES) as usize
}
