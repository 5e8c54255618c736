//! What keeps the service going when more is asked of it than it can do: limits on connections, on requests under way, on
//! the bytes of bodies and on long computations. Whatever is beyond them is refused at once, with 503 and the code
//! `overloaded`, and fairly among clients.

mod admission;
mod args;
mod compute_pool;
mod connections;
mod fair_queue;
mod refusals;

pub(crate) use admission::{Admission, BodyAdmission, admit, refusing};
pub use args::LimitArgs;
pub use compute_pool::ComputePool;
pub(crate) use connections::ConnectionLimits;
pub(crate) use fair_queue::FairQueue;
pub(crate) use refusals::{Excess, Refusals};
