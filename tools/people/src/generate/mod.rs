//! An endless row of made-up people, the same for the same seed.

mod names;
mod weeks;

use domain::{Preference, WeekHours, Weekday};
use rand::{RngExt, SeedableRng, rngs::Xoshiro256PlusPlus};
use serde::Serialize;
use wire::Availabilities;

use names::Names;

/// The hours that the whole company keeps free, by weekday and start hour, whatever the shift: what makes it likely
/// that a large group shares anything.
pub const TEAM_HOURS: [(Weekday, u8); 2] = [(Weekday::Tuesday, 10), (Weekday::Thursday, 15)];

/// One in so many people cannot keep a given team hour.
const TEAM_HOUR_MISSED: u32 = 200;

/// A person as `POST /users` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GeneratedPerson {
    /// The address, at example.com; no two people of one row have the same.
    pub email: String,
    /// The hours on which the person is free to meet.
    pub availabilities: Availabilities,
    /// `first`, `last` or `random`.
    pub preferences: &'static str,
}

/// The people of `seed`, one after the other: the first thousand are the same however many are taken.
pub fn people(seed: u64) -> impl Iterator<Item = GeneratedPerson> {
    // Of the generators at hand this one is specified bit by bit, so that it gives the same on every machine.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut names = Names::new();
    std::iter::repeat_with(move || GeneratedPerson {
        email: names.address(&mut rng),
        availabilities: Availabilities(week(&mut rng)),
        preferences: preference(&mut rng).name(),
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
