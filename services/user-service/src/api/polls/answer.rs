use axum::{extract::State, http::StatusCode, response::Response};
use domain::{Answer, AnswerFault, AnswerFaultKind};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body, RequestContext};
use sql_store::SqlError;
use wire::{AnswerInput, AnswerReply, CaseId, Fault, LevelRange, Loc, PollDays, PollState, Timestamp};

use super::{
    PollStores,
    access::{Bearer, ParticipantPath, editable_participant, may_edit},
    reply::at_version,
};
use crate::{
    api::bodies::AnswerBody,
    conditions::Conditions,
    db::{PollChange, PollError},
    key::Key,
    mails,
    polls::{StoredAnswer, StoredParticipant, StoredPoll, StoredTimes, layout_of, times_by_schedule},
};

/// What a participant has answered.
#[utoipa::path(get, path = "/polls/{id}/participants/{pid}/answer", operation_id = "read_answer", params(
    ("id" = String, Path, description = "The poll"),
    ("pid" = String, Path, description = "The participant"),
    ("Authorization" = String, Header, description = "Bearer and the participant's or the organiser's token"),
), responses(
    (status = 200, description = "The answer", body = AnswerReply, headers(("ETag" = String, description = "The poll's version"))),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is another participant's"),
    (status = 404, description = "There is no such poll or participant"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn read(
    State(stores): State<PollStores>,
    path: ParticipantPath,
    bearer: Bearer,
) -> Result<Response, ApiError> {
    let (poll, role) = stores.polls.find(&path.poll, bearer.hash()).await?;
    may_edit(&role, &path.participant)?;
    let participant = stores.polls.participant(&poll.id, &path.participant).await?;
    Ok(at_version(StatusCode::OK, poll.version, reply(&poll, participant.answer.as_ref())?))
}

/// Answers, instead of the answer before. The same answer again changes nothing.
#[utoipa::path(put, path = "/polls/{id}/participants/{pid}/answer", operation_id = "replace_answer", params(
    ("id" = String, Path, description = "The poll"),
    ("pid" = String, Path, description = "The participant"),
    ("Authorization" = String, Header, description = "Bearer and the participant's or the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the poll's version that the answer is about"),
), request_body = AnswerBody, responses(
    (status = 200, description = "The answer as it is now", body = AnswerReply, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "The body is wrong, off the poll's grid or outside its times; every fault is named"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is another participant's; or the schedule is another person's"),
    (status = 404, description = "There is no such poll or participant"),
    (status = 409, description = "The poll is closed or decided"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the answer may be stored or not"),
))]
pub(super) async fn replace(
    State(stores): State<PollStores>,
    context: RequestContext,
    path: ParticipantPath,
    bearer: Bearer,
    conditions: Conditions,
    body: Body,
) -> Result<Response, ApiError> {
    let given = AnswerInput::parse(&body.0).map_err(ApiError::bad_request)?;
    let change = stores.polls.change(&path.poll, bearer.hash(), &conditions).await?;
    let (mut change, participant) = editable_participant(change, &path.participant).await?;
    let state = change.poll.state(Instant::now());
    if state != PollState::Open {
        return Err(change.refuse(PollError::NotOpen(state)).await.into());
    }
    let from_schedule = matches!(given, AnswerInput::FromSchedule);
    let times = match given {
        AnswerInput::FromSchedule => {
            // It tells when a stored person is busy, which whoever calls themselves so may not learn.
            let address = participant.email.as_ref().map(|email| email.as_str());
            if let Err(refusal) = context.require_among(address) {
                change.give_up().await.map_err(PollError::Sql)?;
                return Err(refusal);
            }
            scheduled(&mut change, &participant).await
        }
        given => painted(&change.poll, &given),
    };
    let times = match times {
        Ok(times) => times,
        Err(refusal) => return Err(change.refuse(refusal).await.into()),
    };
    let same = participant
        .answer
        .as_ref()
        .filter(|answer| answer.times == times && answer.from_schedule == from_schedule)
        .filter(|answer| answer.conflicts.is_none());
    if let Some(answer) = same {
        change.poll.version -= 1;
        let poll = change.poll.clone();
        change.give_up().await.map_err(PollError::Sql)?;
        return Ok(at_version(StatusCode::OK, poll.version, reply(&poll, Some(answer))?));
    }
    let answer =
        StoredAnswer { answered_at_us: Timestamp::now().micros(), from_schedule, times, conflicts: None };
    change.answer(&participant, &answer).await.map_err(PollError::Sql)?;
    if change.poll.content.organiser_email.is_some() {
        tell_progress(&mut change, context.case_id()).await.map_err(PollError::Sql)?;
    }
    let poll = stores.commit(change).await?;
    Ok(at_version(StatusCode::OK, poll.version, reply(&poll, Some(&answer))?))
}

/// Tells the organiser when everybody has answered; until then it is looked whether the best time is settled.
async fn tell_progress(change: &mut PollChange, case_id: &CaseId) -> Result<(), SqlError> {
    let (progress, now) = (change.progress().await?, Timestamp::now());
    if progress.answered < progress.participants {
        return if progress.has_told_settled { Ok(()) } else { change.check_settled(case_id, now).await };
    }
    if !progress.has_invited {
        // Whoever comes by the link answers at once, and more may come.
        return Ok(());
    }
    let mails = mails::everybody_answered(&change.poll, progress.participants);
    change.send(mails.into_iter().collect(), case_id, now).await
}

/// The answer that the participant gives themselves, if it fits the poll.
fn painted(poll: &StoredPoll, given: &AnswerInput) -> Result<StoredTimes, PollError> {
    let invalid = |field: &str, msg: &str| {
        Err(PollError::Invalid(vec![Fault::new(["body", field], "value_error", msg)]))
    };
    match (given, &poll.content.layout.days) {
        (AnswerInput::Ranges(ranges), PollDays::Dates { .. }) => painted_dates(poll, ranges),
        (AnswerInput::Weekly(rules), PollDays::Weekly { .. }) => Ok(StoredTimes::of_rules(rules)),
        (AnswerInput::Ranges(_), PollDays::Weekly { .. }) => {
            invalid("ranges", "The poll is weekly; give weekly and time_zone")
        }
        (AnswerInput::Weekly(_) | AnswerInput::FromSchedule, _) => {
            invalid("weekly", "The poll is over dates; give ranges")
        }
    }
}

fn painted_dates(poll: &StoredPoll, ranges: &[LevelRange]) -> Result<StoredTimes, PollError> {
    let layout = layout_of(&poll.content.layout).map_err(unreadable)?;
    let ranges: Vec<domain::LevelRange> = ranges.iter().copied().map(Into::into).collect();
    match Answer::of_ranges(&layout, &ranges) {
        Ok(answer) => Ok(StoredTimes::of_answer(&answer, &layout)),
        Err(faults) => Err(PollError::Invalid(faults.into_iter().map(fault).collect())),
    }
}

fn fault(AnswerFault { index, kind }: AnswerFault) -> Fault {
    let mut loc = vec![Loc::from("body"), Loc::from("ranges"), Loc::Index(index)];
    if kind == AnswerFaultKind::Empty {
        loc.push(Loc::from("end"));
    }
    Fault::new(loc, "value_error", kind.to_string())
}

/// The answer by the schedule and the busy times of the stored person who the participant is, as they are now.
async fn scheduled(
    change: &mut PollChange,
    participant: &StoredParticipant,
) -> Result<StoredTimes, PollError> {
    let key = participant.email.as_ref().map(Key::from).ok_or(PollError::NotStored)?;
    let range = layout_of(&change.poll.content.layout).map_err(unreadable)?.range();
    // Whoever changes their schedule meanwhile waits, and finds this answer when they look for those it may contradict.
    change.lock_person(&key).await?;
    let person = change.schedule(&key, range.start(), range.end()).await?.ok_or(PollError::NotStored)?;
    times_by_schedule(&change.poll.content.layout, &person.schedule, &person.busy).map_err(unreadable)
}

/// What was stored cannot be read.
fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> PollError {
    PollError::Sql(sqlx::Error::Decode(error.into()).into())
}

fn reply(poll: &StoredPoll, answer: Option<&StoredAnswer>) -> Result<AnswerReply, PollError> {
    let mut reply = AnswerReply {
        version: poll.version,
        answered: answer.is_some(),
        answered_at: answer.and_then(|answer| Timestamp::from_micros(answer.answered_at_us)),
        from_schedule: answer.is_some_and(|answer| answer.from_schedule),
        ranges: None,
        weekly: None,
        conflicts: answer.and_then(|answer| answer.conflicts.clone()),
    };
    match answer.map(|answer| &answer.times) {
        None => (),
        Some(StoredTimes::Weekly(weekly)) => reply.weekly = Some(weekly.clone()),
        Some(times) => {
            let layout = layout_of(&poll.content.layout).map_err(unreadable)?;
            reply.ranges = times.ranges(&layout);
        }
    }
    Ok(reply)
}
