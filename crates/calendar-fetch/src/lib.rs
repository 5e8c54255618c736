//! Calendars are fetched from URLs that anybody may give. So they must not lead into the network that we are in: what is
//! asked of a URL, and of the addresses that its host has at the moment of connecting, stands here.

mod addresses;
#[cfg(feature = "client")]
mod client;
mod policy;
#[cfg(feature = "client")]
mod resolver;

pub use addresses::is_public;
#[cfg(feature = "client")]
pub use client::{FetchError, Fetched, Fetcher, Limits, Lookup, Resolved};
pub use policy::{CalendarUrl, EgressArgs, EgressPolicy, UrlRefusal};
