use serde::{Deserialize, Serialize};

use crate::{
    Fault,
    input::{list, read_body, sentence},
};

/// The body of `POST /polls/{id}/addresses`, which is for other services alone: who has given these addresses?
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressesRequest {
    /// At most 1,000 addresses, in any case.
    pub addresses: Vec<String>,
}

impl AddressesRequest {
    /// Most addresses in one request.
    pub const MAX_ADDRESSES: usize = 1_000;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<AddressesRequest, Vec<Fault>> {
        read_body(body, |fields| {
            let addresses = fields.required("addresses", list(Self::MAX_ADDRESSES, sentence(1..=320, false)));
            Some(AddressesRequest { addresses: addresses? })
        })
    }
}

/// The reply of `POST /polls/{id}/addresses`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddressesReply {
    /// For each address the ids of the participants who have given it.
    pub participants: Vec<Vec<String>>,
}
