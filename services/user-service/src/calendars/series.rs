use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use wire::Range;

use super::{Budget, Problems, event::Event, occurrences::occurrences, zones::FileZones};

/// The events with one UID: one that may recur, and those that stand for single occurrences of it.
#[derive(Debug, Default)]
pub(super) struct Series {
    masters: Vec<Event>,
    replacements: Vec<Event>,
}

impl Series {
    /// By UID, in the order in which they first come. Events without one stand alone.
    pub(super) fn of(events: Vec<Event>) -> Vec<Series> {
        let mut series: Vec<Series> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for event in events {
            let place = match &event.uid {
                Some(uid) => *places.entry(uid.clone()).or_insert(series.len()),
                None => series.len(),
            };
            if place == series.len() {
                series.push(Series::default());
            }
            let own = &mut series[place];
            if event.replaces.is_some() { own.replacements.push(event) } else { own.masters.push(event) }
        }
        series
    }

    /// Adds when the owner is busy within a time.
    pub(super) fn busy(
        mut self,
        zones: &FileZones,
        within: Range,
        budget: &mut Budget,
        problems: &mut Problems,
        busy: &mut Vec<Range>,
    ) {
        self.replacements.sort_by_key(|event| event.replaces);
        let replaced: HashSet<Timestamp> =
            self.replacements.iter().filter_map(|event| Some(event.replaces?.0)).collect();
        let later = self.replacements.iter().filter(|event| event.replaces.is_some_and(|(_, later)| later));
        let later: Vec<&Event> = later.collect();
        for master in &self.masters {
            for (start, end) in occurrences(master, zones, within, budget, problems) {
                if replaced.contains(&start) {
                    continue;
                }
                if let Some((start, end)) = kept(master, &later, (start, end), zones) {
                    push(busy, start, end, within);
                }
            }
        }
        for event in self.replacements.iter().filter(|event| event.is_busy) {
            let start = zones.instant(event.start, &event.zone);
            let ends = start.and_then(|start| Some((start, event.length.end(start, &event.zone)?)));
            if let Some((start, end)) = ends {
                push(busy, start, end, within);
            }
        }
    }
}

/// An occurrence as the last event says that stands for it and all later ones; `later` has those by what they replace.
fn kept(
    master: &Event,
    later: &[&Event],
    (start, end): (Timestamp, Timestamp),
    zones: &FileZones,
) -> Option<(Timestamp, Timestamp)> {
    let before = later.partition_point(|event| event.replaces.is_some_and(|(at, _)| at < start));
    let Some(event) = before.checked_sub(1).and_then(|last| later.get(last)) else {
        return master.is_busy.then_some((start, end));
    };
    let (at, _) = event.replaces?;
    let moved = zones.instant(event.start, &event.zone)?.as_second() - at.as_second();
    let start = Timestamp::from_second(start.as_second() + moved).ok()?;
    let end = event.length.end(start, &event.zone)?;
    event.is_busy.then_some((start, end))
}

/// Adds a time, cut to what is wanted.
fn push(busy: &mut Vec<Range>, start: Timestamp, end: Timestamp, within: Range) {
    let (start, end) = (start.max(within.start), end.min(within.end));
    if start < end {
        busy.push(Range { start, end });
    }
}
