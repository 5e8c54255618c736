//! Who may do what: every operation that a gateway passes on, each with its rule.
//!
//! This is the only place that decides. A test compares it with the routes of all services, both ways.

use serde::{Deserialize, Serialize};

use crate::{Fault, RequestBody, Timestamp};

/// Who may do something where access is not open. Whoever has to be signed in may do it for others, too, as an
/// administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Everybody. What a poll shows and takes is decided by the poll, by its link and its own tokens.
    Anybody,
    /// Everybody, but only who is signed in where access is closed.
    AnybodyUnlessClosed,
    /// Whoever is signed in, about themselves alone, and so also where access is open.
    OwnAccount,
    /// Whoever is signed in. The operation itself sees to it that a job is the caller's own.
    SignedIn,
    /// Whoever has the address in the path.
    Oneself,
    /// Whoever has the address that the request names. The operation itself asks for that.
    OneselfInRequest,
    /// Any of the people about whom the request asks. The operation itself asks for that.
    AmongThoseAsked,
    /// Administrators.
    Administrator,
    /// Administrators, and so also where access is open.
    AccountAdministrator,
}

/// An operation and who may do it.
#[derive(Clone, Copy, Debug)]
pub struct AccessRule {
    /// Its method. What may be read by GET may be read by HEAD.
    pub method: &'static str,
    /// Its path behind a gateway.
    pub path: &'static str,
    /// Who may do it.
    pub permission: Permission,
}

impl AccessRule {
    /// Whether it leaves everything as it is, so that a token for reading is enough. Questions have bodies, and are asked
    /// by POST.
    pub fn only_reads(&self) -> bool {
        matches!(self.method, "GET") || self.permission == Permission::AmongThoseAsked
    }

    /// Whether the audit trail has an entry where somebody does it who is signed in, or who signs in by it: all that concerns
    /// somebody or a poll. Pages, descriptions and limits are the same for everybody.
    pub fn is_audited(&self) -> bool {
        self.permission != Permission::Anybody || self.path.contains("/polls/{id}") || self.signs_in()
    }

    /// Whether somebody may be signed in by it who has not been before.
    pub fn signs_in(&self) -> bool {
        self.path == "/users/sessions" || self.path.ends_with("/callback")
    }

    /// Whether it asks who somebody is where access is open, too.
    pub fn concerns_accounts(&self) -> bool {
        matches!(self.permission, Permission::OwnAccount | Permission::AccountAdministrator)
    }
}

const fn rule(method: &'static str, path: &'static str, permission: Permission) -> AccessRule {
    AccessRule { method, path, permission }
}

/// Every operation that gateways pass on. What is not here is refused where access is not open.
#[rustfmt::skip]
pub const ACCESS_RULES: &[AccessRule] = &[
    // The page and what every service tells of itself.
    rule("GET", "/", Permission::Anybody),
    rule("GET", "/health", Permission::Anybody),
    rule("GET", "/docs", Permission::Anybody),
    rule("GET", "/polls", Permission::Anybody),
    rule("GET", "/status", Permission::Anybody),
    rule("GET", "/calendars", Permission::Anybody),
    rule("GET", "/account", Permission::Anybody),
    rule("GET", "/p/{id}", Permission::Anybody),
    rule("GET", "/p/{id}/qr.svg", Permission::Anybody),
    rule("GET", "/static/{build}/{*path}", Permission::Anybody),
    rule("GET", "/users", Permission::Anybody),
    rule("GET", "/users/health", Permission::Anybody),
    rule("GET", "/users/docs", Permission::Anybody),
    rule("GET", "/users/openapi.json", Permission::Anybody),
    rule("GET", "/users/limits", Permission::Anybody),
    rule("GET", "/availability", Permission::Anybody),
    rule("GET", "/availability/health", Permission::Anybody),
    rule("GET", "/availability/docs", Permission::Anybody),
    rule("GET", "/availability/openapi.json", Permission::Anybody),
    rule("GET", "/availability/limits", Permission::Anybody),
    rule("GET", "/suggestion", Permission::Anybody),
    rule("GET", "/suggestion/health", Permission::Anybody),
    rule("GET", "/suggestion/docs", Permission::Anybody),
    rule("GET", "/suggestion/openapi.json", Permission::Anybody),
    rule("GET", "/suggestion/limits", Permission::Anybody),
    rule("GET", "/worker", Permission::Anybody),
    rule("GET", "/worker/health", Permission::Anybody),
    rule("GET", "/worker/docs", Permission::Anybody),
    rule("GET", "/worker/openapi.json", Permission::Anybody),
    rule("GET", "/worker/limits", Permission::Anybody),
    // How much work waits is shown where STATUS_PAGE says so.
    rule("GET", "/worker/queue", Permission::Anybody),

    // Accounts. A link that came by mail is what lets somebody in, or what a provider of identities says: in the browser, and,
    // to sign out, by a token that it has signed.
    rule("POST", "/users/sign-ins", Permission::Anybody),
    rule("POST", "/users/sessions", Permission::Anybody),
    rule("GET", "/users/identity-providers", Permission::Anybody),
    rule("POST", "/users/identity-providers/{name}/sign-ins", Permission::Anybody),
    rule("GET", "/users/identity-providers/{name}/callback", Permission::Anybody),
    rule("POST", "/users/identity-providers/{name}/back-channel-logout", Permission::Anybody),
    rule("GET", "/users/account/polls", Permission::OwnAccount),
    rule("POST", "/users/account/polls", Permission::OwnAccount),
    rule("POST", "/users/account/polls/{id}/tokens", Permission::OwnAccount),
    rule("DELETE", "/users/account/polls/{id}", Permission::OwnAccount),
    rule("GET", "/users/account/sessions", Permission::OwnAccount),
    rule("DELETE", "/users/account/sessions/{id}", Permission::OwnAccount),
    rule("GET", "/users/account", Permission::OwnAccount),
    rule("DELETE", "/users/account", Permission::OwnAccount),
    rule("GET", "/users/account/export", Permission::OwnAccount),
    rule("GET", "/users/account/audit", Permission::OwnAccount),
    rule("GET", "/users/audit", Permission::AccountAdministrator),
    rule("GET", "/users/account/tokens", Permission::OwnAccount),
    rule("POST", "/users/account/tokens", Permission::OwnAccount),
    rule("DELETE", "/users/account/tokens/{id}", Permission::OwnAccount),
    rule("POST", "/users/accounts/{email}/tokens", Permission::AccountAdministrator),
    rule("DELETE", "/users/accounts/{email}", Permission::AccountAdministrator),
    rule("GET", "/users/accounts/{email}/export", Permission::AccountAdministrator),

    // People.
    rule("POST", "/users/users", Permission::OneselfInRequest),
    rule("GET", "/users/users/{email}", Permission::Oneself),
    rule("PUT", "/users/users/{email}", Permission::Oneself),
    rule("DELETE", "/users/users/{email}", Permission::Oneself),
    rule("GET", "/users/user-avail/cache-aside", Permission::AmongThoseAsked),
    rule("GET", "/users/users/{email}/schedule", Permission::Oneself),
    rule("PUT", "/users/users/{email}/schedule", Permission::Oneself),
    rule("GET", "/users/users/{email}/freebusy", Permission::Oneself),
    rule("GET", "/users/users/{email}/calendars", Permission::Oneself),
    rule("PUT", "/users/users/{email}/calendars/{name}", Permission::Oneself),
    rule("DELETE", "/users/users/{email}/calendars/{name}", Permission::Oneself),
    rule("POST", "/users/users/{email}/feed", Permission::Oneself),
    rule("DELETE", "/users/users/{email}/feed", Permission::Oneself),
    // Calendar programs read these by the feed's own token.
    rule("GET", "/users/users/{email}/calendar.ics", Permission::Anybody),
    rule("GET", "/users/users/{email}/freebusy.ics", Permission::Anybody),
    // Keeps nothing and tells nothing of anybody who is stored.
    rule("POST", "/users/calendars/read", Permission::Anybody),
    rule("GET", "/availability/availabilities", Permission::AmongThoseAsked),
    rule("POST", "/availability/availabilities", Permission::AmongThoseAsked),
    rule("POST", "/availability/freebusy", Permission::AmongThoseAsked),
    rule("GET", "/suggestion/suggestions", Permission::AmongThoseAsked),
    rule("POST", "/suggestion/suggestions", Permission::AmongThoseAsked),
    rule("POST", "/suggestion/find-times", Permission::AmongThoseAsked),

    // Polls.
    rule("POST", "/users/polls", Permission::AnybodyUnlessClosed),
    rule("POST", "/users/polls/{id}/duplicate", Permission::AnybodyUnlessClosed),
    rule("GET", "/users/polls/{id}", Permission::Anybody),
    rule("PATCH", "/users/polls/{id}", Permission::Anybody),
    rule("DELETE", "/users/polls/{id}", Permission::Anybody),
    rule("POST", "/users/polls/{id}/restore", Permission::Anybody),
    rule("GET", "/users/polls/{id}/events", Permission::Anybody),
    rule("GET", "/users/polls/{id}/export.csv", Permission::Anybody),
    rule("GET", "/users/polls/{id}/export.json", Permission::Anybody),
    rule("GET", "/users/polls/{id}/export", Permission::Anybody),
    rule("GET", "/users/polls/{id}/grid", Permission::Anybody),
    rule("GET", "/users/polls/{id}/meeting.ics", Permission::Anybody),
    rule("PUT", "/users/polls/{id}/decision", Permission::Anybody),
    rule("DELETE", "/users/polls/{id}/decision", Permission::Anybody),
    rule("POST", "/users/polls/{id}/invitations", Permission::Anybody),
    rule("POST", "/users/polls/{id}/participants", Permission::Anybody),
    rule("PATCH", "/users/polls/{id}/participants/{pid}", Permission::Anybody),
    rule("DELETE", "/users/polls/{id}/participants/{pid}", Permission::Anybody),
    rule("DELETE", "/users/polls/{id}/participants/{pid}/proposal", Permission::Anybody),
    rule("GET", "/users/polls/{id}/participants/{pid}/answer", Permission::Anybody),
    // An answer by a schedule tells of a stored person, and is theirs alone: the operation asks for that.
    rule("PUT", "/users/polls/{id}/participants/{pid}/answer", Permission::Anybody),
    rule("GET", "/availability/polls/{id}/heatmap", Permission::Anybody),
    rule("POST", "/suggestion/polls/{id}/suggestions", Permission::Anybody),

    // Mails: by the token in them, and by their signature.
    rule("GET", "/users/unsubscribe", Permission::Anybody),
    rule("POST", "/users/unsubscribe", Permission::Anybody),
    rule("POST", "/worker/inbound-mail", Permission::Anybody),
    rule("GET", "/worker/mail", Permission::Administrator),

    // Jobs.
    rule("POST", "/worker/tasks", Permission::SignedIn),
    rule("GET", "/worker/tasks", Permission::SignedIn),
    rule("GET", "/worker/tasks/{job_id}", Permission::SignedIn),
    rule("GET", "/worker/account/export", Permission::OwnAccount),
    rule("GET", "/worker/accounts/{email}/export", Permission::AccountAdministrator),
];

/// The body of `POST /callers`: whose token this is. It is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerRequest {
    /// The SHA-256 of the token in base64url; the token itself goes no further than to whom it was sent.
    pub token_hash: String,
}

impl RequestBody for CallerRequest {
    fn faults(&self) -> Vec<Fault> {
        Vec::new()
    }
}

/// Somebody who is signed in: the reply of `POST /callers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its id, which is not told to others.
    pub id: String,
    /// The id of the token, or of the session, by which they are signed in; none for the installation's secret.
    #[serde(default)]
    pub token_id: Option<String>,
    /// The address whose owner it is; none for the administrator who has no account but the installation's secret.
    pub email: Option<String>,
    /// Whether they may do everything for everybody.
    pub is_administrator: bool,
    /// Whether the token is for more than reading.
    pub may_write: bool,
    /// When the token ends; the administrator's does not.
    pub expires_at: Option<Timestamp>,
}
