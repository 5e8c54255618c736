use domain::{Answer, Layout, LayoutError, Levels, Schedule, Weekly};
use jiff::civil::{Date, date};
use wire::{Bits, Conflicts, LevelRange, PollLayout, Rule, WeeklyAnswer};

/// A Monday from which a weekly poll is laid out where only its form matters.
const MONDAY: Date = date(2026, 1, 5);

/// The slots of a poll over dates; for a weekly one those of some week.
///
/// # Errors
/// None for a poll that was stored.
pub(crate) fn layout_of(layout: &PollLayout) -> Result<Layout, LayoutError> {
    let times = layout.times().map_err(|_| LayoutError::NoTime)?;
    Layout::new(&times, &times.dates(MONDAY, 1))
}

/// An answer as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredAnswer {
    pub(crate) answered_at_us: i64,
    pub(crate) from_schedule: bool,
    pub(crate) times: StoredTimes,
    /// When the schedule from which it was made says otherwise by now.
    pub(crate) conflicts: Option<Conflicts>,
}

/// When somebody can come, in the form of the kind of their poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum StoredTimes {
    /// Bitmaps of the poll's slots, in base64url.
    Dates {
        yes: String,
        if_needed: String,
        /// Slots that were asked about, unless they are all.
        asked: Option<String>,
    },
    Weekly(WeeklyAnswer),
}

impl StoredTimes {
    /// As it is kept for this layout.
    pub(crate) fn of_answer(answer: &Answer, layout: &Layout) -> StoredTimes {
        let text = |slots| Bits::from(slots).to_text();
        StoredTimes::Dates {
            yes: text(answer.levels.yes()),
            if_needed: text(&answer.levels.if_needed()),
            asked: answer.unknown(layout).map(|_| text(&answer.asked)),
        }
    }

    /// Rules, sorted and merged.
    pub(crate) fn of_rules(answer: &WeeklyAnswer) -> StoredTimes {
        let weekly = Weekly::new(&rules(answer)).rules().iter().copied().map(Rule::from).collect();
        StoredTimes::Weekly(WeeklyAnswer { time_zone: answer.time_zone.clone(), weekly })
    }

    /// The answer for this layout, to which the bitmaps have to belong.
    pub(crate) fn answer(&self, layout: &Layout) -> Option<Answer> {
        let StoredTimes::Dates { yes, if_needed, asked } = self else { return None };
        let slots = |text: &str| Bits::from_text(text)?.slots(layout.range().len());
        let asked = match asked {
            Some(asked) => slots(asked)?,
            None => layout.candidates().clone(),
        };
        Some(Answer { levels: Levels::new(slots(yes)?, slots(if_needed)?), asked })
    }

    /// The answer over a layout, whatever the poll's kind; weekly rules are laid out in its weeks.
    pub(crate) fn over(&self, layout: &Layout) -> Option<Answer> {
        match self {
            StoredTimes::Dates { .. } => self.answer(layout),
            StoredTimes::Weekly(answer) => {
                let schedule = Schedule::new(answer.time_zone.clone(), &rules(answer), &[], &[]);
                Some(Answer::of_levels(layout, schedule.levels(layout.range())))
            }
        }
    }

    /// The times as ranges, for a poll over dates.
    pub(crate) fn ranges(&self, layout: &Layout) -> Option<Vec<LevelRange>> {
        let answer = self.answer(layout)?;
        Some(answer.levels.ranges(layout.range()).into_iter().map(LevelRange::from).collect())
    }

    /// The slots that were not asked about, for a poll over dates.
    pub(crate) fn unknown(&self, layout: &Layout) -> Option<Bits> {
        self.answer(layout)?.unknown(layout).map(|slots| Bits::from(&slots))
    }
}

fn rules(answer: &WeeklyAnswer) -> Vec<domain::Rule> {
    answer.weekly.iter().filter_map(|rule| (*rule).try_into().ok()).collect()
}
