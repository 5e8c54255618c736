use std::time::Duration;

/// Why a message is not known to be in the queue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// There is no broker to ask; the message was not sent.
    #[error("the broker is down: {0}")]
    Down(String),
    /// The broker did not confirm in time; the message may come to be in the queue all the same.
    #[error("the broker did not confirm within {0:?}")]
    Deadline(Duration),
    /// The connection broke before the confirmation; the message may be in the queue.
    #[error("the connection broke before the broker confirmed")]
    Broken,
    #[error("the broker refused the message")]
    Refused,
    /// There is no such queue, although it was declared once more.
    #[error("the broker has no queue {0:?}")]
    Unroutable(String),
    /// The id, the correlation id or a header's name is too long; the message was not sent.
    #[error("an id or the name of a header is longer than {} bytes", crate::Message::MAX_SHORT)]
    TooLong,
}

impl PublishError {
    pub(crate) fn label(&self) -> &'static str {
        match self {
            PublishError::Down(_) => "down",
            PublishError::Deadline(_) => "deadline",
            PublishError::Broken => "broken",
            PublishError::Refused => "refused",
            PublishError::Unroutable(_) => "unroutable",
            PublishError::TooLong => "too_long",
        }
    }
}

/// Why a queue on RabbitMQ cannot be used as described. The address is not shown, since a password may stand in it.
#[cfg(feature = "rabbitmq")]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOptions {
    #[error("not a broker's address such as amqp://user:password@host:5672/vhost: {0}")]
    Url(&'static str),
    #[error("no certificates in PEM: {0}")]
    Ca(String),
    #[error(
        "a queue's name has 1 to {} bytes and does not begin with \"amq.\"",
        crate::RabbitOptions::MAX_NAME
    )]
    Name,
}
