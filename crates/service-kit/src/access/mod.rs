//! Who may use the API: the setting, who a caller is, and the check before every public operation.

mod authorise;
mod callers;
mod setting;

pub(crate) use authorise::{Authorisation, is_of, not_theirs, signed_out};
pub(crate) use callers::callers_route;
pub use callers::{CallerSource, Callers};
pub use setting::Access;
