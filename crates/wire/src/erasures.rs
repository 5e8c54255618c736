//! How worker-service learns of whom it has to erase what it has, at `/erasures`.

use serde::{Deserialize, Serialize};

/// Somebody of whom nothing is to be left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// Under which it is said to be done.
    pub id: String,
    /// Their address as [`Email::key`](crate::Email::key) has it.
    pub address_key: String,
    /// The account whose jobs are theirs.
    pub account: Option<String>,
    /// Polls of which jobs may name them.
    pub polls: Vec<String>,
    /// Mails that went to them or name them.
    pub mails: Vec<String>,
}

/// The reply of `GET /erasures`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasuresReply {
    /// Those that have waited for long enough, at most [`ErasuresReply::MAX`].
    pub erasures: Vec<Erasure>,
}

impl ErasuresReply {
    /// Most erasures in one reply.
    pub const MAX: u32 = 100;
}

/// The body of `POST /erasures/done`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasuresDoneRequest {
    /// Those of which nothing is left.
    pub ids: Vec<String>,
}
