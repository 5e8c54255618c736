//! Asks user-service for schedules and busy times, and keeps the bitmaps that follow from them.

use std::sync::Arc;

use axum::http::StatusCode;
use domain::{Levels, SlotRange, SlotSet, Zone, busy_slots};
use moka::sync::Cache;
use peer_client::{Peer, PeerRequest};
use service_kit::{ApiError, ComputePool, RequestContext};
use wire::{PersonSchedule, SchedulesReply, SchedulesRequest};

/// Bytes of bitmaps that are kept.
const KEPT_BYTES: u64 = 64 * 1024 * 1024;
/// What a person takes besides the bitmaps, in bytes.
const PERSON_BYTES: usize = 256;
/// People from whom on it is computed on a thread of its own: each takes some tens of microseconds.
const LARGE_GROUP: usize = 10;

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

/// What bitmaps follow from: the version of what is known of somebody, and the range. The time zone data is that of this process as long as it lives.
type BitmapsKey = (String, SlotRange);

#[derive(Clone)]
pub(crate) struct ScheduleClient {
    peer: Peer,
    compute: ComputePool,
    kept: Cache<BitmapsKey, Arc<PersonBitmaps>>,
}

impl ScheduleClient {
    pub(crate) fn new(peer: Peer, compute: ComputePool) -> ScheduleClient {
        let bytes = |key: &BitmapsKey, _: &Arc<PersonBitmaps>| {
            let bitmaps = key.1.len() / 8 * 4;
            u32::try_from(bitmaps + PERSON_BYTES + key.0.len()).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(KEPT_BYTES).weigher(bytes).build();
        ScheduleClient { peer, compute, kept }
    }

    /// Bitmaps of the people with these addresses, from one call. Whoever is not known is named.
    ///
    /// # Errors
    /// 503 when user-service is unavailable or too much is to be computed; 502 when its answer is of no use.
    pub(crate) async fn group(
        &self,
        context: &RequestContext,
        emails: Vec<String>,
        range: SlotRange,
    ) -> Result<Group, ApiError> {
        let is_large = emails.len() >= LARGE_GROUP;
        let body = SchedulesRequest { emails, from: range.start(), to: range.end() };
        let request = PeerRequest::post("/schedules/batch").json(&body).repeatable();
        let answer = self.peer.ask(context, request).await?;
        if answer.status != StatusCode::OK {
            return Err(self.peer.unexpected(answer.status));
        }
        let client = self.clone();
        let read = move || {
            let reply: SchedulesReply = answer.json().map_err(|error| client.peer.failed(error))?;
            let people = reply.people.into_iter().map(|person| client.known(person, range));
            Ok(Group { people: people.collect::<Result<_, _>>()?, unknown: reply.unknown })
        };
        if is_large { self.compute.run(read).await? } else { read() }
    }

    fn known(&self, person: PersonSchedule, range: SlotRange) -> Result<KnownPerson, ApiError> {
        let key = (person.version.clone(), range);
        let bitmaps = match self.kept.get(&key) {
            Some(bitmaps) => bitmaps,
            None => {
                let bitmaps =
                    Arc::new(PersonBitmaps::of(&person, range).map_err(|error| self.peer.failed(error))?);
                self.kept.insert(key, bitmaps.clone());
                bitmaps
            }
        };
        Ok(KnownPerson { email: person.email, version: person.version, bitmaps })
    }
}

impl PersonBitmaps {
    /// Busy goes before overrides, and those before weekly rules.
    fn of(person: &PersonSchedule, range: SlotRange) -> Result<PersonBitmaps, domain::StartsAtEnd> {
        let schedule = domain::Schedule::try_from(&person.schedule)?;
        let busy = busy_slots(range, person.busy.iter().map(|busy| (busy.start, busy.end)));
        let mut levels = schedule.levels(range);
        levels.subtract(&busy);
        let working = schedule.working_slots(range);
        Ok(PersonBitmaps { zone: schedule.zone, levels, busy, working })
    }
}
