//! Erasing people: oneself with one's account, others as an administrator, and what other services have of them.

use axum::{
    Json,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use service_kit::{
    ApiError, Body, Callers, RequestContext, RouteSettings, Routes, ServeArgs, ended_session_cookie,
};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Email, ErasuresDoneRequest, ErasuresReply, Fault, Timestamp};

use super::{accounts::account, exports, people::Address};
use crate::{
    db::{Erasures, PollError},
    directory::Directory,
    key::Key,
    live::Live,
};

/// What erasing somebody needs.
#[derive(Clone)]
pub(crate) struct ErasureState {
    pub(crate) directory: Directory,
    pub(crate) live: Live,
    pub(crate) callers: Callers,
    pub(crate) erasures: Erasures,
}

/// All operations by which people are erased, and get all that is stored of them.
pub(crate) fn routes(args: &ServeArgs, state: ErasureState) -> Routes {
    let internal = OpenApiRouter::new()
        .route("/erasures", get(due))
        .route("/erasures/done", post(done))
        .with_state(state.clone());
    let public = OpenApiRouter::new()
        .routes(routes!(erase_account))
        .routes(routes!(erase_person))
        .routes(routes!(exports::export_account))
        .routes(routes!(exports::export_person))
        .with_state(state);
    Routes::from(public).internal(RouteSettings::new(args), internal)
}

/// Deletes one's own account, and erases all that is stored of its address: the person with schedule, calendars and feed, their part
/// in polls with name and answers, their address in polls that they organise, mails, tokens and sessions. Jobs and mail files follow
/// within a minute. Other processes may take a token for some seconds more.
#[utoipa::path(delete, path = "/account", operation_id = "erase_account", responses(
    (status = 204, description = "Nothing of the address is left in the tables; a session's cookie is taken away"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The token is for reading alone, the request comes from another site, or the administrator has no account"),
    (status = 503, description = "The database is unavailable; all or nothing was erased"),
))]
async fn erase_account(
    State(state): State<ErasureState>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let address = account(&context)?.email.clone().unwrap_or_default();
    erase(&state, &context, &address).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, ended_session_cookie())]).into_response())
}

/// Erases all that is stored of an address, as its owner does with `DELETE /account`; also where there is no account, and no person.
#[utoipa::path(delete, path = "/accounts/{email}", operation_id = "erase_person", params(
    ("email" = String, Path, description = "The address, in any case"),
), responses(
    (status = 204, description = "Nothing of the address is left in the tables"),
    (status = 400, description = "This is no address"),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "Who is signed in is no administrator"),
    (status = 503, description = "The database is unavailable; all or nothing was erased"),
))]
async fn erase_person(
    State(state): State<ErasureState>,
    context: RequestContext,
    Address(address): Address,
) -> Result<StatusCode, ApiError> {
    let email: Email = address.parse().map_err(|error: String| {
        ApiError::bad_request(vec![Fault::new(["path", "email"], "value_error", error)])
    })?;
    erase(&state, &context, email.as_str()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn erase(state: &ErasureState, context: &RequestContext, address: &str) -> Result<(), ApiError> {
    // An account has an address that can be stored.
    let Some(key) = Key::of(address) else { return Ok(()) };
    let erased = state.directory.erase(key, context.case_id().clone(), Timestamp::now()).await?;
    erased.tokens.iter().for_each(|hash| state.callers.forget(hash));
    erased.polls.iter().for_each(|poll| state.live.changed(poll));
    Ok(())
}

/// Of whom other services have to erase what they have. It is not for the public.
async fn due(State(state): State<ErasureState>) -> Result<Json<ErasuresReply>, ApiError> {
    let erasures = state.erasures.due(Timestamp::now(), ErasuresReply::MAX).await.map_err(PollError::Sql)?;
    Ok(Json(ErasuresReply { erasures }))
}

/// Forgets those of an [`ErasuresDoneRequest`].
async fn done(State(state): State<ErasureState>, Body(body): Body) -> Result<StatusCode, ApiError> {
    let done: ErasuresDoneRequest = serde_json::from_slice(&body).map_err(|error| {
        ApiError::bad_request(vec![Fault::new(["body"], "value_error", error.to_string())])
    })?;
    state.erasures.forget(&done.ids).await.map_err(PollError::Sql)?;
    Ok(StatusCode::NO_CONTENT)
}
