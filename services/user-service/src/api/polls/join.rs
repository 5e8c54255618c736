use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body, idempotency_fault, idempotency_key};
use wire::{
    CreatedParticipant, Email, Hours, NewParticipant, Participant, PollState, schema::IdempotencyKey,
};

use super::{
    PollStores,
    access::{Bearer, PollId},
    reply::at_version,
};
use crate::{
    api::bodies::NewParticipantBody,
    conditions::Conditions,
    db::{ParticipantContent, PollChange, PollError},
    key::Key,
    polls::{MAX_PARTICIPANTS, PublicId, StoredParticipant, Token, TokenHash},
};

/// Takes part in a poll. The `edit_token` is shown this once. With an `Idempotency-Key` the same request may be sent again
/// until there is an answer: it is the same participant, with a new token instead of the one before.
#[utoipa::path(post, path = "/polls/{id}/participants", operation_id = "join_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = Option<String>, Header, description = "Bearer and the organiser's token, for `required`"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the version that is to be changed"),
    ("Idempotency-Key" = inline(Option<IdempotencyKey>), Header, description = "The same key and body is the same participant. Whoever knows it can take over a participant who has not answered yet, so it has to be hard to guess"),
), request_body = NewParticipantBody, responses(
    (status = 200, description = "The participant, who was there by the same key; only this token holds", body = CreatedParticipant, headers(("ETag" = String, description = "The poll's version"))),
    (status = 201, description = "The participant", body = CreatedParticipant, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "The body is wrong; every fault is named; or the key belongs to another participant"),
    (status = 401, description = "The token is none of this poll"),
    (status = 403, description = "Only the organiser says who is required"),
    (status = 404, description = "There is no such poll"),
    (status = 409, description = "The poll is closed, decided or full; or the participant of this key has answered"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; there may be a participant more or not"),
))]
pub(super) async fn join(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let key = idempotency_key(&headers).map_err(|fault| ApiError::bad_request(vec![fault]))?;
    let key = key.map(|key| TokenHash::of(&key));
    let new = NewParticipant::parse(&body.0).map_err(ApiError::bad_request)?;
    let working_hours = match new.working_hours {
        Some(hours) => hours,
        None => working_hours(&stores, new.email.as_ref()).await?,
    };
    let mut change = stores.polls.change(&id, bearer.hash(), &conditions).await?;
    if new.required.is_some() && !change.role.is_admin() {
        return Err(change.refuse(PollError::Forbidden).await.into());
    }
    let content = ParticipantContent {
        name: new.name,
        time_zone: new.time_zone,
        email: new.email,
        required: new.required.unwrap_or_default(),
        working_hours,
    };
    if let Some(key) = &key
        && let Some(known) = change.joined_by(key).await.map_err(PollError::Sql)?
    {
        return again(&stores, change, &known, &content).await;
    }
    let state = change.poll.state(Instant::now());
    let refusal = if state != PollState::Open {
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
    change.add(&participant, &token.hash(), &content).await.map_err(PollError::Sql)?;
    if let Some(key) = &key {
        change.note_join_key(&participant, key).await.map_err(PollError::Sql)?;
    }
    let version = stores.commit(change).await?.version;
    let participant = Participant {
        id: participant.to_string(),
        name: content.name,
        time_zone: content.time_zone,
        required: content.required,
        answered: false,
        meeting_reply: None,
        conflicts: None,
    };
    Ok(reply(StatusCode::CREATED, version, participant, &token))
}

/// The request has come before: the participant of then gets a new token, since the one before may never have arrived.
async fn again(
    stores: &PollStores,
    mut change: PollChange,
    known: &StoredParticipant,
    content: &ParticipantContent,
) -> Result<Response, ApiError> {
    let is_same = known.name == content.name
        && known.time_zone == content.time_zone
        && known.email == content.email
        && known.required == content.required;
    if !is_same {
        let msg = "This key was used for another participant; use a new key for a new one";
        let fault = PollError::Invalid(vec![idempotency_fault(msg)]);
        return Err(change.refuse(fault).await.into());
    }
    // Whoever has answered has their token: from then on no key may take their place.
    if known.answer.is_some() {
        return Err(change.refuse(PollError::KeyUsedUp).await.into());
    }
    let token = Token::fresh();
    change.replace_token(known, &token.hash()).await.map_err(PollError::Sql)?;
    let version = stores.commit(change).await?.version;
    Ok(reply(StatusCode::OK, version, known.shown(), &token))
}

fn reply(status: StatusCode, version: i64, participant: Participant, token: &Token) -> Response {
    let edit_token = token.expose().to_owned();
    at_version(status, version, CreatedParticipant { participant, edit_token, version })
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
