//! Asks user-service for schedules and busy times, and keeps the bitmaps that follow from them.

use std::{collections::HashMap, sync::Arc};

use axum::http::StatusCode;
use domain::{Levels, SlotRange, SlotSet, Zone, busy_slots};
use moka::sync::Cache;
use peer_client::{CacheLookups, Peer, PeerRequest};
use service_kit::{ApiError, ComputePool, RequestContext};
use wire::{PersonTime, SchedulesReply, SchedulesRequest};

/// Bytes of bitmaps that are kept.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;
/// What a person takes besides the bitmaps, in bytes.
const PERSON_BYTES: usize = 256;
/// Bytes of an answer from which on it is read on a thread of its own.
const LARGE: usize = 64 * 1024;
/// Changed people from whom on bitmaps are computed on a thread of its own: each takes some tens of microseconds.
const MANY_CHANGED: usize = 10;

/// When somebody is free, over a range of slots.
#[derive(Debug)]
pub(crate) struct PersonBitmaps {
    pub(crate) zone: Zone,
    pub(crate) levels: Levels,
    pub(crate) busy: SlotSet,
    pub(crate) working: SlotSet,
}

/// A stored person at a version of their schedule and busy times.
#[derive(Clone, Debug)]
pub(crate) struct KnownPerson {
    pub(crate) email: String,
    pub(crate) version: String,
    pub(crate) bitmaps: Arc<PersonBitmaps>,
}

/// Whoever is known of those who were asked for, and the addresses of the others.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) people: Vec<KnownPerson>,
    pub(crate) unknown: Vec<String>,
}

/// An address as it was asked for, and a range.
type KeptKey = (String, SlotRange);

/// What was got last, under its version. The time zone data is that of this process as long as it lives.
#[derive(Clone)]
struct Kept {
    version: String,
    bitmaps: Arc<PersonBitmaps>,
}

#[derive(Clone)]
pub(crate) struct ScheduleClient {
    peer: Peer,
    compute: ComputePool,
    kept: Cache<KeptKey, Kept>,
    lookups: CacheLookups,
}

impl ScheduleClient {
    pub(crate) fn new(peer: Peer, compute: ComputePool, lookups: CacheLookups) -> ScheduleClient {
        let bytes = |key: &KeptKey, kept: &Kept| {
            let bitmaps = key.1.len() / 8 * 4;
            u32::try_from(bitmaps + PERSON_BYTES + key.0.len() + kept.version.len()).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(KEPT_BYTES).weigher(bytes).build();
        ScheduleClient { peer, compute, kept, lookups }
    }

    /// Bitmaps of the people with these addresses, from one call, which says of each whether what is kept is still what
    /// holds. Whoever is not known is named.
    ///
    /// # Errors
    /// 503 when user-service is unavailable or too much is to be computed; 502 when its answer is of no use.
    pub(crate) async fn group(
        &self,
        context: &RequestContext,
        emails: Vec<String>,
        range: SlotRange,
    ) -> Result<Group, ApiError> {
        let kept = emails.iter().filter_map(|email| self.kept.get(&(email.clone(), range)));
        let kept: HashMap<String, Arc<PersonBitmaps>> =
            kept.map(|kept| (kept.version, kept.bitmaps)).collect();
        let known = kept.keys().cloned().collect();
        let body = SchedulesRequest { emails, from: range.start(), to: range.end(), known };
        let request = PeerRequest::post("/schedules/batch").json(&body).repeatable();
        let answer = self.peer.ask(context, request).await?;
        if answer.status != StatusCode::OK {
            return Err(self.peer.unexpected(answer.status));
        }
        let is_large = answer.body.len() >= LARGE;
        let read = move || answer.json::<SchedulesReply>();
        let reply = if is_large { self.compute.run(read).await? } else { read() };
        let reply = reply.map_err(|error| self.peer.failed(error))?;
        let changed = reply.people.iter().filter(|person| person.time.is_some()).count();
        let client = self.clone();
        let derive = move || {
            let people = reply.people.into_iter().map(|person| {
                client.lookups.count(person.time.is_none());
                let bitmaps = match &person.time {
                    Some(time) => client.changed(&person.email, &person.version, time, range)?,
                    None => kept.get(&person.version).cloned().ok_or_else(|| {
                        client.peer.failed("it did not say what stands behind a version that is not kept")
                    })?,
                };
                Ok(KnownPerson { email: person.email, version: person.version, bitmaps })
            });
            Ok(Group { people: people.collect::<Result<_, ApiError>>()?, unknown: reply.unknown })
        };
        if changed >= MANY_CHANGED { self.compute.run(derive).await? } else { derive() }
    }

    /// Derives the bitmaps of somebody's time, and keeps them.
    fn changed(
        &self,
        email: &str,
        version: &str,
        time: &PersonTime,
        range: SlotRange,
    ) -> Result<Arc<PersonBitmaps>, ApiError> {
        let bitmaps = PersonBitmaps::of(time, range).map_err(|error| self.peer.failed(error))?;
        let bitmaps = Arc::new(bitmaps);
        let kept = Kept { version: version.to_owned(), bitmaps: bitmaps.clone() };
        self.kept.insert((email.to_owned(), range), kept);
        Ok(bitmaps)
    }
}

impl PersonBitmaps {
    /// Busy goes before overrides, and those before weekly rules.
    fn of(time: &PersonTime, range: SlotRange) -> Result<PersonBitmaps, domain::StartsAtEnd> {
        let schedule = domain::Schedule::try_from(&time.schedule)?;
        let busy = busy_slots(range, time.busy.iter().map(|busy| (busy.start, busy.end)));
        let mut levels = schedule.levels(range);
        levels.subtract(&busy);
        let working = schedule.working_slots(range);
        Ok(PersonBitmaps { zone: schedule.zone, levels, busy, working })
    }
}
