use std::{collections::BTreeMap, convert::Infallible, net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, Request},
    http::{Extensions, HeaderMap, HeaderValue, request::Parts},
};
use opentelemetry::Context;
use wire::{Account, CaseId};

use crate::{
    ApiError,
    access::{is_of, not_theirs, signed_out},
    audit::AuditNotes,
    middleware::CASE_ID,
    propagation,
};

/// What goes along with a request or a job through all services: its Case-ID, who asks, and its trace. It is the first
/// parameter of every call that needs it.
#[derive(Clone, Debug)]
pub struct RequestContext {
    case_id: CaseId,
    caller: Caller,
    client: Option<IpAddr>,
    /// The trace as the request or the message named it.
    trace: Context,
    /// Of requests that the audit trail has entries of.
    notes: Option<Arc<AuditNotes>>,
}

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Caller {
    /// It does not matter: everything is open, or the platform itself asks.
    #[default]
    Anyone,
    /// Somebody who has not said who they are.
    Nobody,
    /// Somebody who is signed in.
    Account(Arc<Account>),
}

impl RequestContext {
    pub(crate) fn new(case_id: CaseId, client: Option<IpAddr>, trace: Context) -> RequestContext {
        RequestContext { case_id, caller: Caller::Anyone, client, trace, notes: None }
    }

    /// That of a request, or a new one for what no middleware has seen.
    pub(crate) fn of_parts(parts: &Parts) -> RequestContext {
        RequestContext::of(&parts.extensions, &parts.headers)
    }

    /// The same of a request that is whole.
    pub(crate) fn of_request(request: &Request) -> RequestContext {
        RequestContext::of(request.extensions(), request.headers())
    }

    fn of(extensions: &Extensions, headers: &HeaderMap) -> RequestContext {
        extensions
            .get::<RequestContext>()
            .cloned()
            .unwrap_or_else(|| RequestContext::new(CaseId::fresh(), None, propagation::of_headers(headers)))
    }

    /// For what the process does of itself, under a Case-ID of its own.
    pub fn of_background(case_id: CaseId) -> RequestContext {
        RequestContext::new(case_id, None, Context::new())
    }

    pub fn case_id(&self) -> &CaseId {
        &self.case_id
    }

    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The same, asked by somebody else.
    pub(crate) fn by(self, caller: Caller) -> RequestContext {
        RequestContext { caller, ..self }
    }

    /// The same, with what the audit trail learns of it.
    pub(crate) fn with_notes(self, notes: Arc<AuditNotes>) -> RequestContext {
        RequestContext { notes: Some(notes), ..self }
    }

    pub(crate) fn notes(&self) -> Option<&AuditNotes> {
        self.notes.as_deref()
    }

    /// Has the audit trail say that this account was signed in by the request.
    pub fn note_sign_in(&self, account_id: &str) {
        if let Some(notes) = self.notes() {
            notes.set_signed_in(account_id);
        }
    }

    /// The id of the account by which this is asked, if anybody is signed in.
    pub fn account_id(&self) -> Option<&str> {
        match &self.caller {
            Caller::Account(account) => Some(&account.id),
            Caller::Anyone | Caller::Nobody => None,
        }
    }

    /// The account by which this is asked.
    ///
    /// # Errors
    /// 401 where nobody is signed in.
    pub fn account(&self) -> Result<&Account, ApiError> {
        match &self.caller {
            Caller::Account(account) => Ok(account),
            Caller::Anyone | Caller::Nobody => Err(signed_out()),
        }
    }

    /// Whether who asks is one of these people, or may ask about everybody. The audit trail says that it was about them.
    ///
    /// # Errors
    /// 401 or 403 when not.
    pub fn require_among<'a>(
        &self,
        addresses: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Result<(), ApiError> {
        if let Some(notes) = self.notes() {
            notes.add_people(addresses.clone());
        }
        match &self.caller {
            Caller::Anyone => Ok(()),
            Caller::Nobody => Err(signed_out()),
            Caller::Account(account) if account.is_administrator => Ok(()),
            Caller::Account(account) => {
                let is_there = addresses.into_iter().any(|address| is_of(account, address));
                if is_there { Ok(()) } else { Err(not_theirs()) }
            }
        }
    }

    /// The address that a request came from, as far as trusted proxies tell; none for jobs and for requests from within
    /// this process.
    pub fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// The headers to send on every onward HTTP call: Case-ID and W3C trace context of the current span.
    pub fn onward(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(3);
        if let Ok(value) = HeaderValue::from_str(self.case_id.as_str()) {
            headers.insert(CASE_ID, value);
        }
        propagation::inject(&self.trace, &mut headers);
        headers
    }

    /// The trace context of the current span as text, for the headers of a queue message.
    pub fn carrier(&self) -> BTreeMap<String, String> {
        propagation::message_headers(&self.trace)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<RequestContext, Infallible> {
        Ok(RequestContext::of_parts(parts))
    }
}
