use axum::{extract::State, response::Response};
use service_kit::{ApiError, Body, RequestContext};
use sql_store::SqlError;
use wire::{CaseId, NewPoll, Poll, PollChange, Range, Timestamp};

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser_or_roll_back},
    reply::{commit_and_reply, give_up_and_reply},
};
use crate::{
    api::bodies::PollChangeBody,
    conditions::Conditions,
    db::{self, PollError},
    mails,
    polls::{StoredAnswer, StoredTimes, carried, layout_of},
};

/// Changes a poll: what is given replaces what was. Answers about times that it still asks about stay. Another title,
/// description or place of a decided poll is sent to whoever is asked to the meeting.
#[utoipa::path(patch, path = "/polls/{id}", operation_id = "update_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the version that is to be changed"),
), request_body = PollChangeBody, responses(
    (status = 200, description = "The poll as it is now", body = Poll, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "The body is wrong, or does not fit the rest of the poll; every fault is named"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the poll may be changed or not"),
))]
pub(super) async fn update(
    State(stores): State<PollStores>,
    context: RequestContext,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
    body: Body,
) -> Result<Response, ApiError> {
    let wanted = PollChange::parse(&body.0).map_err(ApiError::bad_request)?;
    let mut change =
        require_organiser_or_roll_back(stores.polls.change(&id, bearer.hash(), &conditions).await?).await?;
    let content = match wanted.applied(change.poll.content.clone()) {
        Ok(content) => content,
        Err(faults) => return Err(change.refuse(PollError::Invalid(faults)).await.into()),
    };
    if content == change.poll.content {
        return give_up_and_reply(&stores, change).await;
    }
    carry_answers(&mut change, &content).await?;
    let now = Timestamp::now();
    let said =
        |content: &NewPoll| (content.title.clone(), content.description.clone(), content.location.clone());
    let is_said_otherwise = said(&change.poll.content) != said(&content);
    // While it was closed nobody looked, and weekly times are told on its clocks.
    let before = &change.poll.content;
    let needs_check = before.layout != content.layout || before.deadline != content.deadline;
    change.describe(&content, context.case_id(), now).await.map_err(PollError::Sql)?;
    if let Some(meeting) = change.poll.meeting.filter(|_| is_said_otherwise) {
        send_requests(&mut change, meeting, context.case_id(), now).await.map_err(PollError::Sql)?;
    }
    if needs_check {
        change.check_conflicts(context.case_id()).await.map_err(PollError::Sql)?;
    }
    commit_and_reply(&stores, change).await
}

/// Sends everybody what is to be known of the meeting now.
pub(super) async fn send_requests(
    change: &mut db::PollChange,
    meeting: Range,
    case_id: &CaseId,
    now: Timestamp,
) -> Result<(), SqlError> {
    change.count_meeting().await?;
    let people = change.addressed().await?;
    let mails = mails::requests(&change.poll, meeting, people);
    change.send(mails, case_id, now).await
}

/// Keeps of all answers what still fits when the poll asks about other times.
async fn carry_answers(change: &mut db::PollChange, content: &NewPoll) -> Result<(), ApiError> {
    let old = &change.poll.content.layout;
    let is_weekly = matches!(old.days, wire::PollDays::Weekly { .. });
    if is_weekly || *old == content.layout {
        // Weekly rules hold whatever is asked about.
        return Ok(());
    }
    let (from, to) = (layout_of(old), layout_of(&content.layout));
    let (from, to) = (from.map_err(ApiError::internal)?, to.map_err(ApiError::internal)?);
    let participants = change.participants().await.map_err(PollError::Sql)?;
    let kept = participants.iter().filter_map(|participant| {
        let stored = participant.answer.as_ref()?;
        let answer = stored.times.answer(&from)?.carried(&from, &to);
        let times = StoredTimes::of_answer(&answer, &to);
        let known = stored.conflicts.as_ref();
        let conflicts = known.and_then(|known| carried(&content.layout, &to, &answer, known));
        Some((participant.number, StoredAnswer { times, conflicts, ..stored.clone() }))
    });
    let kept: Vec<_> = kept.collect();
    let answers: Vec<_> = kept.iter().map(|(number, answer)| (*number, answer)).collect();
    change.store(&answers).await.map_err(PollError::Sql)?;
    Ok(())
}
