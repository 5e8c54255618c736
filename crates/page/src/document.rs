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

/// Most characters of a description that previews show.
const MAX_DESCRIPTION: usize = 200;

/// What a document says of itself before any script runs: chat programs show it beside a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'a> {
    /// Its title.
    pub title: &'a str,
    /// What it is about, in a sentence or two.
    pub description: &'a str,
    /// What it shows first, which then is loaded at once.
    pub screen: Screen,
    /// Whether it offers how the platform is doing.
    pub has_status: bool,
    /// Who may use the API, by the name of the setting. Where that is not everybody, it offers to sign in.
    pub access: &'a str,
}

/// What a document shows first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// A poll.
    Poll,
    /// What is kept of a person: calendars, account.
    Person,
    /// Any other.
    Other,
}

impl Screen {
    /// The file that the screen is in.
    fn file(self) -> &'static str {
        match self {
            Screen::Poll => "poll.js",
            Screen::Person => "person.js",
            Screen::Other => "screens.js",
        }
    }
}

/// The page as HTML. What is filled in is shown as text, whatever is in it.
pub fn document(status: StatusCode, document: &Document<'_>) -> Response<Body> {
    let described: String = document.description.chars().take(MAX_DESCRIPTION).collect();
    let text = index()
        .replace("{{screen}}", document.screen.file())
        .replace("{{static}}", &format!("{STATIC_PATH}/{}", build()))
        .replace("{{status}}", if document.has_status { "yes" } else { "no" })
        .replace("{{access}}", &filled_in(document.access))
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
