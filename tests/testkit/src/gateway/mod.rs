//! The gateway and the balancers between services, as nginx sees them.

mod config;
mod faults;
mod site;

pub use site::{Route, Site};
