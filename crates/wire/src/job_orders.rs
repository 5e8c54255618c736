//! How worker-service takes over orders of jobs from user-service, at `/job-orders`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Fault,
    input::{integer, list, read_body, sentence},
};

/// The body of `POST /job-orders/claims`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimOrdersRequest {
    /// Most orders that are wanted, up to [`ClaimOrdersRequest::MAX`].
    pub limit: u32,
}

impl ClaimOrdersRequest {
    /// Most orders in one reply.
    pub const MAX: u32 = 256;

    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<ClaimOrdersRequest, Vec<Fault>> {
        read_body(body, |fields| {
            let limit = fields.required("limit", integer(1..=Self::MAX));
            Some(ClaimOrdersRequest { limit: limit? })
        })
    }
}

/// The reply of `POST /job-orders/claims`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimOrdersReply {
    /// Orders that nobody else gets for half a minute.
    pub orders: Vec<ClaimedOrder>,
}

/// An order of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimedOrder {
    /// Of two orders with the same id one job is made.
    pub id: String,
    /// The kind of job.
    pub kind: String,
    /// What the job is told.
    pub payload: Value,
    /// Of the request that it comes from.
    pub case_id: String,
}

/// The body of `POST /job-orders/taken`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenOrdersRequest {
    /// Orders that are stored as jobs now.
    pub ids: Vec<String>,
}

impl TakenOrdersRequest {
    /// Reads the body.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn parse(body: &[u8]) -> Result<TakenOrdersRequest, Vec<Fault>> {
        read_body(body, |fields| {
            let ids =
                fields.required("ids", list(ClaimOrdersRequest::MAX as usize, sentence(1..=200, false)));
            Some(TakenOrdersRequest { ids: ids? })
        })
    }
}
