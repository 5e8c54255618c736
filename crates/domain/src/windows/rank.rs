use super::bits::{and, and_not, any, missing, or};
use super::counter::Counts;
use super::presence::Presence;
use super::tally::Tally;
use super::{IfNeeded, Question, Window, WorkingHours};
use crate::SLOT_MINUTES;
use crate::time::ones;

/// Up to so many starts are looked up person by person; for more, whole bitmaps are.
const FEW: usize = 32;

/// Minutes outside working hours: of the one who has most, and of all. Less is better.
pub(crate) type Outside = (u32, u64);

/// How good a start is: the greater, the better, but for what is outside and when it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quality {
    /// Those who say yes; all who come when `if needed` counts as much.
    pub(crate) first: usize,
    /// All who come.
    pub(crate) coming: usize,
}

/// Up to 64 slots, as bits of the one or two words that hold them.
struct Span {
    word: usize,
    low: u64,
    high: u64,
}

impl Span {
    fn new(start: usize, slots: usize) -> Span {
        let bits = (u128::MAX >> (u128::BITS as usize - slots)) << (start % 64);
        Span { word: start / 64, low: bits as u64, high: (bits >> 64) as u64 }
    }

    fn is_in(&self, words: &[u64]) -> bool {
        words[self.word] & self.low == self.low
            && (self.high == 0 || words[self.word + 1] & self.high == self.high)
    }
}

impl Question<'_> {
    /// The best of the valid starts, best first.
    pub(crate) fn best(&self, tally: &Tally, valid: &[u64]) -> Vec<Window> {
        let mut windows: Vec<Window> = Vec::new();
        let mut left = valid.to_vec();
        let slots = self.meeting_slots();
        while windows.len() < self.options.max_windows && any(&left) {
            let wanted = self.options.max_windows - windows.len();
            for ranked in self.next_ranked(tally, valid, &mut left, wanted) {
                for (place, &(outside, start)) in ranked.iter().enumerate() {
                    let overlaps = windows.iter().any(|window| window.start.abs_diff(start) < slots);
                    if windows.len() < self.options.max_windows && (self.options.overlapping || !overlaps) {
                        let same = |place: Option<usize>| {
                            place.and_then(|place| ranked.get(place)).is_some_and(|other| other.0 == outside)
                        };
                        let earliest = same(Some(place + 1)) && !same(place.checked_sub(1));
                        windows.push(self.window(tally, start, earliest));
                    }
                }
            }
            if !self.options.overlapping {
                self.remove_overlapping(&windows, &mut left);
            }
        }
        windows
    }

    /// Takes the best starts out of those that are left, at least as many as wanted: classes of the same quality, the best
    /// first, each in its order. Time outside working hours is looked up for all of them in one pass over the people.
    fn next_ranked(
        &self,
        tally: &Tally,
        valid: &[u64],
        left: &mut [u64],
        wanted: usize,
    ) -> Vec<Vec<(Outside, usize)>> {
        let (mut classes, mut found) = (Vec::new(), 0);
        let mut several = vec![0; left.len()];
        while found < wanted {
            let best = tally.coming.greatest(&self.first(tally).greatest(left));
            let Some(one) = ones(&best).next() else { break };
            let equals = self.same_quality(tally, self.quality(tally, one), valid);
            and_not(left, &equals);
            let starts: Vec<usize> = ones(&equals).collect();
            if starts.len() > 1 {
                or(&mut several, &equals);
            }
            found += starts.len();
            classes.push(starts);
        }
        let outside = self.outside(Presence::Comes, &several);
        let outside_at = |start: usize| {
            let place = outside.binary_search_by_key(&start, |&(_, start)| start);
            place.map_or((0, 0), |place| outside[place].0)
        };
        let ranked = classes.into_iter().map(|starts| {
            let mut ranked: Vec<_> = starts.into_iter().map(|start| (outside_at(start), start)).collect();
            ranked.sort_unstable();
            ranked
        });
        ranked.collect()
    }

    /// What is compared first.
    pub(crate) fn first<'a>(&self, tally: &'a Tally) -> &'a Counts {
        if self.options.if_needed == IfNeeded::Equal { &tally.coming } else { &tally.yes }
    }

    pub(crate) fn quality(&self, tally: &Tally, start: usize) -> Quality {
        Quality { first: self.first(tally).at(start), coming: tally.coming.at(start) }
    }

    pub(crate) fn same_quality(&self, tally: &Tally, quality: Quality, among: &[u64]) -> Vec<u64> {
        let (_, mut equals) = self.first(tally).compare(quality.first);
        and(&mut equals, &tally.coming.compare(quality.coming).1);
        and(&mut equals, among);
        equals
    }

    /// Each of the starts, ascending, with what is outside the working hours of those who come to it, or may.
    pub(crate) fn outside(&self, presence: Presence, starts: &[u64]) -> Vec<(Outside, usize)> {
        let mut found: Vec<(Outside, usize)> = ones(starts).map(|start| ((0, 0), start)).collect();
        // Elsewhere nobody comes whose working hours it is not in.
        if found.is_empty() || self.options.working_hours != WorkingHours::Respect {
            return found;
        }
        let slots = self.meeting_slots();
        let one_by_one =
            found.len() <= FEW && slots <= 64 && !self.has_buffers() && presence != Presence::Possible;
        let spans: Vec<Span> = found.iter().map(|&(_, start)| Span::new(start, slots.min(64))).collect();
        let mut comes = vec![0; starts.len()];
        for person in self.people {
            let Some(working) = person.working else { continue };
            if !one_by_one {
                self.starts_of(person, presence, slots, &mut comes);
                and(&mut comes, starts);
                if !any(&comes) {
                    continue;
                }
            }
            let free = self.given(person, presence).words();
            for (((worst, total), start), span) in found.iter_mut().zip(&spans) {
                let there = match one_by_one {
                    true => !span.is_in(working.words()) && span.is_in(free),
                    false => comes[*start / 64] >> (*start % 64) & 1 == 1,
                };
                if there {
                    let minutes = self.outside_minutes(person, *start);
                    *worst = (*worst).max(minutes);
                    *total += u64::from(minutes);
                }
            }
        }
        found
    }

    /// Minutes of a meeting at this start that are outside a person's working hours.
    pub(crate) fn outside_minutes(&self, person: &super::Person<'_>, start: usize) -> u32 {
        let Some(working) = person.working.filter(|_| self.options.working_hours != WorkingHours::Ignore)
        else {
            return 0;
        };
        let last = start + self.meeting_slots() - 1;
        let whole = missing(working.words(), start..last) as u32 * SLOT_MINUTES;
        let of_last = self.options.duration_minutes.max(1) - (last - start) as u32 * SLOT_MINUTES;
        whole + if working.contains(last) { 0 } else { of_last }
    }

    /// Takes away the starts whose meetings overlap the windows found.
    fn remove_overlapping(&self, windows: &[Window], starts: &mut [u64]) {
        let mut near = crate::SlotSet::empty(self.range.len());
        for window in windows {
            let slots = self.meeting_slots();
            near.insert_all((window.start + 1).saturating_sub(slots)..window.start + slots);
        }
        and_not(starts, near.words());
    }

    fn window(&self, tally: &Tally, start: usize, earliest: bool) -> Window {
        let (yes, coming) = (tally.yes.at(start), tally.coming.at(start));
        let unanswered = tally.open.as_ref().map_or(0, |open| open.at(start));
        let no = self.people.len().saturating_sub(coming + unanswered);
        Window { start, yes, if_needed: coming - yes, no, unanswered, earliest }
    }
}
