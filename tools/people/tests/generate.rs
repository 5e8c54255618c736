//! What can be relied on about made-up people.

use std::collections::HashSet;

use domain::WeekHours;
use people::generate::{GeneratedPerson, TEAM_HOURS, people};
use wire::{Email, NewPerson, parse_schedule};

fn text(person: &GeneratedPerson) -> String {
    serde_json::to_string(person).unwrap_or_default()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let row = |seed, count| people(seed).take(count).map(|person| text(&person)).collect::<Vec<_>>();
    assert_eq!(row(7, 300), row(7, 300));
    assert_eq!(row(7, 300)[..100], row(7, 100), "a longer row begins with the shorter one");
    assert_ne!(row(7, 10), row(8, 10));
}

#[test]
fn seed_seven_keeps_its_people_over_releases() {
    let first: Vec<String> = people(7).take(3).map(|person| text(&person)).collect();
    insta::assert_snapshot!(first.join("\n"));
}

#[test]
fn everybody_is_a_valid_new_person_with_an_address_of_their_own() {
    let mut seen = HashSet::new();
    for person in people(7).take(5_000) {
        let mut body = serde_json::to_value(&person).unwrap_or_default();
        let schedule = body.as_object_mut().and_then(|members| members.remove("schedule"));
        let parsed = NewPerson::parse(body.to_string().as_bytes()).expect(&person.email);
        let schedule = parse_schedule(schedule.unwrap_or_default().to_string().as_bytes());
        let schedule = schedule.expect(&person.email);
        assert_eq!(schedule, person.schedule);
        let one_form = domain::Schedule::try_from(&schedule).expect(&person.email);
        assert_eq!(wire::Schedule::from(&one_form), schedule, "it is in its one form");
        assert_eq!(one_form.weekly.whole_hours(), person.availabilities.0, "the hours are its view");
        assert_eq!(parsed.email.as_str(), person.email);
        assert_eq!(parsed.availabilities, person.availabilities);
        assert_eq!(parsed.preference.name(), person.preferences);
        assert!(seen.insert(Email::key(&person.email)), "{} twice", person.email);
    }
}

#[test]
fn working_weeks_are_mixed_and_neither_empty_nor_endless() {
    let everybody: Vec<_> = people(7).take(1_000).collect();
    let hours: Vec<usize> = everybody.iter().map(|person| person.availabilities.0.count()).collect();
    let average = hours.iter().sum::<usize>() / hours.len();
    assert!(hours.iter().all(|count| (2..=70).contains(count)), "{hours:?}");
    assert!((15..=35).contains(&average), "{average} free hours on average");
    let at = |day: usize, hour: u8| {
        let free = |person: &&GeneratedPerson| {
            person.availabilities.0.hours(domain::Weekday::ALL[day]).any(|free| free == hour)
        };
        everybody.iter().filter(free).count()
    };
    assert!(at(0, 11) > 300, "Monday morning is busy with office workers");
    assert!(at(5, 11) > 50, "some work on Saturday");
    assert!(at(2, 23) > 5, "some work at night");
    assert!(["first", "last", "random"].iter().all(|name| everybody.iter().any(|p| p.preferences == *name)));
}

#[test]
fn schedules_say_more_than_hours() {
    let everybody: Vec<_> = people(7).take(1_000).map(|person| person.schedule).collect();
    let count = |has: fn(&wire::Schedule) -> bool| everybody.iter().filter(|schedule| has(schedule)).count();
    let zones: HashSet<&str> = everybody.iter().map(|schedule| schedule.time_zone.name()).collect();
    assert_eq!(zones.len(), 9, "{zones:?}");
    assert!(count(|schedule| schedule.weekly.iter().any(|rule| rule.level == domain::Level::IfNeeded)) > 300);
    assert!(count(|schedule| schedule.overrides.iter().any(|given| given.ranges.is_empty())) > 300);
    assert!(count(|schedule| schedule.overrides.iter().any(|given| !given.ranges.is_empty())) > 100);
    assert!((300..700).contains(&count(|schedule| schedule.working_hours.is_empty())));
}

#[test]
fn a_hundred_people_often_share_a_team_hour() {
    let everybody: Vec<WeekHours> = people(7).take(5_000).map(|person| person.availabilities.0).collect();
    let groups = everybody.chunks(100);
    let with_shared_hour = groups.filter(|group| {
        let common = WeekHours::common(group.iter().copied());
        TEAM_HOURS.iter().any(|(day, hour)| common.hours(*day).any(|free| free == *hour))
    });
    assert!(with_shared_hour.count() >= 30, "out of 50 groups");
}
