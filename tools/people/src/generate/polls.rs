//! Made-up polls among made-up people, with their answers.

use domain::{Layout, Levels, Weekday};
use jiff::{ToSpan, civil::Date};
use rand::{Rng, RngExt, SeedableRng, rngs::Xoshiro256PlusPlus, seq::index::sample};
use serde::Serialize;
use wire::{LevelRange, PollDays, PollLayout, Rule, Visibility};

use super::{FIRST_DATE, GeneratedPerson};

/// What meetings are about, and whose they are.
const TOPICS: [&str; 8] =
    ["Planning", "Review", "Retrospective", "Interview", "Workshop", "Kick-off", "Dinner", "Budget"];
const TEAMS: [&str; 8] = ["Atlas", "Borealis", "Cobalt", "Delta", "Ember", "Fjord", "Garnet", "Harbour"];
/// Days from the first date of polls among which their first ones are drawn. Clocks change in most zones within them.
const DAYS: i64 = 42;
/// Makes the row of polls another one than that of people of the same seed.
const POLLS: u64 = 0x706f_6c6c_735f_5f5f;

/// A poll with those who take part: `poll` is as `POST /polls` takes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GeneratedPoll {
    /// What it asks.
    pub poll: NewPoll,
    /// Who takes part, and what they answer.
    pub participants: Vec<GeneratedParticipant>,
}

/// As `POST /polls` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewPoll {
    /// What the meeting is about.
    pub title: String,
    /// The times it asks about.
    #[serde(flatten)]
    pub layout: PollLayout,
    /// Who sees the answers.
    pub visibility: Visibility,
}

/// As `POST /polls/{id}/participants` takes it, with their answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GeneratedParticipant {
    /// What they are called.
    pub name: String,
    /// Their zone.
    pub time_zone: String,
    /// Their address, where they answer by their schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the meeting cannot be without them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// What they answer, if they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<GeneratedAnswer>,
}

/// As `PUT …/answer` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum GeneratedAnswer {
    /// By the schedule of the stored person.
    FromSchedule {
        /// `true`.
        from_schedule: bool,
    },
    /// For a poll over dates.
    Ranges {
        /// On the poll's cells.
        ranges: Vec<LevelRange>,
    },
    /// For a weekly poll.
    Weekly {
        /// The zone of the rules.
        time_zone: String,
        /// When they can come every week.
        weekly: Vec<Rule>,
    },
}

/// The polls of `seed` among these people, one after the other; none where there are no people.
pub fn polls(seed: u64, people: &[GeneratedPerson]) -> impl Iterator<Item = GeneratedPoll> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed ^ POLLS);
    std::iter::from_fn(move || {
        let most = people.len().min(12);
        let count = rng.random_range(most.min(3)..=most);
        let chosen: Vec<&GeneratedPerson> =
            sample(&mut rng, people.len(), count).into_iter().map(|index| &people[index]).collect();
        let layout = layout(&mut rng, chosen.first()?);
        let times = Times::of(&layout)?;
        let title = format!("{} of {}", one_of(&mut rng, &TOPICS), one_of(&mut rng, &TEAMS));
        let visibility = Visibility::ALL[rng.random_range(0..Visibility::ALL.len())];
        let participants = chosen.into_iter().map(|person| participant(&mut rng, person, &times)).collect();
        Some(GeneratedPoll { poll: NewPoll { title, layout, visibility }, participants })
    })
}

/// On the clocks of whoever asks.
fn layout(rng: &mut impl Rng, organiser: &GeneratedPerson) -> PollLayout {
    let days = if rng.random_ratio(1, 5) {
        let count = rng.random_range(2..=5);
        PollDays::Weekly { days: sorted(sample(rng, 5, count).into_iter().map(|day| Weekday::ALL[day])) }
    } else {
        let first = FIRST_DATE.saturating_add(rng.random_range(0..DAYS).days());
        let count = rng.random_range(2..=8);
        PollDays::Dates { dates: workdays(first).take(count).collect() }
    };
    let granularity_minutes = one_of(rng, &[15, 30, 60]);
    let clock = |hour: u16| domain::TimeOfDay::from_minutes(60 * hour).unwrap_or(domain::TimeOfDay::MIDNIGHT);
    PollLayout {
        days,
        time_zone: organiser.schedule.time_zone.clone(),
        from: clock(rng.random_range(7..=10)),
        to: clock(rng.random_range(16..=20)),
        granularity_minutes,
        duration_minutes: one_of(rng, &[30, 60, 60, 90]).max(granularity_minutes),
    }
}

fn workdays(first: Date) -> impl Iterator<Item = Date> {
    first.series(1.day()).filter(|date| date.weekday().to_monday_zero_offset() < 5)
}

fn sorted(days: impl Iterator<Item = Weekday>) -> Vec<Weekday> {
    let mut days: Vec<Weekday> = days.collect();
    days.sort_unstable();
    days
}

/// The times of a poll, as answers need them.
enum Times {
    Dates(Layout),
    Weekly,
}

impl Times {
    fn of(layout: &PollLayout) -> Option<Times> {
        match &layout.days {
            PollDays::Weekly { .. } => Some(Times::Weekly),
            PollDays::Dates { dates } => Some(Times::Dates(Layout::new(&layout.times().ok()?, dates).ok()?)),
        }
    }
}

fn participant(rng: &mut impl Rng, person: &GeneratedPerson, times: &Times) -> GeneratedParticipant {
    let (by_schedule, answer) = match rng.random_range(0..20) {
        0..12 => (true, Some(GeneratedAnswer::FromSchedule { from_schedule: true })),
        12..17 => (false, painted(person, times)),
        _ => (false, None),
    };
    GeneratedParticipant {
        name: name(&person.email),
        time_zone: person.schedule.time_zone.name().to_owned(),
        email: by_schedule.then(|| person.email.clone()),
        required: rng.random_ratio(1, 6),
        answer,
    }
}

/// What the person answers who looks into their calendar and paints: whole cells.
fn painted(person: &GeneratedPerson, times: &Times) -> Option<GeneratedAnswer> {
    let Times::Dates(layout) = times else {
        let time_zone = person.schedule.time_zone.name().to_owned();
        return Some(GeneratedAnswer::Weekly { time_zone, weekly: person.schedule.weekly.clone() });
    };
    let range = layout.range();
    let free = domain::Schedule::try_from(&person.schedule).ok()?.levels(range);
    let mut levels = Levels::none(range.len());
    for cell in layout.cells() {
        // `None`, a no, is less than every level.
        if let Some(level) = cell.slots.clone().map(|slot| free.at(slot)).min().flatten() {
            levels.insert_all(cell.slots.clone(), level);
        }
    }
    let ranges = levels.ranges(range).into_iter().map(LevelRange::from).collect();
    Some(GeneratedAnswer::Ranges { ranges })
}

/// `Ada Lovelace` of `ada.lovelace2+work@example.com`.
fn name(email: &str) -> String {
    let local = email.split(['@', '+']).next().unwrap_or_default();
    let words = local.split('.').map(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    });
    words.collect::<Vec<_>>().join(" ")
}

fn one_of<T: Copy>(rng: &mut impl Rng, choices: &[T]) -> T {
    choices[rng.random_range(0..choices.len())]
}
