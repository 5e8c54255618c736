//! Mails, for worker-service alone: what one says, and what became of it.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use jiff::Timestamp as Instant;
use serde_json::Value;
use service_kit::{ApiError, Body, RequestContext, RouteSettings, Routes, ServeArgs};
use utoipa_axum::router::OpenApiRouter;
use wire::{
    BaseUrl, Fault, Language, MailAddress, MailContent, MailDescription, MailOutcome, MailPoll, MailState,
    PollDays, RemindersRequest, SettledRequest, Timestamp,
};

use super::PollStores;
use crate::{
    db::{PollError, StoredMail, Told},
    mails::{poll_link, unsubscribe_link},
    polls::PublicId,
};

/// All operations on mails. None of them is at a gateway.
pub(super) fn routes(args: &ServeArgs, stores: PollStores) -> Routes {
    let internal = OpenApiRouter::new()
        .route("/mails/{id}", get(describe))
        .route("/mails/{id}/outcome", post(end))
        .route("/polls/{id}/reminders", post(remind))
        .route("/polls/{id}/settled", post(tell_settled))
        .with_state(stores);
    Routes::default().internal(RouteSettings::new(args), internal)
}

/// A [`MailDescription`]; 404 for a mail that need not be sent any more.
async fn describe(
    State(stores): State<PollStores>,
    Path(id): Path<String>,
) -> Result<Json<MailDescription>, ApiError> {
    let mail = stores.mails.find(&id).await.map_err(PollError::Sql)?.ok_or_else(unknown)?;
    if mail.state == MailState::Withdrawn {
        return Err(unknown());
    }
    if mail.state == MailState::Waiting && mail.is_moot(Instant::now()) {
        stores.mails.withdraw(&id, Timestamp::now()).await.map_err(PollError::Sql)?;
        return Err(unknown());
    }
    let reply_token = reply_token(&stores, &mail).await?;
    Ok(Json(MailDescription { reply_token, ..description(mail, &stores.public_url) }))
}

/// What stands in the address that the recipient's calendar answers to, if the mail is about a meeting with them.
async fn reply_token(stores: &PollStores, mail: &StoredMail) -> Result<Option<String>, ApiError> {
    let is_of_meeting = matches!(
        mail.content,
        MailContent::MeetingRequest { .. }
            | MailContent::MeetingCancel { .. }
            | MailContent::ProposalDeclined { .. }
    );
    let Some(participant) = mail.participant_id.as_ref().filter(|_| is_of_meeting) else { return Ok(None) };
    let key = stores.mails.reply_key().await.map_err(PollError::Sql)?;
    Ok(Some(key.token(&mail.poll.id, participant)))
}

/// Notes the [`MailOutcome`] of a mail; the first one stays.
async fn end(
    State(stores): State<PollStores>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let outcome: MailOutcome = parsed(&body)?;
    let is_known = stores.mails.end(&id, &outcome, Timestamp::now()).await.map_err(PollError::Sql)?;
    if is_known { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}

/// Reminds those of this [`RemindersRequest`] who have not answered, if the poll still has its deadline.
async fn remind(
    State(stores): State<PollStores>,
    context: RequestContext,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>, ApiError> {
    let due: RemindersRequest = parsed(&body)?;
    let Some(poll) = PublicId::parse(&id) else { return Ok(reminded(0)) };
    let (public_url, now) = (&stores.public_url, Timestamp::now());
    let count = stores.mails.remind(&poll, due, public_url, context.case_id(), now).await;
    Ok(reminded(count.map_err(PollError::Sql)?))
}

/// Tells the organiser that the best time is settled, as this [`SettledRequest`] says; 409 if the poll has another version.
async fn tell_settled(
    State(stores): State<PollStores>,
    context: RequestContext,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let found: SettledRequest = parsed(&body)?;
    let Some(poll) = PublicId::parse(&id) else { return Ok(StatusCode::NO_CONTENT) };
    let told = stores.mails.tell_settled(&poll, found, context.case_id(), Timestamp::now()).await;
    match told.map_err(PollError::Sql)? {
        Told::Done => Ok(StatusCode::NO_CONTENT),
        Told::Outdated => Err(ApiError::http(StatusCode::CONFLICT, "The poll has another version by now")),
    }
}

fn reminded(count: usize) -> Json<Value> {
    Json(serde_json::json!({"reminded": count}))
}

fn parsed<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body)
        .map_err(|error| ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())]))
}

fn unknown() -> ApiError {
    ApiError::not_found("There is no such mail to be sent")
}

/// The mail as worker-service is told it.
fn description(mail: StoredMail, public_url: &BaseUrl) -> MailDescription {
    let content = mail.poll.content;
    let participant = mail.participant;
    let time_zone = participant.as_ref().map(|known| known.time_zone.clone());
    let language: Option<Language> = participant.as_ref().and_then(|known| known.language);
    let weekly_in = match content.layout.days {
        PollDays::Weekly { .. } => Some(content.layout.time_zone.name().to_owned()),
        PollDays::Dates { .. } => None,
    };
    // Whoever answers a mail writes to the organiser; the organiser's own mails are the service's.
    let reply_to = content.organiser_email.filter(|_| mail.participant_id.is_some());
    MailDescription {
        id: mail.id,
        key: mail.key,
        state: mail.state,
        created_at: mail.created_at,
        recipient: MailAddress {
            name: participant.map(|known| known.name).unwrap_or_default(),
            email: mail.address,
        },
        reply_to: reply_to.map(|email| MailAddress { name: String::new(), email: email.as_str().to_owned() }),
        language: language.unwrap_or(content.language),
        time_zone: time_zone.unwrap_or(content.layout.time_zone),
        poll: Some(MailPoll {
            id: mail.poll.id.to_string(),
            title: content.title,
            description: content.description,
            location: content.location,
            url: poll_link(public_url, &mail.poll.id),
            weekly_in,
        }),
        unsubscribe_url: Some(unsubscribe_link(public_url, &mail.unsubscribe_token)),
        reply_token: None,
        content: mail.content,
    }
}
