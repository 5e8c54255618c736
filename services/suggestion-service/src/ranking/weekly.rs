use domain::{BadQuestion, EmptyReason, Question, WeeklyWindow, repeats, rotation, weekly_windows};
use jiff::ToSpan;
use wire::{Burden, Holds, RotationEntry, WindowOptions, Windows};

use super::render::Shown;
use crate::group::{Unknown, WeeklyLayout};

/// Most people for whom a rotation is looked for.
const MOST_PEOPLE: usize = 100;

/// Replaces what is about single times by what is about times of the week.
pub(super) fn answer(
    shown: &Shown<'_>,
    question: &Question<'_>,
    weeks: &WeeklyLayout,
    options: &WindowOptions,
    answer: &mut Windows,
) -> Result<(), BadQuestion> {
    let zone = options.time_zone.as_ref().unwrap_or(&shown.group.zone);
    let repeats = repeats(&weeks.layout, zone, weeks.first_week, weeks.weeks, question.starts);
    let (total, windows) = weekly_windows(question, &repeats)?;
    answer.total = total as u64;
    if windows.is_empty() && answer.empty_reason.is_none() {
        // There are single times, but none that is good in most weeks.
        let reason = EmptyReason::NoCommonTime;
        answer.empty_reason = Some(shown.empty_reason(reason.code(), reason.people()));
    }
    let open = |guest: &crate::group::Guest| !matches!(guest.unknown, Unknown::Nothing);
    let open: Vec<usize> =
        (0..shown.group.guests.len()).filter(|&index| open(&shown.group.guests[index])).collect();
    // One answer changes many weeks at once, so all who have not answered are awaited.
    answer.settled = open.is_empty() && !windows.is_empty();
    answer.awaited = shown.ids(&open);
    if options.rotate {
        rotate(shown, question, weeks, &windows, answer);
    }
    answer.windows = windows
        .iter()
        .map(|weekly| {
            let mut entry = shown.window(question, &weekly.window, &weekly.attendance);
            entry.holds = Some(Holds {
                of: number(weekly.holds.of),
                weeks: number(weekly.holds.within),
                except: weekly.holds.except.clone(),
            });
            entry
        })
        .collect();
    Ok(())
}

/// A time for each week, among the windows to which as many come as to the first.
fn rotate(
    shown: &Shown<'_>,
    question: &Question<'_>,
    weeks: &WeeklyLayout,
    windows: &[WeeklyWindow],
    answer: &mut Windows,
) {
    let people = question.people.len();
    if people > MOST_PEOPLE {
        return;
    }
    let first = windows.first().map(|weekly| (weekly.window.yes, weekly.window.coming()));
    let as_good = windows.iter().filter(|weekly| Some((weekly.window.yes, weekly.window.coming())) == first);
    let as_good: Vec<&WeeklyWindow> = as_good.collect();
    let burdens = |start: usize| {
        let attendance = question.attendance(start);
        attendance.into_iter().map(|attendance| attendance.outside_minutes).collect()
    };
    let count = weeks.weeks as usize;
    let options: Vec<Vec<Option<Vec<u32>>>> = (0..count)
        .map(|week| as_good.iter().map(|weekly| start(weekly, week).map(burdens)).collect())
        .collect();
    let found = rotation(people, &options);
    let entries = found.choices.iter().enumerate().filter_map(|(week, choice)| {
        let start = start(as_good.get((*choice)?)?, week)?;
        let monday = weeks.first_week.checked_add((week as i64 * 7).days()).ok()?;
        Some(RotationEntry { week: monday, start: question.range.instant(start) })
    });
    answer.rotation = Some(entries.collect());
    let mut bearers: Vec<Burden> = found
        .burdens
        .iter()
        .enumerate()
        .map(|(index, &minutes)| Burden {
            person: shown.named.then(|| shown.group.guests[index].id.clone()),
            minutes,
        })
        .collect();
    if !shown.named {
        // The order would say who.
        bearers.sort_by_key(|burden| std::cmp::Reverse(burden.minutes));
    }
    answer.burdens = Some(bearers);
}

fn start(weekly: &WeeklyWindow, week: usize) -> Option<usize> {
    weekly.starts.get(week).copied().flatten()
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
