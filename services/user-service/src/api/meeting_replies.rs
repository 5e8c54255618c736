//! Answers of calendars that came by mail, which worker-service passes on.

use axum::{Json, extract::State, routing::post};
use service_kit::{ApiError, Body, RequestContext, RouteSettings, Routes, ServeArgs};
use utoipa_axum::router::OpenApiRouter;
use wire::{Fault, InboundReply, InboundReplyReply, ReplyOutcome, Timestamp};

use super::PollStores;
use crate::{
    calendars::{ReadReply, read_reply},
    conditions::Conditions,
    db::{PollChange, PollError},
    mails,
    polls::{PublicId, StoredParticipant},
};

/// Largest body in bytes: the longest calendar, of which JSON may write each byte as six.
const LIMIT: usize = 7 * InboundReply::MAX_CALENDAR;
/// Most tokens that are looked at.
const MAX_TOKENS: usize = 16;

/// The one operation, which is at no gateway.
pub(super) fn routes(args: &ServeArgs, stores: PollStores) -> Routes {
    let internal = OpenApiRouter::new().route("/meeting-replies", post(take)).with_state(stores);
    Routes::default().internal(RouteSettings { body_limit: LIMIT, ..RouteSettings::new(args) }, internal)
}

/// Takes an [`InboundReply`] if it is the newest answer of a participant to the meeting of their poll: the address that it
/// came to and the attendee that it names both have to be theirs, so that whoever an invitation was forwarded to does not
/// answer for its recipient. It may be repeated.
async fn take(
    State(stores): State<PollStores>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Json<InboundReplyReply>, ApiError> {
    let inbound: InboundReply = serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())])
    })?;
    let read = match read_reply(&inbound.calendar, inbound.method.as_deref()) {
        Ok(read) => read,
        Err(reason) => return Ok(nothing(ReplyOutcome::Ignored, reason)),
    };
    let Some(participant) = author(&stores, &inbound, &read).await? else {
        let reason = "its address and its attendee are not of one participant of its poll";
        return Ok(nothing(ReplyOutcome::Ignored, reason));
    };
    let poll = PublicId::stored(read.poll_id.clone());
    match stores.polls.change(&poll, None, &Conditions::default()).await {
        Ok(change) => apply(&stores, context, change, &participant, &read).await,
        Err(PollError::UnknownPoll) => Ok(nothing(ReplyOutcome::Ignored, "there is no such poll any more")),
        Err(error) => Err(error.into()),
    }
}

/// The participant who has both the address that the mail went to and the one that the calendar names.
async fn author(
    stores: &PollStores,
    inbound: &InboundReply,
    read: &ReadReply,
) -> Result<Option<StoredParticipant>, ApiError> {
    let Some(poll) = PublicId::parse(&read.poll_id) else { return Ok(None) };
    let organizer = read.organizer.as_deref().and_then(|address| {
        let (local, _) = address.rsplit_once('@')?;
        Some(local.rsplit_once('+')?.1)
    });
    let tokens = inbound.tokens.iter().map(String::as_str).chain(organizer).take(MAX_TOKENS);
    let tokens: Vec<&str> = tokens.collect();
    let known = stores.polls.participants_with(&poll, &read.attendee).await.map_err(PollError::Sql)?;
    if tokens.is_empty() || known.is_empty() {
        return Ok(None);
    }
    let key = stores.mails.reply_key().await.map_err(PollError::Sql)?;
    let is_author = |participant: &StoredParticipant| {
        tokens.iter().any(|token| key.is_token(token, &poll, &participant.id))
    };
    Ok(known.into_iter().find(is_author))
}

async fn apply(
    stores: &PollStores,
    context: RequestContext,
    mut change: PollChange,
    author: &StoredParticipant,
    read: &ReadReply,
) -> Result<Json<InboundReplyReply>, ApiError> {
    // They may have gone, or taken another address, since they were looked up.
    let participant = change.participant(&author.id).await.map_err(PollError::Sql)?;
    let participant = participant.filter(|participant| participant.email == author.email);
    let news = participant
        .filter(|participant| read.reply.is_news(&change.poll, participant.meeting_reply.as_ref()));
    let Some(participant) = news else {
        change.give_up().await.map_err(PollError::Sql)?;
        let reason = "it is not newer than what is known, or not about the time that is decided on";
        return Ok(nothing(ReplyOutcome::Unchanged, reason));
    };
    let now = Timestamp::now();
    let reply = read.reply.stored(now);
    change.keep_reply(&participant, &reply).await.map_err(PollError::Sql)?;
    let mail = mails::replied(&change.poll, &participant, &reply);
    change.send(mail.into_iter().collect(), context.case_id(), now).await.map_err(PollError::Sql)?;
    stores.commit(change).await?;
    Ok(Json(InboundReplyReply { outcome: ReplyOutcome::Taken, reason: None }))
}

fn nothing(outcome: ReplyOutcome, reason: &str) -> Json<InboundReplyReply> {
    Json(InboundReplyReply { outcome, reason: Some(reason.to_owned()) })
}
