use std::time::Duration;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use service_kit::{ApiError, Body, RequestContext};
use utoipa::ToSchema;
use wire::{Email, Fault, Language, RequestBody, Timestamp, schema::EmailAddress};

use super::AccountState;
use crate::db::{Accounts, PollError};

/// For so long a link holds.
pub(super) const LINK_LIFE: Duration = Duration::from_secs(15 * 60);

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignIn)]
pub(super) struct SignInBody {
    /// To where the link is sent.
    #[schema(value_type = EmailAddress)]
    email: String,
    /// What the mail is written in.
    #[serde(default)]
    language: Language,
}

impl RequestBody for SignInBody {
    fn faults(&self) -> Vec<Fault> {
        let local = self.email.rsplit_once('@').map_or("", |(local, _)| local);
        let beyond_ascii =
            || "Mails reach only addresses whose part before the @ is of letters of ASCII".to_owned();
        let wrong = self.email.parse::<Email>().err().or_else(|| (!local.is_ascii()).then(beyond_ascii));
        wrong.map(|error| Fault::new(["body", "email"], "value_error", error)).into_iter().collect()
    }
}

/// Nothing that tells whether anybody has an account.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInReply)]
pub(super) struct Ordered {}

/// Sends a link to sign in with. It works once, within a quarter of an hour, and makes an account where there is none.
#[utoipa::path(post, path = "/sign-ins", operation_id = "order_sign_in", request_body = SignInBody, responses(
    (status = 202, description = "The mail will be sent", body = Ordered),
    (status = 400, description = "The address is none; every fault is named"),
    (status = 429, description = "The client, or the address, has had many of these lately"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn order(
    State(state): State<AccountState>,
    context: RequestContext,
    Body(body): Body,
) -> Result<(StatusCode, Json<Ordered>), ApiError> {
    let wanted = SignInBody::parse(&body).map_err(ApiError::bad_request)?;
    let email: Email = wanted.email.parse().map_err(|error: String| {
        ApiError::bad_request(vec![Fault::new(["body", "email"], "value_error", error)])
    })?;
    state.sign_ins.take(&context).await?;
    let now = Timestamp::now();
    let ordered =
        state.accounts.order_sign_in(&email, wanted.language, LINK_LIFE, context.case_id(), now).await;
    if ordered.map_err(PollError::Sql)? {
        return Ok((StatusCode::ACCEPTED, Json(Ordered {})));
    }
    let msg =
        format!("This address was sent {} links that still hold; use one of them", Accounts::MOST_SIGN_INS);
    Err(ApiError::http(StatusCode::TOO_MANY_REQUESTS, msg).retry_after(LINK_LIFE))
}
