use axum::{extract::State, http::StatusCode, response::Response};
use service_kit::{ApiError, Body, RequestContext};
use wire::{DecisionInput, Fault, Poll, PollDays, Range, Timestamp};

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser_or_roll_back},
    reply::{commit_and_reply, give_up_and_reply},
};
use crate::{
    api::bodies::DecisionBody,
    conditions::Conditions,
    db::PollError,
    mails,
    polls::{StoredPoll, layout_of},
};

/// Decides when the meeting is. It makes participants who are stored people busy then.
#[utoipa::path(put, path = "/polls/{id}/decision", operation_id = "decide_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the version that is to be decided on"),
), request_body = DecisionBody, responses(
    (status = 200, description = "The poll with its meeting", body = Poll, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "The body is wrong, or the time is none of the poll; every fault is named"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 409, description = "Required participants are busy by other decisions: one entry for each; `force` decides all the same"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the meeting may be decided or not"),
))]
pub(super) async fn decide(
    State(stores): State<PollStores>,
    context: RequestContext,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
    body: Body,
) -> Result<Response, ApiError> {
    let DecisionInput { meeting, force } = DecisionInput::parse(&body.0).map_err(ApiError::bad_request)?;
    let mut change =
        require_organiser_or_roll_back(stores.polls.change(&id, bearer.hash(), &conditions).await?).await?;
    if let Err(refusal) = within(&change.poll, meeting) {
        return Err(change.refuse(refusal).await.into());
    }
    let busy = if force { Vec::new() } else { change.busy(meeting).await.map_err(PollError::Sql)? };
    if !busy.is_empty() {
        return Err(change.refuse(PollError::Busy(busy)).await.into());
    }
    if change.poll.meeting == Some(meeting) {
        // Nobody is told again what they know.
        return give_up_and_reply(&stores, change).await;
    }
    change.decide(Some(meeting)).await.map_err(PollError::Sql)?;
    let people = change.addressed().await.map_err(PollError::Sql)?;
    let mails = mails::decided(&change.poll, meeting, people, &stores.public_url);
    change.send(mails, context.case_id(), Timestamp::now()).await.map_err(PollError::Sql)?;
    change.check_conflicts(context.case_id()).await.map_err(PollError::Sql)?;
    commit_and_reply(&stores, change).await
}

/// Takes the decision back: the poll is open again until its deadline.
#[utoipa::path(delete, path = "/polls/{id}/decision", operation_id = "take_back_decision", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the version that is to be changed"),
), responses(
    (status = 204, description = "Nothing is decided"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll, or it is not decided"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the decision may be taken back or not"),
))]
pub(super) async fn take_back(
    State(stores): State<PollStores>,
    context: RequestContext,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<StatusCode, ApiError> {
    let mut change =
        require_organiser_or_roll_back(stores.polls.change(&id, bearer.hash(), &conditions).await?).await?;
    let Some(meeting) = change.poll.meeting else {
        change.give_up().await.map_err(PollError::Sql)?;
        return Err(ApiError::not_found("The poll is not decided"));
    };
    let people = change.requested().await.map_err(PollError::Sql)?;
    change.decide(None).await.map_err(PollError::Sql)?;
    let mails = mails::cancelled(&change.poll.id, meeting, change.poll.meeting_sequence, people);
    change.send(mails, context.case_id(), Timestamp::now()).await.map_err(PollError::Sql)?;
    change.check_conflicts(context.case_id()).await.map_err(PollError::Sql)?;
    stores.commit(change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a poll over dates asks about all of this time. A weekly one may be decided for any week.
fn within(poll: &StoredPoll, meeting: Range) -> Result<(), PollError> {
    if let PollDays::Weekly { .. } = poll.content.layout.days {
        return Ok(());
    }
    let layout = layout_of(&poll.content.layout)
        .map_err(|error| PollError::Sql(sqlx::Error::Decode(error.into()).into()))?;
    let range = layout.range();
    let slots = range.touched(meeting.start, meeting.end);
    let is_inside = range.start() <= meeting.start && meeting.end <= range.end();
    if is_inside && layout.candidates().contains_all(slots) {
        return Ok(());
    }
    let msg = "The time is not wholly within the times of the poll";
    Err(PollError::Invalid(vec![Fault::new(["body", "start"], "value_error", msg)]))
}
