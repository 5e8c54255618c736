//! Mails: what one is about, whom organisers invite by mail, and what became of a mail.

mod description;
mod invitations;
mod language;

pub use description::{
    MailAddress, MailContent, MailDescription, MailOutcome, MailPoll, MailState, RemindersRequest,
};
pub use invitations::{Invitation, InvitationsReply, InvitationsRequest, SkipReason, SkippedInvitation};
pub use language::Language;
