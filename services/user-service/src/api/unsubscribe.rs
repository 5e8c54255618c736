//! How an address is taken off all lists: by one click of a mail program (RFC 8058), or on a page that asks.

use axum::{
    extract::{RawQuery, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use service_kit::{ApiError, RouteSettings, Routes, ServeArgs};
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{Language, Query, Timestamp};

use crate::db::{Mails, PollError};

/// Nothing is loaded, and the form goes nowhere else.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'";

pub(super) fn routes(args: &ServeArgs, mails: Mails) -> Routes {
    // Mail programs send a form, of which nothing is read.
    let content_types = &["application/x-www-form-urlencoded", "multipart/form-data"];
    let settings = RouteSettings { content_types, ..RouteSettings::new(args) };
    let routes = OpenApiRouter::new().routes(routes!(ask, unsubscribe)).with_state(mails);
    Routes::default().with(settings, routes)
}

/// A page that asks whether an address is to get no more mails. Mail programs that look at links change nothing by it.
#[utoipa::path(get, path = "/unsubscribe", operation_id = "ask_to_unsubscribe", params(
    ("token" = String, Query, pattern = "^[A-Za-z0-9_-]{43}$", description = "As in the mail"),
    ("Accept-Language" = Option<String>, Header, description = "German for `de`, else English"),
), responses(
    (status = 200, description = "The page", body = String, content_type = "text/html"),
    (status = 400, description = "There is no token, or it is not whole"),
))]
async fn ask(headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, ApiError> {
    token(query.as_deref())?;
    let said = texts(&headers);
    // The form goes to this same address, token and all.
    let form = format!("<form method=\"post\"><button>{}</button></form>", said.action);
    Ok(page(&said, said.question, &form))
}

/// Sends no more mails to the address of this token. Once more it is the same.
#[utoipa::path(post, path = "/unsubscribe", operation_id = "unsubscribe", params(
    ("token" = String, Query, pattern = "^[A-Za-z0-9_-]{43}$", description = "As in the mail"),
    ("Accept-Language" = Option<String>, Header, description = "German for `de`, else English"),
), responses(
    (status = 200, description = "The address gets no more mails", body = String, content_type = "text/html"),
    (status = 400, description = "There is no token, or it is not whole"),
    (status = 404, description = "No mail has this token"),
    (status = 503, description = "The database is unavailable"),
))]
async fn unsubscribe(
    State(mails): State<Mails>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let token = token(query.as_deref())?;
    if !mails.unsubscribe(&token, Timestamp::now()).await.map_err(PollError::Sql)? {
        return Err(ApiError::not_found("No mail has this token"));
    }
    let said = texts(&headers);
    Ok(page(&said, said.done, ""))
}

fn token(query: Option<&str>) -> Result<String, ApiError> {
    let mut query = Query::parse(query);
    let token = query.required("token").filter(|token| {
        let is_token = token.len() == 43
            && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if !is_token {
            query.fault("token", "value_error", "It is no token of a mail; use the whole link");
        }
        is_token
    });
    query.finish(token).map_err(ApiError::bad_request)
}

struct Texts {
    language: Language,
    title: &'static str,
    question: &'static str,
    action: &'static str,
    done: &'static str,
}

fn texts(headers: &HeaderMap) -> Texts {
    let wanted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    match wanted {
        Some(wanted) if wanted.trim_start().to_ascii_lowercase().starts_with("de") => Texts {
            language: Language::De,
            title: "Keine Mails mehr",
            question: "Sollen an deine Adresse keine Mails von W2Meet mehr gehen?",
            action: "Keine Mails mehr",
            done: "An deine Adresse gehen keine Mails von W2Meet mehr.",
        },
        _ => Texts {
            language: Language::En,
            title: "No more mails",
            question: "Shall W2Meet send no more mails to your address?",
            action: "No more mails",
            done: "W2Meet sends no more mails to your address.",
        },
    }
}

fn page(said: &Texts, text: &str, form: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{} – W2Meet</title>\n\
         <style>body{{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}\
         button{{font:inherit;padding:.75rem 1.25rem}}</style>\n</head>\n\
         <body>\n<main>\n<h1>{}</h1>\n<p>{text}</p>\n{form}\n</main>\n</body>\n</html>\n",
        said.language.tag(),
        said.title,
        said.title,
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::VARY, "Accept-Language"),
    ];
    (StatusCode::OK, headers, html).into_response()
}
