//! All that is stored of a person, or of a poll.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use service_kit::{ApiError, RequestContext};
use utoipa::ToSchema;
use wire::Timestamp;

use super::{ErasureState, accounts::account, people::Address};
use crate::{directory::DirectoryError, key::Key};

/// All that this service has of somebody, or of a poll.
#[derive(Serialize, ToSchema)]
pub(super) struct Export {
    /// When it was read.
    exported_at: Timestamp,
    /// By table: what is stored, but for tokens, secret links and their hashes. Other releases may have other tables and members.
    #[schema(value_type = BTreeMap<String, Vec<BTreeMap<String, Value>>>)]
    tables: Map<String, Value>,
}

/// The reply with an export, which a browser keeps as a file and no cache keeps.
pub(super) fn reply(tables: Map<String, Value>, file: &'static str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}.json\"")),
    ];
    (headers, Json(Export { exported_at: Timestamp::now(), tables })).into_response()
}

/// All that is stored of one's own address: the person with schedule, calendars and feed, the account with tokens and sessions, their
/// part in polls, polls that they organise, mails, and orders of jobs; also where there is no person. Jobs are in the export of
/// worker-service.
#[utoipa::path(get, path = "/account/export", operation_id = "export_account", responses(
    (status = 200, description = "All that is stored; empty lists where there is nothing", body = Export),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The administrator has no account"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn export_account(
    State(state): State<ErasureState>,
    context: RequestContext,
) -> Result<Response, ApiError> {
    let address = account(&context)?.email.clone().unwrap_or_default();
    export_of(&state, &address).await
}

/// All that is stored of an address, as its owner gets it.
#[utoipa::path(get, path = "/accounts/{email}/export", operation_id = "export_person", params(
    ("email" = String, Path, description = "The address, in any case"),
), responses(
    (status = 200, description = "All that is stored; empty lists where there is nothing", body = Export),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "Who is signed in is no administrator"),
    (status = 404, description = "Nobody can have this address"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn export_person(
    State(state): State<ErasureState>,
    Address(address): Address,
) -> Result<Response, ApiError> {
    export_of(&state, &address).await
}

async fn export_of(state: &ErasureState, address: &str) -> Result<Response, ApiError> {
    let key = Key::of(address).ok_or_else(|| ApiError::not_found("Nobody can have this address"))?;
    let tables = state.directory.people().export(&key).await.map_err(DirectoryError::from)?;
    Ok(reply(tables, "person"))
}
