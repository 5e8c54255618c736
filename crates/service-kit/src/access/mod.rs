//! Who may use the API: the setting, who a caller is, and the check before every public operation.

mod authorise;
mod callers;
mod service_secret;
pub(crate) mod session_cookie;
mod setting;

pub(crate) use authorise::{Authorisation, is_of, not_theirs, rule_of, signed_out, token};
pub(crate) use callers::callers_route;
pub use callers::{CallerSource, Callers};
pub use service_secret::ServiceSecret;
pub use session_cookie::{ended as ended_session_cookie, started as session_cookie};
pub use setting::Access;
