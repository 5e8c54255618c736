//! The custom resource `QueueScaler`: what its owner asks for and what the operator reports.

mod defaults;
mod manifest;
mod page;
#[expect(
    unreachable_pub,
    reason = "the derive that makes the schema repeats each struct inside of a function"
)]
mod spec;
mod status;

pub use manifest::crd;
pub(crate) use page::reference_page;
pub use spec::{
    Fallback, Queue, QueueScaler, QueueScalerSpec, ScaleDown, SecretRef, Slo, Source, TargetKind, TargetRef,
    Worker,
};
pub use status::{ConditionType, Estimate, QueueScalerStatus, Sample};
