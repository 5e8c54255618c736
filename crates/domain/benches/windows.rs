//! Finding windows for groups of 10 to 10,000 people: four weeks, 60 minutes, the ten best; beside counting slot by slot,
//! and beside reading the people's bitmaps once from memory.

use std::hint::black_box;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use domain::{
    Hours, IfNeeded, Level, Levels, Options, Person, Question, Rule, Schedule, Search, SlotRange, SlotSet,
    TimeOfDay, Weekday, Zone,
};

const ZONES: [&str; 5] =
    ["America/New_York", "Europe/London", "Asia/Kolkata", "Asia/Kathmandu", "Pacific/Auckland"];
const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const WEEKS: usize = 4;

struct Crowd {
    range: SlotRange,
    levels: Vec<Levels>,
    /// Of each zone, as who keeps them would share them.
    working: Vec<SlotSet>,
    /// The zone of each person.
    zones: Vec<usize>,
    all: SlotSet,
    nothing: Levels,
}

/// Numbers that are the same every time (an LCG with the constants of Knuth's MMIX).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

fn schedule(zone: &str) -> Schedule {
    let rule = |day, from: u16, to: u16, level| -> Option<Rule> {
        let time = |hour| TimeOfDay::from_minutes(hour * 60);
        Some(Hours::new(day, time(from)?, time(to)?).ok()?.at(level))
    };
    let days = Weekday::ALL.iter().take(5);
    let rules: Vec<Rule> = days
        .flat_map(|&day| [rule(day, 9, 17, Level::Yes), rule(day, 7, 22, Level::IfNeeded)])
        .flatten()
        .collect();
    Schedule::new(Zone::parse(zone).unwrap_or(Zone::utc()), &rules, &[], &[])
}

impl Crowd {
    fn new(people: usize) -> Crowd {
        let start: jiff::Timestamp = jiff::Timestamp::from_second(1_772_409_600).unwrap_or_default();
        let end = start + jiff::SignedDuration::from_hours(24 * 7 * WEEKS as i64);
        let Ok(range) = SlotRange::new(start, end) else { unreachable!("four weeks are a range") };
        let by_zone: Vec<_> = ZONES
            .iter()
            .map(|zone| (schedule(zone).levels(range), schedule(zone).working_slots(range)))
            .collect();
        let mut numbers = Numbers(7);
        let (mut levels, mut zones) = (Vec::new(), Vec::new());
        for _ in 0..people {
            let zone = numbers.below(ZONES.len());
            let (mut free, mut busy) = (by_zone[zone].0.clone(), SlotSet::empty(range.len()));
            for _ in 0..40 {
                let start = numbers.below(range.len());
                busy.insert_all(start..start + 1 + numbers.below(8));
            }
            free.subtract(&busy);
            levels.push(free);
            zones.push(zone);
        }
        let working = by_zone.into_iter().map(|(_, working)| working).collect();
        let nothing = Levels::new(SlotSet::empty(range.len()), SlotSet::empty(range.len()));
        Crowd { range, levels, working, zones, all: SlotSet::full(range.len()), nothing }
    }

    fn people(&self) -> Vec<Person<'_>> {
        let person = |(levels, &zone): (_, &usize)| Person {
            levels,
            unknown: None,
            working: Some(&self.working[zone]),
            conflicts: None,
            required: false,
        };
        self.levels.iter().zip(&self.zones).map(person).collect()
    }

    /// The same people of whom every other has not answered.
    fn half_unanswered(&self) -> Vec<Person<'_>> {
        let mut people = self.people();
        for person in people.iter_mut().step_by(2) {
            (person.levels, person.unknown) = (&self.nothing, Some(&self.all));
        }
        people
    }

    fn question<'a>(&'a self, people: &'a [Person<'a>]) -> Question<'a> {
        let options = Options { if_needed: IfNeeded::LastResort, ..Options::default() };
        Question {
            range: self.range,
            horizon_slots: self.range.len(),
            candidates: &self.all,
            starts: &self.all,
            people,
            groups: &[],
            options,
        }
    }

    /// What counting by slots does: for every start, how many are free throughout; then the ten best that do not overlap.
    fn naive(&self) -> Vec<usize> {
        let last = self.range.len() - 3;
        let free = |set: &SlotSet, start: usize| (start..start + 4).all(|slot| set.contains(slot));
        let mut counts: Vec<_> = (0..last)
            .map(|start| {
                let yes = self.levels.iter().filter(|levels| free(levels.yes(), start)).count();
                let coming = self.levels.iter().filter(|levels| free(levels.available(), start)).count();
                (std::cmp::Reverse((yes, coming)), start)
            })
            .collect();
        counts.sort_unstable();
        let mut best: Vec<usize> = Vec::new();
        for (_, start) in counts {
            if best.len() < 10 && best.iter().all(|other| other.abs_diff(start) >= 4) {
                best.push(start);
            }
        }
        best
    }

    /// Reads every word once.
    fn read(&self) -> u64 {
        let sets = self.levels.iter().flat_map(|levels| [levels.yes(), levels.available()]);
        sets.fold(0, |sum, set| set.words().iter().fold(sum, |sum, word| sum | word))
    }
}

fn windows(criterion: &mut Criterion) {
    for people in SIZES {
        let crowd = Crowd::new(people);
        let who = crowd.people();
        let mut group = criterion.benchmark_group("windows");
        group.sample_size(if people == 10_000 { 20 } else { 50 });
        group.bench_function(BenchmarkId::new("find", people), |bencher| {
            bencher.iter_batched(
                || crowd.question(&who),
                |question| Search::new(black_box(question)).map(|search| search.windows().to_vec()),
                BatchSize::SmallInput,
            );
        });
        group.bench_function(BenchmarkId::new("find and unlock", people), |bencher| {
            bencher.iter_batched(
                || crowd.question(&who),
                |question| {
                    Search::new(black_box(question))
                        .map(|search| (search.windows().to_vec(), search.unlocks()))
                },
                BatchSize::SmallInput,
            );
        });
        let half = crowd.half_unanswered();
        group.bench_function(BenchmarkId::new("find, settled and awaited", people), |bencher| {
            bencher.iter_batched(
                || crowd.question(&half),
                |question| {
                    Search::new(black_box(question))
                        .map(|search| (search.windows().to_vec(), search.settled(), search.awaited()))
                },
                BatchSize::SmallInput,
            );
        });
        group.bench_function(BenchmarkId::new("read", people), |bencher| {
            bencher.iter(|| black_box(&crowd).read())
        });
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("count by slots", people), |bencher| {
            bencher.iter(|| black_box(&crowd).naive());
        });
        group.finish();
    }
}

criterion_group!(benches, windows);
criterion_main!(benches);
