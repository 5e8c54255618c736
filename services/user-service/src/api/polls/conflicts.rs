use axum::{Json, extract::State};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body};
use wire::{ConflictCheckReply, ConflictCheckRequest, Conflicts, Fault, PollState, Timestamp};

use super::PollStores;
use crate::{
    conditions::Conditions,
    db::{PollError, PollsOfPerson, StoredSchedule},
    key::Key,
    polls::{PublicId, StoredParticipant, StoredPoll, Unreadable, conflicts, layout_of, times_by_schedule},
};

/// Polls that one request looks at.
const BATCH: usize = 20;

/// Looks whether a person's answers from their schedule agree with it as it is now, and shows where not: a
/// [`ConflictCheckRequest`] is answered by a [`ConflictCheckReply`]. No answer is changed. It may be repeated, and a poll in
/// which nothing is different gets no new version. It is not for the public.
pub(super) async fn check(
    State(stores): State<PollStores>,
    Body(body): Body,
) -> Result<Json<ConflictCheckReply>, ApiError> {
    let ConflictCheckRequest { person, after } = serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())])
    })?;
    let found = stores.polls.answered_by_schedule(&person, after.as_deref(), Timestamp::now(), BATCH).await;
    let Some(PollsOfPerson { key, polls }) = found.map_err(PollError::Sql)? else {
        return Ok(Json(ConflictCheckReply { changed: 0, next: None }));
    };
    let mut changed = 0;
    for poll in &polls {
        changed += u64::from(check_poll(&stores, poll, &key).await?);
    }
    let next = polls.last().filter(|_| polls.len() == BATCH).map(PublicId::to_string);
    Ok(Json(ConflictCheckReply { changed, next }))
}

/// Whether a person's conflicts in a poll are others now.
async fn check_poll(stores: &PollStores, id: &PublicId, key: &Key) -> Result<bool, PollError> {
    // Mostly nothing is different, and then nobody has to wait.
    let poll = match stores.polls.find(id, None).await {
        Ok((poll, _)) => poll,
        Err(PollError::UnknownPoll) => return Ok(false),
        Err(error) => return Err(error),
    };
    let range = layout_of(&poll.content.layout).map_err(unreadable)?.range();
    let keys = std::slice::from_ref(key);
    let Some(schedule) = stores.people.schedules(keys, range.start(), range.end()).await?.remove(key) else {
        return Ok(false);
    };
    let participants = stores.polls.participants_with(id, key).await?;
    if different(&poll, participants, &schedule)?.is_empty() {
        return Ok(false);
    }
    let mut change = match stores.polls.change(id, None, &Conditions::default()).await {
        Ok(change) => change,
        Err(PollError::UnknownPoll) => return Ok(false),
        Err(error) => return Err(error),
    };
    let range = layout_of(&change.poll.content.layout).map_err(unreadable)?.range();
    let schedule = change.schedule(key, range.start(), range.end()).await?;
    let participants = change.participants_with(key).await?;
    let found = match schedule {
        Some(schedule) if change.poll.state(Instant::now()) == PollState::Open => {
            different(&change.poll, participants, &schedule)?
        }
        _ => Vec::new(),
    };
    if found.is_empty() {
        change.give_up().await?;
        return Ok(false);
    }
    for (participant, conflicts) in &found {
        change.keep_conflicts(participant, conflicts.as_ref()).await?;
    }
    stores.commit(change).await?;
    Ok(true)
}

/// Those whose conflicts are others than are known, with what they are by this schedule.
fn different(
    poll: &StoredPoll,
    participants: Vec<StoredParticipant>,
    schedule: &StoredSchedule,
) -> Result<Vec<(StoredParticipant, Option<Conflicts>)>, PollError> {
    let layout = &poll.content.layout;
    let now = times_by_schedule(layout, &schedule.schedule, &schedule.busy).map_err(unreadable)?;
    let mut different = Vec::new();
    for participant in participants {
        let Some(answer) = participant.answer.as_ref().filter(|answer| answer.from_schedule) else {
            continue;
        };
        let found = conflicts(layout, &answer.times, &now).map_err(unreadable)?;
        if found != answer.conflicts {
            different.push((participant, found));
        }
    }
    Ok(different)
}

fn unreadable(error: impl Into<Unreadable>) -> PollError {
    let error: Unreadable = error.into();
    PollError::Sql(sqlx::Error::Decode(error.into()).into())
}
