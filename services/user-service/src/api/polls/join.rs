use axum::{extract::State, http::StatusCode, response::Response};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body};
use wire::{CreatedParticipant, Email, Hours, NewParticipant, Participant, PollState};

use super::{
    PollStores,
    access::{Bearer, PollId},
    reply::at_version,
};
use crate::{
    api::bodies::NewParticipantBody,
    conditions::Conditions,
    db::{ParticipantContent, PollError},
    key::Key,
    polls::{MAX_PARTICIPANTS, PublicId, Token},
};

/// Takes part in a poll. The `edit_token` is shown this once.
#[utoipa::path(post, path = "/polls/{id}/participants", operation_id = "join_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = Option<String>, Header, description = "Bearer and the organiser's token, for `required`"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the version that is to be changed"),
), request_body = NewParticipantBody, responses(
    (status = 201, description = "The participant", body = CreatedParticipant, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 401, description = "The token is none of this poll"),
    (status = 403, description = "Only the organiser says who is required"),
    (status = 404, description = "There is no such poll"),
    (status = 409, description = "The poll is closed, decided or full"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; there may be a participant more or not"),
))]
pub(super) async fn join(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
    body: Body,
) -> Result<Response, ApiError> {
    let new = NewParticipant::parse(&body.0).map_err(ApiError::bad_request)?;
    let working_hours = match new.working_hours {
        Some(hours) => hours,
        None => working_hours(&stores, new.email.as_ref()).await?,
    };
    let mut change = stores.polls.change(&id, bearer.hash(), &conditions).await?;
    let state = change.poll.state(Instant::now());
    let refusal = if new.required.is_some() && !change.role.is_admin() {
        Some(PollError::Forbidden)
    } else if state != PollState::Open {
        Some(PollError::NotOpen(state))
    } else if change.poll.participants >= MAX_PARTICIPANTS {
        Some(PollError::Full)
    } else {
        None
    };
    if let Some(refusal) = refusal {
        return Err(change.refuse(refusal).await.into());
    }
    let (participant, token) = (PublicId::fresh(), Token::fresh());
    let content = ParticipantContent {
        name: new.name,
        time_zone: new.time_zone,
        email: new.email,
        required: new.required.unwrap_or_default(),
        working_hours,
    };
    change.add(&participant, &token.hash(), &content).await.map_err(PollError::Sql)?;
    let version = stores.commit(change).await?.version;
    let reply = CreatedParticipant {
        participant: Participant {
            id: participant.to_string(),
            name: content.name,
            time_zone: content.time_zone,
            required: content.required,
            answered: false,
        },
        edit_token: token.expose().to_owned(),
        version,
    };
    Ok(at_version(StatusCode::CREATED, version, reply))
}

/// When a stored person works, by their schedule now; nothing for anybody else.
pub(super) async fn working_hours(
    stores: &PollStores,
    email: Option<&Email>,
) -> Result<Vec<Hours>, PollError> {
    let Some(key) = email.map(Key::from) else { return Ok(Vec::new()) };
    let now = Instant::now();
    let mut found = stores.people.schedules(std::slice::from_ref(&key), now, now).await?;
    Ok(found.remove(&key).map(|person| person.schedule.working_hours).unwrap_or_default())
}
