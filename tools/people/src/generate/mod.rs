//! An endless row of made-up people, the same for the same seed.

mod names;
mod polls;
mod schedules;
mod weeks;

use domain::{Preference, WeekHours, Weekday};
use jiff::civil::{Date, date};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use serde::Serialize;
use wire::{Availabilities, Schedule};

use names::Names;
pub use polls::{GeneratedAnswer, GeneratedParticipant, GeneratedPoll, NewPoll, polls};

/// The hours that the whole company keeps free, by weekday and start hour, whatever the shift: what makes it likely
/// that a large group shares anything.
pub const TEAM_HOURS: [(Weekday, u8); 2] = [(Weekday::Tuesday, 10), (Weekday::Thursday, 15)];

/// The first date that polls and single dates of schedules are about.
pub const FIRST_DATE: Date = date(2027, 3, 1);

/// Makes the row of schedules another one than that of people of the same seed.
const SCHEDULES: u64 = 0x7363_6865_6475_6c65;

/// One in so many people cannot keep a given team hour.
const TEAM_HOUR_MISSED: u32 = 200;

/// A person as `POST /users` takes it, and their schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GeneratedPerson {
    /// The address, at example.com; no two people of one row have the same.
    pub email: String,
    /// The hours on which the person is free to meet.
    pub availabilities: Availabilities,
    /// `first`, `last` or `random`.
    pub preferences: &'static str,
    /// As `PUT /users/{email}/schedule` takes it; its view has the hours above.
    pub schedule: Schedule,
}

/// The people of `seed`, one after the other: the first thousand are the same however many are taken.
pub fn people(seed: u64) -> impl Iterator<Item = GeneratedPerson> {
    // Of the generators at hand this one is specified bit by bit, so that it gives the same on every machine.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut of_schedules = Xoshiro256PlusPlus::seed_from_u64(seed ^ SCHEDULES);
    let mut names = Names::new();
    std::iter::repeat_with(move || {
        let (email, week) = (names.address(&mut rng), week(&mut rng));
        GeneratedPerson {
            email,
            availabilities: Availabilities(week),
            preferences: preference(&mut rng).name(),
            schedule: Schedule::from(&schedules::schedule(&mut of_schedules, week)),
        }
    })
}

fn week(rng: &mut Xoshiro256PlusPlus) -> WeekHours {
    let mut week = weeks::free_hours(rng);
    for (day, hour) in TEAM_HOURS {
        if !rng.random_ratio(1, TEAM_HOUR_MISSED) {
            weeks::insert(&mut week, day, hour);
        }
    }
    week
}

fn preference(rng: &mut Xoshiro256PlusPlus) -> Preference {
    match rng.random_range(0..10) {
        0..5 => Preference::First,
        5..8 => Preference::Last,
        _ => Preference::Random,
    }
}
