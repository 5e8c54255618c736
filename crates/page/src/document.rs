use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};

use service_kit::escape_html;

use crate::assets::{build, index};

/// Where the files are: `/static/{build}/{path}`.
pub const STATIC_PATH: &str = "/static";

/// What the page may do in a browser: run and load what comes from where it came from itself, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The file of a poll's screen, and that of all others.
const SCREEN_FILES: [&str; 2] = ["poll.js", "screens.js"];

/// Most characters of a description that previews show.
const MAX_DESCRIPTION: usize = 200;

/// What a document says of itself before any script runs: chat programs show it beside a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// Its title.
    pub title: &'a str,
    /// What it is about, in a sentence or two.
    pub description: &'a str,
    /// Whether it shows a poll, whose screen then is loaded at once.
    pub is_poll: bool,
    /// Whether it offers how the platform is doing.
    pub has_status: bool,
}

/// The page as HTML. What is filled in is shown as text, whatever is in it.
pub fn document(status: StatusCode, document: &Document<'_>) -> Response<Body> {
    let described: String = document.description.chars().take(MAX_DESCRIPTION).collect();
    let text = index()
        .replace("{{screen}}", SCREEN_FILES[usize::from(!document.is_poll)])
        .replace("{{static}}", &format!("{STATIC_PATH}/{}", build()))
        .replace("{{status}}", if document.has_status { "yes" } else { "no" })
        .replace("{{title}}", &filled_in(document.title))
        .replace("{{description}}", &filled_in(&described));
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A text as it may stand in the document: as text, and none that looks like a place to fill in.
fn filled_in(text: &str) -> String {
    escape_html(text).replace('{', "&#123;")
}
