//! The steps from which tests of the whole platform are made: requests whose replies are checked for their shape,
//! people and jobs that nobody else has, one platform for all cases of a test program.
//!
//! The tests themselves are in `tests/`: `contract` runs one suite on both forms of the platform, `bad_input` sends
//! what no client should, `faults` takes away what the platform stands on.

mod api;
mod clients;
pub mod contended;
pub mod crosswise;
pub mod history;
pub mod jobs;
pub mod load;
pub mod people;
pub mod raw;
mod reply;
mod stage;

pub use api::{Api, Call};
pub(crate) use clients::{Clients, Progress};
pub use reply::Reply;
pub use stage::{Process, SERVICES, ServiceFacts, Stage, URL_VARIABLE, run, run_elsewhere};
pub use testkit::{Form, eventually};
