use std::{mem, sync::Arc};

use axum::{
    extract::{FromRequestParts, RawPathParams, Request},
    http::StatusCode,
};
use parking_lot::Mutex;
use wire::{AccessRule, Account, AuditEntry, CaseId, Email, Timestamp};

use super::AuditTrail;
use crate::RequestContext;

/// Longest address that is noted, in bytes: no stored one is longer, and blanks may stand around it.
const LONGEST_ADDRESS: usize = 2 * Email::MAX_LENGTH;
/// Longest id that is noted; what is longer is none of ours.
const LONGEST_ID: usize = 64;

/// What is learnt of a request while it is answered, by whoever has its context.
#[derive(Debug, Default)]
pub(crate) struct AuditNotes(Mutex<Noted>);

#[derive(Debug, Default)]
struct Noted {
    account_id: Option<String>,
    is_administrator: bool,
    people: Vec<String>,
}

impl AuditNotes {
    /// The request is this account's.
    pub(crate) fn set_account(&self, account: &Account) {
        let mut noted = self.0.lock();
        noted.account_id = Some(account.id.clone());
        noted.is_administrator = account.is_administrator;
    }

    /// Somebody has signed in by it.
    pub(crate) fn set_signed_in(&self, account_id: &str) {
        self.0.lock().account_id = Some(account_id.to_owned());
    }

    /// It is about these people, but for what nobody has for an address: it may be of any length, and entries are sent together.
    pub(crate) fn add_people<'a>(&self, addresses: impl IntoIterator<Item = &'a str>) {
        let is_possible =
            |address: &&str| address.len() <= LONGEST_ADDRESS && !address.contains(char::is_control);
        self.0.lock().people.extend(addresses.into_iter().filter(is_possible).map(str::to_owned));
    }
}

/// A request whose outcome is noted if it turns out to be somebody's who is signed in; also when its client leaves before there
/// is an outcome.
pub(crate) struct AuditedRequest {
    trail: AuditTrail,
    rule: &'static AccessRule,
    at: Timestamp,
    case_id: CaseId,
    object_id: Option<String>,
    notes: Arc<AuditNotes>,
    is_noted: bool,
}

impl AuditedRequest {
    /// The request, whose context has the notes from now on.
    pub(crate) async fn begin(
        trail: &AuditTrail,
        rule: &'static AccessRule,
        request: Request,
    ) -> (AuditedRequest, Request) {
        let (mut parts, body) = request.into_parts();
        let notes = Arc::new(AuditNotes::default());
        let context = RequestContext::of_parts(&parts).with_notes(notes.clone());
        let mut object_id = None;
        if let Ok(values) = RawPathParams::from_request_parts(&mut parts, &()).await {
            for (name, value) in &values {
                match name {
                    "email" => notes.add_people([value]),
                    "id" | "job_id" if is_id(value) => object_id = Some(value.to_owned()),
                    // The names of calendars and providers are what somebody wrote.
                    _ => (),
                }
            }
        }
        let audited = AuditedRequest {
            trail: trail.clone(),
            rule,
            at: Timestamp::now(),
            case_id: context.case_id().clone(),
            object_id,
            notes,
            is_noted: false,
        };
        parts.extensions.insert(context);
        (audited, Request::from_parts(parts, body))
    }

    /// Notes how it ended.
    pub(crate) fn end(mut self, status: StatusCode) {
        self.note(Some(status));
    }

    fn note(&mut self, status: Option<StatusCode>) {
        if mem::replace(&mut self.is_noted, true) {
            return;
        }
        let noted = mem::take(&mut *self.notes.0.lock());
        let Some(account_id) = noted.account_id else { return };
        let mut people = noted.people;
        people.sort_unstable();
        people.dedup();
        let entry = AuditEntry {
            id: AuditEntry::fresh_id(),
            at: self.at,
            case_id: self.case_id.to_string(),
            account_id,
            is_administrator: noted.is_administrator,
            method: self.rule.method.to_owned(),
            route: self.rule.path.to_owned(),
            object_id: self.object_id.take(),
            people,
            status: status.map(|status| status.as_u16()),
        };
        self.trail.note(entry, self.rule.only_reads());
    }
}

impl Drop for AuditedRequest {
    fn drop(&mut self) {
        self.note(None);
    }
}

fn is_id(text: &str) -> bool {
    text.len() <= LONGEST_ID && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
