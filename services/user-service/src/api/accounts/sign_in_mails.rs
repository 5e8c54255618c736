//! Mails with links to sign in with, for worker-service alone.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    routing::{get, post},
};
use domain::Zone;
use service_kit::{ApiError, Body};
use utoipa_axum::router::OpenApiRouter;
use wire::{Fault, MailAddress, MailContent, MailDescription, MailOutcome, MailState, Timestamp};

use super::{AccountState, sign_ins::LINK_LIFE};
use crate::{db::PollError, mails::sign_in_link};

pub(super) fn router() -> OpenApiRouter<AccountState> {
    OpenApiRouter::new()
        .route("/sign-in-mails/{id}", get(describe))
        .route("/sign-in-mails/{id}/outcome", post(end))
}

/// A [`MailDescription`]; 404 for a link that was used or holds no longer.
async fn describe(
    State(state): State<AccountState>,
    Path(id): Path<String>,
) -> Result<Json<MailDescription>, ApiError> {
    let found = state.accounts.sign_in(&id).await.map_err(PollError::Sql)?.ok_or_else(unknown)?;
    if found.mail_state == MailState::Waiting && found.expires_at <= Timestamp::now() {
        return Err(unknown());
    }
    let token = found.token.unwrap_or_default();
    let link = sign_in_link(&state.public_url, &token, &found.email);
    let minutes = u32::try_from(LINK_LIFE.as_secs() / 60).unwrap_or(u32::MAX);
    Ok(Json(MailDescription {
        key: format!("sign_in/{id}"),
        id,
        state: found.mail_state,
        created_at: found.created_at,
        recipient: MailAddress { name: String::new(), email: found.email },
        reply_to: None,
        language: found.language,
        time_zone: Zone::utc(),
        poll: None,
        unsubscribe_url: None,
        reply_token: None,
        content: MailContent::SignIn { link, minutes },
    }))
}

/// Notes the [`MailOutcome`] of such a mail.
async fn end(
    State(state): State<AccountState>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<StatusCode, ApiError> {
    let outcome: MailOutcome = serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())])
    })?;
    let is_known = state.accounts.end_sign_in_mail(&id, &outcome).await.map_err(PollError::Sql)?;
    if is_known { Ok(StatusCode::NO_CONTENT) } else { Err(unknown()) }
}

fn unknown() -> ApiError {
    ApiError::not_found("There is no such mail to be sent")
}
