use std::collections::{HashMap, HashSet};

use domain::{Group, IfNeeded, Options, Person, SLOT_MINUTES, SlotSet, WorkingHours, interval_starts};
use wire::{Fault, Loc, WindowOptions};

use crate::group::{GroupBitmaps, Guest, Unknown};

/// What a question says, checked against the group that it is about.
pub(super) struct Asked<'a> {
    pub(super) people: Vec<Person<'a>>,
    pub(super) groups: Vec<Group>,
    pub(super) starts: SlotSet,
    pub(super) options: Options,
}

impl<'a> Asked<'a> {
    /// Finds who is named and where the meeting may start.
    ///
    /// # Errors
    /// Everybody who is named and is not in the group, and what does not fit the group.
    pub(super) fn of(group: &'a GroupBitmaps, options: &WindowOptions) -> Result<Asked<'a>, Vec<Fault>> {
        let mut faults = misplaced(group, options);
        let by_name: HashMap<String, usize> =
            group.guests.iter().enumerate().map(|(index, guest)| (guest.id.to_lowercase(), index)).collect();
        let exact: HashMap<&str, usize> =
            group.guests.iter().enumerate().map(|(index, guest)| (guest.id.as_str(), index)).collect();
        let mut find = |name: &str, loc: Vec<Loc>| {
            let found = exact.get(name).or_else(|| {
                let is_address = name.contains('@');
                by_name.get(&name.to_lowercase()).filter(|_| is_address)
            });
            if found.is_none() {
                let msg = format!("{name:?} is none of those whom the question is about");
                faults.push(Fault::new(loc, "value_error", msg));
            }
            found.copied()
        };
        let required: HashSet<usize> = options
            .required
            .iter()
            .enumerate()
            .filter_map(|(index, name)| find(name, vec!["body".into(), "required".into(), index.into()]))
            .collect();
        let groups = options.groups.iter().enumerate().map(|(place, quorum)| {
            let member = |(index, name): (usize, &String)| {
                let loc: Vec<Loc> =
                    vec!["body".into(), "groups".into(), place.into(), "members".into(), index.into()];
                find(name, loc)
            };
            let mut members: Vec<usize> = quorum.members.iter().enumerate().filter_map(member).collect();
            members.sort_unstable();
            members.dedup();
            Group { members, required: quorum.required as usize }
        });
        let groups = groups.collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let people = group.guests.iter().enumerate();
        let people = people.map(|(index, guest)| person(group, guest, required.contains(&index)));
        let zone = options.time_zone.as_ref().unwrap_or(&group.zone);
        let interval = options.interval_minutes.unwrap_or(SLOT_MINUTES);
        Ok(Asked {
            people: people.collect(),
            groups,
            starts: interval_starts(group.range, zone, group.from, interval),
            options: domain_options(group, options),
        })
    }
}

/// What makes no sense for this group.
fn misplaced(group: &GroupBitmaps, options: &WindowOptions) -> Vec<Fault> {
    let mut faults = Vec::new();
    if group.weekly.is_none() {
        let given = [
            ("weeks", options.weeks.is_some()),
            ("first_week", options.first_week.is_some()),
            ("rotate", options.rotate),
        ];
        for (field, _) in given.into_iter().filter(|(_, given)| *given) {
            faults.push(Fault::new(["body", field], "value_error", "Only a weekly poll has weeks"));
        }
    }
    let minutes = group.asked * SLOT_MINUTES as usize;
    let duration = options.duration_minutes.unwrap_or(group.duration_minutes);
    if duration as usize > minutes {
        let msg = format!(
            "The meeting of {duration} minutes is longer than all that is asked about: {minutes} minutes"
        );
        faults.push(Fault::new(["body", "duration_minutes"], "value_error", msg));
    }
    faults
}

fn person<'a>(group: &'a GroupBitmaps, guest: &'a Guest, required: bool) -> Person<'a> {
    Person {
        levels: &guest.levels,
        unknown: match &guest.unknown {
            Unknown::Nothing => None,
            Unknown::Everything => Some(&group.candidates),
            Unknown::Some(slots) => Some(slots),
        },
        working: group.working.get(guest.working),
        conflicts: guest.conflicts.as_ref(),
        required: required || guest.required,
    }
}

fn domain_options(group: &GroupBitmaps, options: &WindowOptions) -> Options {
    Options {
        duration_minutes: options.duration_minutes.unwrap_or(group.duration_minutes),
        buffer_before_minutes: options.buffer_minutes.before,
        buffer_after_minutes: options.buffer_minutes.after,
        if_needed: match options.if_needed {
            wire::IfNeeded::LastResort => IfNeeded::LastResort,
            wire::IfNeeded::Equal => IfNeeded::Equal,
            wire::IfNeeded::Never => IfNeeded::Never,
        },
        working_hours: match options.working_hours {
            wire::WorkingHours::Respect => WorkingHours::Respect,
            wire::WorkingHours::Only => WorkingHours::Only,
            wire::WorkingHours::Ignore => WorkingHours::Ignore,
        },
        max_windows: options.max_windows.unwrap_or(WindowOptions::WINDOWS) as usize,
        overlapping: options.overlapping,
    }
}
