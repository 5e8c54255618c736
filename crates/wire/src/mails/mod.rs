//! Mails: what one is about, whom organisers invite by mail, and what became of a mail.

mod description;
mod inbound_replies;
mod invitations;
mod language;

pub use description::{
    MailAddress, MailContent, MailDescription, MailOutcome, MailPoll, MailState, RemindersRequest,
};
pub use inbound_replies::{InboundReply, InboundReplyReply, ReplyOutcome};
pub use invitations::{Invitation, InvitationsReply, InvitationsRequest, SkipReason, SkippedInvitation};
pub use language::Language;
