//! How often somebody may ask: an allowance of units in each minute or hour for a client's address, an account or a poll,
//! for all replicas of all services together. Whoever has used theirs up is answered with 429.

mod allowances;
mod args;
mod client_quota;
mod counts;
mod request_limits;

pub use allowances::Allowances;
pub use args::RateArgs;
pub use client_quota::ClientQuota;
pub use counts::{AllowanceSource, LocalCounts};

pub(crate) use allowances::allowances_route;
pub(crate) use request_limits::{Asked, RateHeaders, RequestLimits};

#[cfg(test)]
mod tests;
