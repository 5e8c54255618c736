//! A durable work queue: messages that are delivered at least once, to one of its consumers.
//!
//! A [`Queue`] lives in this process or on RabbitMQ, and means the same on both: a publish has succeeded when the
//! message is safe; a delivery that is dropped, or whose consumer dies, comes again and is marked as redelivered; what
//! cannot be processed goes to a second queue, the dead letters, with the reason in the header [`REASON`].
//!
//! A queue on RabbitMQ takes the feature `rabbitmq`.
//!
//! The queue knows nothing of what its messages say.

mod consumer;
mod error;
mod memory;
mod message;
mod metrics;
mod queue;
#[cfg(feature = "rabbitmq")]
mod rabbit;

pub use consumer::{Consumer, Delivery};
#[cfg(feature = "rabbitmq")]
pub use error::InvalidOptions;
pub use error::PublishError;
pub use message::{Message, REASON};
pub use metrics::QueueMetrics;
pub use queue::{Depth, Queue};
#[cfg(feature = "rabbitmq")]
pub use rabbit::{BrokerConnection, Connector, RabbitOptions};
