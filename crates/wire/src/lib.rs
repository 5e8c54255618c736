//! The wire contract: the shapes of requests and replies, and how bad input is named.
//!
//! Bodies and queries are parsed here rather than by `derive`, because every fault of a request is reported at
//! once, each with the place where it stands.

mod attendees;
mod availabilities;
mod case_id;
mod email;
mod fault;
mod meeting;
mod person;
mod query;
mod routes;
mod time;

pub use attendees::Attendees;
pub use availabilities::Availabilities;
pub use case_id::CaseId;
pub use email::Email;
pub use fault::{ErrorBody, Fault, Fields, Loc};
pub use meeting::{
    GroupAvailability, PairAvailability, PersonPreference, Suggestion, Suggestions, preference_parameter,
};
pub use person::{NewPerson, PeopleBatch, Person, parse_preference};
pub use query::Query;
pub use routes::{DEFAULT_BACKEND, GATEWAY_HEALTH, GATEWAY_HEALTH_BACKEND, ROUTES, Route};
pub use time::Timestamp;
