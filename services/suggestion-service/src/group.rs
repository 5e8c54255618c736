//! A group as it is ranked: everybody's bitmaps over one range. Pure: no I/O and no clock.

use domain::{Layout, LayoutError, Levels, Schedule, SlotRange, SlotSet, TimeOfDay, Zone, busy_slots};
use jiff::civil::Date;
use wire::{Bits, GivenPerson, GivenTimes, ParticipantLevels, PersonLevels, PollLevels};

/// Everybody of whom windows are asked, over one range.
#[derive(Debug)]
pub(crate) struct GroupBitmaps {
    pub(crate) range: SlotRange,
    /// Slots of the range that are asked about; the rest tells whether it would do to look further ahead.
    pub(crate) asked: usize,
    /// Where the meeting may be.
    pub(crate) candidates: SlotSet,
    pub(crate) guests: Vec<Guest>,
    /// Slots within working hours, which guests share.
    pub(crate) working: Vec<SlotSet>,
    /// On whose clocks starts are counted, unless the question says another zone, and from which time.
    pub(crate) zone: Zone,
    pub(crate) from: TimeOfDay,
    /// How long the meeting is, unless the question says it.
    pub(crate) duration_minutes: u32,
    pub(crate) weekly: Option<WeeklyLayout>,
    /// The poll's version.
    pub(crate) version: Option<i64>,
}

/// The real weeks as which a weekly poll is laid out.
#[derive(Debug)]
pub(crate) struct WeeklyLayout {
    pub(crate) layout: Layout,
    pub(crate) first_week: Date,
    pub(crate) weeks: u32,
}

/// One of the group.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) zone: Zone,
    pub(crate) levels: Levels,
    pub(crate) unknown: Unknown,
    /// The slots at which their schedule says by now that they cannot come.
    pub(crate) conflicts: Option<SlotSet>,
    /// Which entry of [`GroupBitmaps::working`] is theirs.
    pub(crate) working: usize,
    /// Whether the organiser has said that they have to come.
    pub(crate) required: bool,
}

/// About which slots somebody has said nothing.
#[derive(Debug)]
pub(crate) enum Unknown {
    Nothing,
    Everything,
    Some(SlotSet),
}

/// Bitmaps that do not fit together, which is a fault of whoever sent them.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadBitmaps {
    #[error("a bitmap is not of the range")]
    Length,
    #[error("working hours are named that are not there")]
    NoWorkingHours,
    #[error("the poll has no times")]
    NoTimes,
    #[error("the poll has no layout")]
    Layout(#[from] LayoutError),
}

impl GroupBitmaps {
    /// The participants of a poll.
    pub(crate) fn of_poll(poll: PollLevels) -> Result<GroupBitmaps, BadBitmaps> {
        let times = poll.layout.times().map_err(|_faults| BadBitmaps::NoTimes)?;
        let (first_week, weeks) = (poll.first_week.unwrap_or(Date::ZERO), poll.weeks.unwrap_or_default());
        let layout = Layout::new(&times, &times.dates(first_week, weeks))?;
        let (range, candidates) = (layout.range(), layout.candidates().clone());
        let working = poll.working.iter().map(|bits| slots(bits, range)).collect::<Result<Vec<_>, _>>()?;
        let guests = poll.participants.into_iter();
        let guests = guests.map(|participant| Guest::of_participant(participant, range, working.len()));
        Ok(GroupBitmaps {
            range,
            asked: range.len(),
            candidates,
            guests: guests.collect::<Result<_, _>>()?,
            working,
            zone: poll.layout.time_zone,
            from: poll.layout.from,
            duration_minutes: poll.layout.duration_minutes,
            weekly: (weeks > 0).then_some(WeeklyLayout { layout, first_week, weeks }),
            version: Some(poll.version),
        })
    }

    /// Nobody yet, over a range of which so many slots are asked about.
    pub(crate) fn over(range: SlotRange, asked: usize, duration_minutes: u32) -> GroupBitmaps {
        GroupBitmaps {
            range,
            asked,
            candidates: SlotSet::full(range.len()),
            guests: Vec::new(),
            working: Vec::new(),
            zone: Zone::utc(),
            from: TimeOfDay::MIDNIGHT,
            duration_minutes,
            weekly: None,
            version: None,
        }
    }

    /// Adds a stored person.
    pub(crate) fn add_stored(&mut self, person: &PersonLevels) -> Result<(), BadBitmaps> {
        let range = self.range;
        let levels = Levels::new(slots(&person.yes, range)?, slots(&person.if_needed, range)?);
        let working = slots(&person.working, range)?;
        self.add(person.email.clone(), None, person.time_zone.clone(), levels, working);
        Ok(())
    }

    /// Adds somebody whose times came with the question.
    pub(crate) fn add_given(&mut self, person: &GivenPerson) {
        let hours: Vec<domain::Hours> =
            person.working_hours.iter().filter_map(|hours| (*hours).try_into().ok()).collect();
        let rules: Vec<domain::Rule> = match &person.times {
            GivenTimes::Ranges(_) => Vec::new(),
            GivenTimes::Weekly(rules) => rules.iter().filter_map(|rule| (*rule).try_into().ok()).collect(),
        };
        let schedule = Schedule::new(person.time_zone.clone(), &rules, &[], &hours);
        let mut levels = schedule.levels(self.range);
        if let GivenTimes::Ranges(ranges) = &person.times {
            for given in ranges {
                let inside = inwards(self.range, given.range.start, given.range.end);
                levels.insert_all(inside, given.level);
            }
        }
        let working = schedule.working_slots(self.range);
        self.add(person.id.clone(), person.name.clone(), person.time_zone.clone(), levels, working);
    }

    fn add(&mut self, id: String, name: Option<String>, zone: Zone, levels: Levels, working: SlotSet) {
        self.working.push(working);
        let working = self.working.len() - 1;
        self.guests.push(Guest {
            id,
            name,
            zone,
            levels,
            unknown: Unknown::Nothing,
            conflicts: None,
            working,
            required: false,
        });
    }

    /// About how many bytes it takes.
    pub(crate) fn bytes(&self) -> usize {
        let bitmap = self.range.len() / 8;
        self.guests.len() * (3 * bitmap + 256) + self.working.len() * bitmap
    }
}

impl Guest {
    fn of_participant(
        participant: ParticipantLevels,
        range: SlotRange,
        working: usize,
    ) -> Result<Guest, BadBitmaps> {
        if participant.working >= working {
            return Err(BadBitmaps::NoWorkingHours);
        }
        let bitmap = |bits: &Option<Bits>| match bits {
            Some(bits) => slots(bits, range),
            None => Ok(SlotSet::empty(range.len())),
        };
        let unknown = match (participant.answered, &participant.unknown) {
            (false, _) => Unknown::Everything,
            (true, None) => Unknown::Nothing,
            (true, Some(bits)) => Unknown::Some(slots(bits, range)?),
        };
        Ok(Guest {
            levels: Levels::new(bitmap(&participant.yes)?, bitmap(&participant.if_needed)?),
            id: participant.id,
            name: Some(participant.name),
            zone: participant.time_zone,
            unknown,
            conflicts: participant.conflicts.map(|bits| slots(&bits, range)).transpose()?,
            working: participant.working,
            required: participant.required,
        })
    }

    /// How they are called in sentences.
    pub(crate) fn called(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }
}

fn slots(bits: &Bits, range: SlotRange) -> Result<SlotSet, BadBitmaps> {
    bits.slots(range.len()).ok_or(BadBitmaps::Length)
}

/// The slots that are wholly within a time: free time is rounded inwards.
fn inwards(range: SlotRange, start: jiff::Timestamp, end: jiff::Timestamp) -> std::ops::Range<usize> {
    let outside = busy_slots(range, [(range.start(), start), (end, range.end())]);
    let mut inside = SlotSet::full(range.len());
    inside.subtract(&outside);
    inside.runs().into_iter().next().unwrap_or_default()
}
