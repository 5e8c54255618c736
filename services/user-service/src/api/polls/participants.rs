use axum::{extract::State, http::StatusCode, response::Response};
use service_kit::{ApiError, Body, RequestContext};
use wire::{Email, Participant, ParticipantChange, Timestamp};

use super::{
    PollStores,
    access::{Bearer, ParticipantPath, editable_participant},
    reply::at_version,
};
use crate::{
    api::bodies::ParticipantChangeBody,
    conditions::Conditions,
    db::{ParticipantContent, PollError},
    key::Key,
    mails,
};

/// Changes what a participant says of themselves: what is given replaces what was.
#[utoipa::path(patch, path = "/polls/{id}/participants/{pid}", operation_id = "update_participant", params(
    ("id" = String, Path, description = "The poll"),
    ("pid" = String, Path, description = "The participant"),
    ("Authorization" = String, Header, description = "Bearer and the participant's or the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the poll's version that is to be changed"),
), request_body = ParticipantChangeBody, responses(
    (status = 200, description = "The participant as they are now", body = Participant, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is another participant's, or only the organiser's will do"),
    (status = 404, description = "There is no such poll or participant"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the participant may be changed or not"),
))]
pub(super) async fn update(
    State(stores): State<PollStores>,
    path: ParticipantPath,
    bearer: Bearer,
    conditions: Conditions,
    body: Body,
) -> Result<Response, ApiError> {
    let wanted = ParticipantChange::parse(&body.0).map_err(ApiError::bad_request)?;
    let change = stores.polls.change(&path.poll, bearer.hash(), &conditions).await?;
    let (mut change, participant) = editable_participant(change, &path.participant).await?;
    if wanted.required.is_some() && !change.role.is_admin() {
        return Err(change.refuse(PollError::Forbidden).await.into());
    }
    let (before, mut shown) = (ParticipantContent::from(&participant), participant.shown());
    let content = ParticipantContent {
        name: wanted.name.unwrap_or(before.name),
        time_zone: wanted.time_zone.unwrap_or(before.time_zone),
        email: wanted.email.unwrap_or(before.email),
        required: wanted.required.unwrap_or(before.required),
        working_hours: wanted.working_hours.unwrap_or(before.working_hours),
    };
    change.rename(&participant, &content).await.map_err(PollError::Sql)?;
    let key = |email: &Option<Email>| email.as_ref().map(Key::from);
    if shown.conflicts.is_some() && key(&participant.email) != key(&content.email) {
        // They are of the schedule of the address before.
        change.keep_conflicts(&participant, None).await.map_err(PollError::Sql)?;
        shown.conflicts = None;
    }
    let version = stores.commit(change).await?.version;
    let reply =
        Participant { name: content.name, time_zone: content.time_zone, required: content.required, ..shown };
    Ok(at_version(StatusCode::OK, version, reply))
}

/// Takes a participant and their answer out of the poll.
#[utoipa::path(delete, path = "/polls/{id}/participants/{pid}", operation_id = "remove_participant", params(
    ("id" = String, Path, description = "The poll"),
    ("pid" = String, Path, description = "The participant"),
    ("Authorization" = String, Header, description = "Bearer and the participant's or the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the poll's version that is to be changed"),
), responses(
    (status = 204, description = "The participant is gone"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is another participant's"),
    (status = 404, description = "There is no such poll or participant"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the participant may be gone or not"),
))]
pub(super) async fn remove(
    State(stores): State<PollStores>,
    context: RequestContext,
    path: ParticipantPath,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<StatusCode, ApiError> {
    let change = stores.polls.change(&path.poll, bearer.hash(), &conditions).await?;
    let (mut change, participant) = editable_participant(change, &path.participant).await?;
    if let Some(meeting) = change.poll.meeting {
        let mut people = change.requested().await.map_err(PollError::Sql)?;
        people.retain(|person| person.id == participant.id);
        let mails = mails::cancelled(&change.poll.id, meeting, change.poll.meeting_sequence + 1, people);
        change.send(mails, context.case_id(), Timestamp::now()).await.map_err(PollError::Sql)?;
    }
    change.remove(&participant).await.map_err(PollError::Sql)?;
    if let Some(email) = participant.email.as_ref().filter(|_| change.poll.meeting.is_some()) {
        // They are busy no more at the time of the meeting.
        change.check_conflicts_of(&Key::from(email), context.case_id()).await.map_err(PollError::Sql)?;
    }
    stores.commit(change).await?;
    Ok(StatusCode::NO_CONTENT)
}
