//! Where mails go: to a mail server, or into files that show what would be sent.

mod erase;
mod files;
#[cfg(feature = "distributed")]
mod smtp;
pub(crate) mod status;

use std::{io, path::PathBuf};

use mail::MailMessage;
use wire::Erasure;

pub use files::MailFile;
pub(crate) use files::newest;
#[cfg(feature = "distributed")]
pub use smtp::{SmtpLimits, SmtpServer};

/// Where mails go.
#[derive(Clone, Debug)]
pub enum MailTransport {
    /// Into files of this folder, each named after its mail: written once more it is the same file.
    Files(PathBuf),
    /// To this server.
    #[cfg(feature = "distributed")]
    Smtp(SmtpServer),
}

/// Why a mail was not sent. The text says nothing of whom it is for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be possible later.
    #[error("{0}")]
    Temporary(String),
    /// The server was not asked: it does not answer others, or they have all connections. It is worth trying again soon.
    #[error("{0}")]
    Busy(&'static str),
    /// It will never be possible.
    #[error("{reason}")]
    Permanent {
        /// Why.
        reason: String,
        /// Whether nobody has this address.
        bounced: bool,
    },
}

impl MailTransport {
    /// Removes what is kept here of mails to these people, or about them; how many. A server keeps its own.
    ///
    /// # Errors
    /// When files cannot be read or removed.
    pub async fn erase(&self, erasures: Vec<Erasure>) -> io::Result<usize> {
        match self {
            MailTransport::Files(folder) => erase::erase(folder.clone(), erasures).await,
            #[cfg(feature = "distributed")]
            MailTransport::Smtp(_) => Ok(0),
        }
    }

    /// Sends a mail. When this returns the receiver has it; when it fails, they may have it all the same, as SMTP cannot
    /// tell.
    ///
    /// # Errors
    /// [`SendError`].
    pub async fn send(&self, id: &str, message: MailMessage) -> Result<(), SendError> {
        match self {
            MailTransport::Files(folder) => files::write(folder.clone(), id.to_owned(), message.bytes).await,
            #[cfg(feature = "distributed")]
            MailTransport::Smtp(server) => server.send(&message).await,
        }
    }
}
