//! A queue, its workers and their scaler in simulated time.
//!
//! The decision is the very code that the operator runs (`scaling`). Beside it stands a port of what KEDA's RabbitMQ
//! scaler and the HPA controller do with a queue's length, so that both meet the same messages.
//!
//! [`Trace`] says what is published; [`Load`] is one draw from it; [`simulate`] runs a [`Scaling`] over a load and gives
//! a [`Run`]. The same load, scaling and setup give the same run on every machine of one kind.

mod broker;
pub mod capacity;
mod chart;
mod cluster;
pub mod comparison;
mod events;
mod figures;
mod hpa;
mod keda;
mod least;
mod load;
mod pods;
mod recorded;
mod replay;
mod scalers;
mod setup;
mod simulation;
mod trace;
mod traces;
mod week;

pub use chart::draw;
pub use figures::{Figures, Run};
pub use hpa::{Hpa, Target};
pub use keda::{Keda, Trigger};
pub use least::least;
pub use load::{Job, Load};
pub use recorded::{parse_trace, read_trace};
pub use replay::{Row, replay};
pub use setup::{Count, Scaling, Setup, Source};
pub use simulation::simulate;
pub use trace::{Second, Trace};
pub use traces::{RECORDED, all as traces};
pub use week::{HpaWeek, creations, hpa_week, week_of_mails};
