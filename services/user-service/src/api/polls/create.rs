use axum::{extract::State, http::StatusCode, response::Response};
use jiff::Timestamp as Instant;
use service_kit::{ApiError, Body, RequestContext};
use wire::{CreatedPoll, NewPoll, PollView, Timestamp};

use super::{PollStores, reply::at_version};
use crate::{
    api::bodies::NewPollBody,
    db::PollError,
    polls::{PublicId, StoredPoll, Token, Turnout, last_instant},
};

/// Makes a poll. Its `admin_token` is shown this once.
#[utoipa::path(post, path = "/polls", operation_id = "create_poll", request_body = NewPollBody, responses(
    (status = 201, description = "The poll", body = CreatedPoll, headers(("ETag" = String, description = "The poll's version"))),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 429, description = "The client has made as many polls as it may in an hour",
        headers(("Retry-After" = u64, description = "Seconds until it may make another one"))),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn create(
    State(stores): State<PollStores>,
    context: RequestContext,
    body: Body,
) -> Result<Response, ApiError> {
    let content = NewPoll::parse(&body.0).map_err(ApiError::bad_request)?;
    create_and_reply(&context, &stores, content).await
}

/// Stores a new poll of this content, if the client may make one more, and shows it with its token.
pub(super) async fn create_and_reply(
    context: &RequestContext,
    stores: &PollStores,
    content: NewPoll,
) -> Result<Response, ApiError> {
    stores.quota.take(context).await?;
    let (token, now) = (Token::fresh(), Timestamp::now());
    let last = last_instant(&content.layout, None, now);
    let poll = StoredPoll {
        id: PublicId::fresh(),
        admin: token.hash(),
        version: 1,
        described_version: 1,
        reset_version: 1,
        content,
        meeting: None,
        meeting_sequence: 0,
        participants: 0,
        created_at_us: now.micros(),
        deleted_at_us: None,
        last_at_us: Some(last.micros()),
    };
    stores.polls.create(&poll, context.case_id()).await.map_err(PollError::Sql)?;
    let shown = poll.shown(Instant::now(), PollView::Names, Some(&Turnout::default()));
    let shown = poll.with_organiser(shown);
    let reply = CreatedPoll { poll: shown, admin_token: token.expose().to_owned() };
    Ok(at_version(StatusCode::CREATED, poll.version, reply))
}
