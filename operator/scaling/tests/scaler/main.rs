//! The scaler by its public face: the table of cases, the mistakes of comparable scalers, what must always
//! hold, and what it learns.

mod cases;
mod estimates;
mod limits;
mod mistakes;
mod model;
mod policy;
mod properties;
mod settling;
