use serde::{Deserialize, Serialize};

use crate::{
    Fault,
    input::{list, read_body, sentence},
};

/// The body of `POST /polls/{id}/participants-by-email`, which is for other services alone: who has given these addresses?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantsByEmailRequest {
    /// At most 1,000 addresses, in any case.
    pub emails: Vec<String>,
}

impl ParticipantsByEmailRequest {
    /// Most addresses in one request.
    pub const MAX_EMAILS: usize = 1_000;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<ParticipantsByEmailRequest, Vec<Fault>> {
        read_body(body, |fields| {
            let emails = fields.required("emails", list(Self::MAX_EMAILS, sentence(1..=320, false)));
            Some(ParticipantsByEmailRequest { emails: emails? })
        })
    }
}

/// The reply of `POST /polls/{id}/participants-by-email`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantsByEmailReply {
    /// For each address the ids of the participants who have given it.
    pub participants: Vec<Vec<String>>,
}
