use std::cmp::Reverse;

use jiff::civil::Date;

use crate::time::DAY_MINUTES;
use crate::windows::{BadQuestion, Search};
use crate::{Attendance, IfNeeded, Options, Question, Status, Window};

use super::Repeat;
use super::typical::{Starts, typical};

/// In which weeks a time of the week is as good as it usually is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holds {
    /// How many weeks were looked at.
    pub of: usize,
    /// In how many of them the meeting can be, and nobody stands worse to it than usually.
    pub within: usize,
    /// The dates of the meeting in the other weeks.
    pub except: Vec<Date>,
}

/// A time of the week at which a meeting can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeeklyWindow {
    /// It, at the first week in which its time exists, with how people stand to it in most weeks.
    pub window: Window,
    /// How each person stands to it in most weeks; of equally many, the worse. Minutes are the most of any week.
    pub attendance: Vec<Attendance>,
    /// In which weeks it holds.
    pub holds: Holds,
    /// Its start in each week in which it holds, a slot of the range.
    pub starts: Vec<Option<usize>>,
}

/// What is known of a time of the week while people are counted.
#[derive(Clone)]
struct Count {
    yes: usize,
    coming: usize,
    open: usize,
    required_missing: bool,
    groups: Vec<usize>,
    outside: (u32, u64),
    holds: Vec<bool>,
}

/// The best times of the week for a meeting, in the order of [`Search::windows`]; among equally many who come, those that
/// hold in more weeks are before those with less time outside working hours. `total` counts all at which it can be.
///
/// # Errors
/// As [`Search::new`].
pub fn weekly_windows(
    question: &Question<'_>,
    repeats: &[Repeat],
) -> Result<(usize, Vec<WeeklyWindow>), BadQuestion> {
    let all = Options { max_windows: 0, ..question.options };
    let search = Search::new(Question { options: all, ..*question })?;
    let counts = count(question, &search, repeats);
    let mut ranked: Vec<_> = (0..repeats.len())
        .filter(|&index| can_be(question, &counts[index]))
        .filter_map(|index| Some((index, repeats[index].weeks.iter().find_map(|(_, start)| *start)?)))
        .collect();
    ranked.sort_by_key(|&(index, start)| {
        let count = &counts[index];
        (quality(question, count), count.outside, start)
    });
    let mut best: Vec<(usize, usize)> = Vec::new();
    for &(index, start) in &ranked {
        let near = |&(other, _): &(usize, usize)| overlap(question, &repeats[index], &repeats[other]);
        let room = best.len() < question.options.max_windows;
        if room && (question.options.overlapping || !best.iter().any(near)) {
            best.push((index, start));
        }
    }
    let equal = |one: usize, other: usize| {
        let key = |index: usize| (quality(question, &counts[index]), counts[index].outside);
        key(one) == key(other)
    };
    let windows = best.iter().map(|&(index, start)| {
        let mut equals = ranked.iter().filter(|(other, _)| equal(index, *other));
        let earliest = equals.next() == Some(&(index, start)) && equals.next().is_some();
        window(question, &repeats[index], &counts[index], start, earliest)
    });
    Ok((ranked.len(), windows.collect()))
}

fn count(question: &Question<'_>, search: &Search<'_>, repeats: &[Repeat]) -> Vec<Count> {
    let valid = |start: &Option<usize>| start.is_some_and(|start| search.can_start(start));
    let of = |repeat: &Repeat| Count {
        yes: 0,
        coming: 0,
        open: 0,
        required_missing: false,
        groups: vec![0; question.groups.len()],
        outside: (0, 0),
        holds: repeat.weeks.iter().map(|(_, start)| valid(start)).collect(),
    };
    let mut counts: Vec<Count> = repeats.iter().map(of).collect();
    let mut starts = Starts::empty(question);
    for (index, person) in question.people.iter().enumerate() {
        starts.load(question, person);
        let own_groups: Vec<usize> = (0..question.groups.len())
            .filter(|&group| question.groups[group].members.contains(&index))
            .collect();
        for (repeat, count) in repeats.iter().zip(&mut counts) {
            let holds = &mut count.holds;
            let own = typical(question, person, &starts, repeat, |week| holds[week] = false);
            let comes = own.status <= Status::IfNeeded;
            count.yes += usize::from(own.status == Status::Yes);
            count.coming += usize::from(comes);
            count.open += usize::from(own.status == Status::Unanswered);
            count.required_missing |= person.required && !comes;
            count.outside.0 = count.outside.0.max(own.outside_minutes);
            count.outside.1 += u64::from(own.outside_minutes);
            for &group in &own_groups {
                count.groups[group] += usize::from(comes);
            }
        }
    }
    counts
}

fn can_be(question: &Question<'_>, count: &Count) -> bool {
    let quorums = question.groups.iter().zip(&count.groups).all(|(group, coming)| *coming >= group.required);
    let enough = count.coming >= 1 && count.coming + count.open >= question.fewest();
    !count.required_missing && quorums && enough && count.holds.contains(&true)
}

fn quality(question: &Question<'_>, count: &Count) -> (Reverse<usize>, Reverse<usize>, Reverse<usize>) {
    let equally = question.options.if_needed == IfNeeded::Equal;
    let first = if equally { count.coming } else { count.yes };
    let weeks = count.holds.iter().filter(|holds| **holds).count();
    (Reverse(first), Reverse(count.coming), Reverse(weeks))
}

/// Whether meetings at two times of the week overlap, across the week's end too.
fn overlap(question: &Question<'_>, one: &Repeat, other: &Repeat) -> bool {
    const WEEK: u32 = 7 * DAY_MINUTES;
    let apart = one.minute.abs_diff(other.minute) % WEEK;
    apart.min(WEEK - apart) < question.options.duration_minutes
}

fn window(
    question: &Question<'_>,
    repeat: &Repeat,
    count: &Count,
    start: usize,
    earliest: bool,
) -> WeeklyWindow {
    let mut starts = Starts::empty(question);
    let attendance = question.people.iter().map(|person| {
        starts.load(question, person);
        typical(question, person, &starts, repeat, |_| ())
    });
    let weeks = repeat.weeks.iter().zip(&count.holds);
    WeeklyWindow {
        window: Window {
            start,
            yes: count.yes,
            if_needed: count.coming - count.yes,
            no: question.people.len() - count.coming - count.open,
            unanswered: count.open,
            earliest,
        },
        attendance: attendance.collect(),
        holds: Holds {
            of: repeat.weeks.len(),
            within: count.holds.iter().filter(|holds| **holds).count(),
            except: weeks.clone().filter(|(_, holds)| !**holds).map(|((date, _), _)| *date).collect(),
        },
        starts: weeks.map(|((_, start), holds)| start.filter(|_| *holds)).collect(),
    }
}
