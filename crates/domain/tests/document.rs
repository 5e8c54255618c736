//! What `docs/scheduling.md` shows is what the code answers.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::fmt::Write as _;
use std::fs;

use domain::{
    Answer, Granularity, Hours, Layout, Level, Options, Person, PollDays, PollTimes, Question, Rule,
    Schedule, Search, TimeOfDay, Weekday, Zone, interval_starts,
};
use jiff::civil::date;

const PEOPLE: [(&str, &str); 5] = [
    ("Ada", "America/New_York"),
    ("Ben", "Europe/London"),
    ("Chitra", "Asia/Kolkata"),
    ("Dipa", "Asia/Kathmandu"),
    ("Eru", "Pacific/Auckland"),
];

fn time(text: &str) -> TimeOfDay {
    TimeOfDay::parse(text).unwrap()
}

fn schedule(zone: &str) -> Schedule {
    let on = |day: &Weekday, from, to, level| -> Rule {
        Hours::new(*day, time(from), time(to)).unwrap().at(level)
    };
    let days = Weekday::ALL[..5].iter();
    let rules: Vec<Rule> = days
        .flat_map(|day| [on(day, "09:00", "17:00", Level::Yes), on(day, "06:00", "23:00", Level::IfNeeded)])
        .collect();
    Schedule::new(Zone::parse(zone).unwrap(), &rules, &[], &[])
}

/// A poll over two days with everybody's answer drawn, the windows, why they are, and what would give better ones.
fn example() -> String {
    let days = PollDays::Dates(vec![date(2026, 3, 5), date(2026, 3, 9)]);
    let london = Zone::parse("Europe/London").unwrap();
    let times =
        PollTimes::new(days, london.clone(), time("06:00"), time("23:00"), Granularity::Half).unwrap();
    let layout = Layout::new(&times, &times.dates(date(2026, 1, 5), 0)).unwrap();
    let range = layout.range();
    let schedules = PEOPLE.map(|(_, zone)| schedule(zone));
    let answers = schedules.each_ref().map(|schedule| Answer::of_levels(&layout, schedule.levels(range)));
    let working = schedules.each_ref().map(|schedule| schedule.working_slots(range));
    let mut text = String::new();
    writeln!(text, "UTC on 5 March      06   08   10   12   14   16   18   20   22").unwrap();
    for ((name, zone), answer) in PEOPLE.iter().zip(&answers) {
        let drawn = layout.cells()[..34].iter().map(|cell| match answer.levels.at(cell.slots.start) {
            Some(Level::Yes) => '#',
            Some(Level::IfNeeded) => '+',
            None => '.',
        });
        let drawn: Vec<char> = drawn.collect();
        let hours: Vec<String> = drawn.chunks(4).map(|hours| hours.iter().collect()).collect();
        writeln!(text, "{:<19} {}", format!("{name}, {}", zone.rsplit('/').next().unwrap()), hours.join(" "))
            .unwrap();
    }
    let person = |index: usize| Person {
        levels: &answers[index].levels,
        unknown: None,
        working: Some(&working[index]),
        conflicts: None,
        required: false,
    };
    let people: Vec<Person<'_>> = (0..PEOPLE.len()).map(person).collect();
    let starts = interval_starts(range, &london, TimeOfDay::MIDNIGHT, 30);
    let question = Question {
        range,
        horizon_slots: range.len(),
        candidates: layout.candidates(),
        starts: &starts,
        people: &people,
        groups: &[],
        options: Options { max_windows: 3, ..Options::default() },
    };
    let search = Search::new(question).unwrap();
    let name = |person: usize| PEOPLE[person].0;
    writeln!(text, "\n{} starts, the best:", search.total()).unwrap();
    for window in search.windows() {
        let (start, _) = question.times(window);
        let locals = schedules.iter().zip(PEOPLE).map(|(schedule, (name, _))| {
            let time = schedule.zone.local(start).time();
            format!("{name} {:02}:{:02}", time.hour(), time.minute())
        });
        let local = locals.collect::<Vec<_>>().join(", ");
        writeln!(
            text,
            "\n{start}  yes {}, if needed {}, no {}  ({local})",
            window.yes, window.if_needed, window.no
        )
        .unwrap();
        for reason in question.reasons(window, &question.attendance(window.start)) {
            writeln!(text, "  {}: {}", reason.code(), reason.text(name)).unwrap();
        }
    }
    writeln!(text, "\nunlocks:").unwrap();
    for unlock in search.unlocks() {
        let what = match &unlock.change {
            domain::Change::Without(people) => {
                people.iter().map(|&person| name(person)).collect::<Vec<_>>().join(" and ")
            }
            domain::Change::Shorter { duration_minutes } => format!("{duration_minutes} minutes"),
            other => format!("{other:?}"),
        };
        let start = range.instant(unlock.start);
        writeln!(text, "  {} {what}: {} windows, the first {start}", unlock.change.name(), unlock.windows)
            .unwrap();
    }
    text
}

#[test]
fn the_document_shows_what_is_answered() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/scheduling.md");
    let document = fs::read_to_string(path).unwrap();
    let example = example();
    assert!(document.contains(&example), "docs/scheduling.md should have this:\n\n{example}");
}
