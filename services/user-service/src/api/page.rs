//! The web page, at the root of the gateway. Whoever opens a link to a poll sees its title before any script runs, as
//! chat programs do that show previews; everything else the page asks the API for.

use axum::{
    Router,
    body::Body,
    extract::{Path, RawQuery, State},
    http::{HeaderMap, Response, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use page::{Document, STATIC_PATH, Screen, document};
use service_kit::{Access, ApiError, RouteSettings, Routes, ServeArgs, chain};
use tracing::warn;
use wire::Query;

use crate::{
    db::{PollError, Polls},
    polls::PublicId,
};

const TITLE: &str = "W2Meet";
const DESCRIPTION: &str = "Find the time when everybody can meet. No account needed.";
const ASKED: &str = "Say when you can come.";

/// What the page needs.
#[derive(Clone)]
struct PageState {
    polls: Polls,
    has_status: bool,
    access: Access,
}

/// All addresses of the page. The screens besides the polls' are told apart by its script.
pub(super) fn routes(args: &ServeArgs, polls: Polls) -> Routes {
    let pages = Router::new()
        .route("/", get(screen))
        .route("/polls", get(screen))
        .route("/status", get(screen))
        .route("/calendars", get(person))
        .route("/account", get(person))
        .route("/p/{id}", get(poll))
        .route("/p/{id}/qr.svg", get(qr_code))
        .route(&format!("{STATIC_PATH}/{{build}}/{{*path}}"), get(asset))
        .with_state(PageState {
            polls,
            has_status: args.status_page,
            access: args.access.unwrap_or(Access::Open),
        });
    Routes::default().at_root(RouteSettings::new(args), pages)
}

impl PageState {
    /// The document of a screen before anything of a poll is known.
    fn document(&self, screen: Screen) -> Document<'static> {
        Document {
            title: TITLE,
            description: DESCRIPTION,
            screen,
            has_status: self.has_status,
            access: self.access.name(),
        }
    }
}

async fn screen(State(state): State<PageState>) -> Response<Body> {
    document(StatusCode::OK, &state.document(Screen::Other))
}

async fn person(State(state): State<PageState>) -> Response<Body> {
    document(StatusCode::OK, &state.document(Screen::Person))
}

/// Without the database it is still the page, whose script asks again.
async fn poll(State(state): State<PageState>, Path(id): Path<String>) -> Response<Body> {
    let found = match PublicId::parse(&id) {
        Some(id) => state.polls.find(&id, None).await,
        None => Err(PollError::UnknownPoll),
    };
    let shown = state.document(Screen::Poll);
    match found {
        Ok((poll, _)) => {
            let description =
                if poll.content.description.is_empty() { ASKED } else { &poll.content.description };
            document(StatusCode::OK, &Document { title: &poll.content.title, description, ..shown })
        }
        Err(PollError::UnknownPoll) => document(StatusCode::NOT_FOUND, &shown),
        Err(error) => {
            warn!(error = %chain(&error), "a poll's title cannot be read for its page");
            document(StatusCode::OK, &shown)
        }
    }
}

async fn asset(
    Path((build, path)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    page::asset(&build, &path, &headers)
}

/// The poll's link as an image. Only who is asked knows its own host; whether it was asked by TLS the page says.
async fn qr_code(
    Path(id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response<Body>, ApiError> {
    let scheme = scheme(query.as_deref())?;
    let id = PublicId::parse(&id).ok_or_else(|| ApiError::not_found("Not Found"))?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let image = page::qr_code(&format!("{scheme}://{host}/p/{id}"))
        .ok_or_else(|| ApiError::not_found("The link is too long for a QR code"))?;
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "private, max-age=3600")];
    Ok((headers, image).into_response())
}

fn scheme(query: Option<&str>) -> Result<String, ApiError> {
    let mut query = Query::parse(query);
    let scheme = query.required("scheme");
    let known = scheme.filter(|scheme| {
        let is_known = scheme == "http" || scheme == "https";
        if !is_known {
            query.fault("scheme", "value_error", "Use http or https");
        }
        is_known
    });
    query.finish(known).map_err(ApiError::bad_request)
}
