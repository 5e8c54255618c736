//! What services note of who did what, which user-service keeps.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Fault, RequestBody, Timestamp};

/// Something that an account did or tried to do. It has none of what was sent or told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// UUID version 7, by which entries follow each other. An entry that comes twice is kept once.
    pub id: String,
    /// When it was asked for.
    pub at: Timestamp,
    /// The Case-ID of the request, by which its log lines are found.
    pub case_id: String,
    /// The id of the account.
    pub account_id: String,
    /// Whether it was an administrator's then.
    pub is_administrator: bool,
    /// The method.
    pub method: String,
    /// The route, such as `/users/users/{email}`: without what stood in its braces.
    pub route: String,
    /// The id in the path: of a poll, a job, a token or a session.
    pub object_id: Option<String>,
    /// The addresses of those whom it is about. They are kept as ids of stored people and accounts alone.
    pub people: Vec<String>,
    /// The status of the reply; none when the client left before there was one.
    pub status: Option<u16>,
}

impl AuditEntry {
    /// The id of an entry that is made now.
    pub fn fresh_id() -> String {
        Uuid::now_v7().to_string()
    }
}

/// The body of `POST /audit-entries`. It is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntriesRequest {
    /// At most [`AuditEntriesRequest::MAX`].
    pub entries: Vec<AuditEntry>,
}

impl AuditEntriesRequest {
    /// Most entries of one request.
    pub const MAX: usize = 100;
    /// Most people of all of them, unless one entry alone has more.
    pub const MAX_PEOPLE: usize = 1_000;
}

impl RequestBody for AuditEntriesRequest {
    fn faults(&self) -> Vec<Fault> {
        let too_many = (self.entries.len() > Self::MAX).then(|| {
            let msg = format!("Send at most {} entries", Self::MAX);
            Fault::new(["body", "entries"], "too_long", msg)
        });
        too_many.into_iter().collect()
    }
}
