//! Mails as messages that a mail server takes, from what user-service says of them. Pure: no clock, no randomness, no I/O, so
//! that the same mail is the same bytes at every attempt.
//!
//! [`content`] decides what a mail says, [`texts`] how that is said in each language, [`message`] puts it into MIME.

#![warn(missing_docs)]

mod content;
mod html;
mod message;
mod plain;
mod return_address;
mod sender;
mod texts;
mod time_text;

pub use message::{MailMessage, RenderError, render};
pub use return_address::mail_of_return_token;
pub use sender::Sender;
