//! Reading the audit trail: one's own part of it, and all of it as an administrator.

use axum::{
    Json,
    extract::{RawQuery, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use service_kit::{ApiError, RequestContext, Routes};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{
    Email, Query, Timestamp,
    schema::{EmailAddress, PageSize},
};

use super::accounts::account;
use crate::{
    db::{AuditEntries, AuditQuery, PollError, StoredAuditEntry},
    key::Key,
};

/// Entries on a page, unless the request says otherwise, and most of them.
const PAGE: u32 = 50;
const LARGEST_PAGE: u32 = 100;

/// A page of the audit trail.
#[derive(Serialize, ToSchema)]
struct AuditPage {
    /// The newest first.
    entries: Vec<Entry>,
    /// Goes into `after` for the next page; `null` on the last one.
    #[schema(required = true)]
    next: Option<String>,
}

/// Something that somebody did or tried to do.
#[derive(Serialize, ToSchema)]
struct Entry {
    id: String,
    /// When it was asked for.
    at: Timestamp,
    /// By which its log lines are found.
    case_id: String,
    /// The address of the account; `null` where it is gone, is the installation's administrator, or, in one's own trail, is not
    /// oneself.
    #[schema(value_type = Option<EmailAddress>, required = true)]
    by: Option<String>,
    /// The id of the account; `null` where, in one's own trail, it is not oneself.
    #[schema(required = true)]
    account_id: Option<String>,
    /// Whether it was an administrator's then.
    by_administrator: bool,
    method: String,
    /// Such as `/users/users/{email}`.
    route: String,
    /// The id in the path: of a poll, a job, a token or a session.
    #[schema(required = true)]
    object: Option<String>,
    /// The addresses of those whom it is about and who are still there; in one's own trail, oneself alone.
    #[schema(value_type = Vec<EmailAddress>)]
    about: Vec<String>,
    /// The status of the reply; `null` when the client left before there was one.
    #[schema(required = true)]
    status: Option<u16>,
}

/// The operations by which the audit trail is read.
pub(crate) fn routes(audit: AuditEntries) -> Routes {
    let routes = OpenApiRouter::new().routes(routes!(own)).routes(routes!(all)).with_state(audit);
    Routes::from(routes)
}

/// What one's own account did, and what others did with what is stored of oneself: when, by which operation, and how it ended, but
/// nothing of what was sent or told. It is there within seconds, for a year unless the installation says otherwise.
#[utoipa::path(get, path = "/account/audit", operation_id = "own_audit", params(
    ("limit" = inline(Option<PageSize>), Query, description = "Most entries on the page"),
    ("after" = Option<String>, Query, description = "`next` of the page before"),
), responses(
    (status = 200, description = "A page of entries", body = AuditPage),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "The administrator has no account"),
    (status = 422, description = "A parameter is wrong"),
    (status = 503, description = "The database is unavailable"),
))]
async fn own(
    State(audit): State<AuditEntries>,
    context: RequestContext,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let address = account(&context)?.email.clone().unwrap_or_default();
    let (mut asked, limit) = asked(query.as_deref(), &["limit", "after"])?;
    asked.concerns = Key::of(&address);
    let is_own = |other: &str| Email::key(other) == Email::key(&address);
    page(&audit, &asked, limit, |entry| {
        let by = entry.by.filter(|by| is_own(by));
        Entry {
            account_id: entry.account_id.filter(|_| by.is_some()),
            by,
            about: entry.about.into_iter().filter(|person| is_own(person)).collect(),
            ..entry
        }
    })
    .await
}

/// What all accounts did, as their owners see their own part.
#[utoipa::path(get, path = "/audit", operation_id = "audit", params(
    ("by" = inline(Option<EmailAddress>), Query, description = "Only what the account of this address did"),
    ("about" = inline(Option<EmailAddress>), Query, description = "Only what is about whoever has this address"),
    ("object" = Option<String>, Query, description = "Only what has this id in the path"),
    ("limit" = inline(Option<PageSize>), Query, description = "Most entries on the page"),
    ("after" = Option<String>, Query, description = "`next` of the page before"),
), responses(
    (status = 200, description = "A page of entries", body = AuditPage),
    (status = 401, description = "Nobody is signed in"),
    (status = 403, description = "Who is signed in is no administrator"),
    (status = 422, description = "A parameter is wrong"),
    (status = 503, description = "The database is unavailable"),
))]
async fn all(State(audit): State<AuditEntries>, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    let (asked, limit) = asked(query.as_deref(), &["by", "about", "object", "limit", "after"])?;
    page(&audit, &asked, limit, |entry| entry).await
}

fn asked(query: Option<&str>, known: &[&str]) -> Result<(AuditQuery, u32), ApiError> {
    let mut query = Query::parse(query);
    query.refuse_others(known);
    let mut key = |name| query.optional_as::<Email>(name).map(|email| Key::from(&email));
    let (by, about) = (key("by"), key("about"));
    let object = query.optional("object");
    let (limit, after) = query.page(PAGE, LARGEST_PAGE);
    let asked = AuditQuery { by, about, object, after, concerns: None };
    query.finish(Some((asked, limit))).map_err(ApiError::unprocessable)
}

async fn page(
    audit: &AuditEntries,
    asked: &AuditQuery,
    limit: u32,
    shown: impl Fn(Entry) -> Entry,
) -> Result<Response, ApiError> {
    // One more than the page tells whether there is a next one.
    let mut stored = audit.page(asked, limit + 1).await.map_err(PollError::Sql)?;
    let more = stored.len() > limit as usize;
    stored.truncate(limit as usize);
    let next = if more { stored.last().map(|stored| stored.entry.id.clone()) } else { None };
    let entries = stored.into_iter().map(Entry::from).map(shown).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(AuditPage { entries, next })).into_response())
}

impl From<StoredAuditEntry> for Entry {
    fn from(stored: StoredAuditEntry) -> Entry {
        let StoredAuditEntry { entry, by } = stored;
        Entry {
            id: entry.id,
            at: entry.at,
            case_id: entry.case_id,
            by,
            account_id: Some(entry.account_id),
            by_administrator: entry.is_administrator,
            method: entry.method,
            route: entry.route,
            object: entry.object_id,
            about: entry.people,
            status: entry.status,
        }
    }
}
