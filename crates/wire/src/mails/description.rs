use domain::Zone;
use jiff::Timestamp as Instant;
use serde::{Deserialize, Serialize};

use super::Language;
use crate::{Range, ReplyStatus, Timestamp, input::as_text};

/// A mail as worker-service is told it, which writes and sends it. It is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDescription {
    /// Under which its outcome is reported.
    pub id: String,
    /// What it is about, which no other mail is: `request/{poll}/{participant}/{sequence}`. Its Message-ID comes from it.
    pub key: String,
    /// Whether it is still to be sent.
    pub state: MailState,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// To whom it goes.
    pub recipient: MailAddress,
    /// To whom an answer to it goes, if not to the service.
    pub reply_to: Option<MailAddress>,
    /// What it is written in.
    pub language: Language,
    /// On whose clocks its times are.
    #[serde(with = "as_text")]
    pub time_zone: Zone,
    /// The poll that it is about, if any.
    pub poll: Option<MailPoll>,
    /// Where the recipient says that they want no more mails, of a kind that they may not want.
    pub unsubscribe_url: Option<String>,
    /// What stands in the address that calendars answer to, of a mail that is about a meeting with its recipient.
    #[serde(default)]
    pub reply_token: Option<String>,
    /// What it says.
    pub content: MailContent,
}

/// How far a mail is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It is to be sent.
    Waiting,
    /// A server, or a file, has it.
    Sent,
    /// It will not be sent.
    Failed,
    /// What it would say is not so any more.
    Withdrawn,
}

impl MailState {
    /// Every state.
    pub const ALL: [MailState; 4] =
        [MailState::Waiting, MailState::Sent, MailState::Failed, MailState::Withdrawn];

    /// Its name in the table and on the wire.
    pub fn name(self) -> &'static str {
        match self {
            MailState::Waiting => "waiting",
            MailState::Sent => "sent",
            MailState::Failed => "failed",
            MailState::Withdrawn => "withdrawn",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<MailState> {
        MailState::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Somebody who can be written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailAddress {
    /// Their name; may be empty.
    pub name: String,
    /// Their address.
    pub email: String,
}

/// What a mail says of its poll.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPoll {
    /// Its id.
    pub id: String,
    /// What it is about.
    pub title: String,
    /// More about it; may be empty.
    pub description: String,
    /// Where the meeting will be; may be empty.
    pub location: String,
    /// Its page.
    pub url: String,
    /// The zone in which a weekly poll repeats; none for one over dates.
    pub weekly_in: Option<String>,
}

/// What a mail is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum MailContent {
    /// Asks somebody to take part.
    Invitation {
        /// Their own page of the poll.
        link: String,
        /// Until when they can answer.
        #[serde(with = "as_text::optional")]
        deadline: Option<Instant>,
    },
    /// Reminds somebody who has not answered.
    Reminder {
        /// Their own page of the poll.
        link: String,
        /// Until when they can answer.
        #[serde(with = "as_text")]
        deadline: Instant,
    },
    /// Tells the organiser that everybody has answered.
    EverybodyAnswered {
        /// How many these are.
        participants: u64,
    },
    /// Tells the organiser that no answer still missing can change the best time.
    Settled {
        /// The best time.
        first: Range,
    },
    /// Confirms to the organiser what they have decided.
    Decided {
        /// When the meeting is.
        meeting: Range,
        /// Where it is as a calendar's file.
        calendar_url: String,
    },
    /// Asks somebody to the meeting.
    MeetingRequest {
        /// When the meeting is.
        meeting: Range,
        /// Counts what was said of the meeting.
        sequence: i64,
        /// Whether it cannot be without them.
        required: bool,
    },
    /// Takes the meeting back.
    MeetingCancel {
        /// When the meeting would have been.
        meeting: Range,
        /// Counts what was said of the meeting.
        sequence: i64,
        /// Whether it could not have been without them.
        required: bool,
    },
    /// Tells the organiser what somebody's calendar has answered to the meeting.
    MeetingReply {
        /// Who it is.
        name: String,
        /// Whether they come.
        status: ReplyStatus,
        /// Another time that they propose.
        proposal: Option<Range>,
        /// What they say about it.
        comment: Option<String>,
        /// What was said of the meeting when they answered.
        sequence: i64,
    },
    /// Lets whoever reads mails of this address sign in.
    SignIn {
        /// Where they do.
        link: String,
        /// For so long it holds.
        minutes: u32,
    },
    /// Tells somebody that the organiser does not take the time that they have proposed.
    ProposalDeclined {
        /// When the meeting is.
        meeting: Range,
        /// The time that they have proposed.
        proposal: Range,
        /// Counts what was said of the meeting.
        sequence: i64,
        /// Whether it cannot be without them.
        required: bool,
    },
}

impl MailContent {
    /// Where it has its recipient's own page, which only they may know.
    pub fn link_mut(&mut self) -> Option<&mut String> {
        match self {
            MailContent::Invitation { link, .. } | MailContent::Reminder { link, .. } => Some(link),
            _ => None,
        }
    }

    /// Its name in the table.
    pub fn purpose(&self) -> &'static str {
        match self {
            MailContent::Invitation { .. } => "invitation",
            MailContent::Reminder { .. } => "reminder",
            MailContent::EverybodyAnswered { .. } => "everybody_answered",
            MailContent::Settled { .. } => "settled",
            MailContent::Decided { .. } => "decided",
            MailContent::MeetingRequest { .. } => "meeting_request",
            MailContent::MeetingCancel { .. } => "meeting_cancel",
            MailContent::MeetingReply { .. } => "meeting_reply",
            MailContent::ProposalDeclined { .. } => "proposal_declined",
            MailContent::SignIn { .. } => "sign_in",
        }
    }
}

/// The body of `POST /mails/{id}/outcome`: what became of a mail, as worker-service reports it. It is for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum MailOutcome {
    /// A server, or a file, has it.
    Sent,
    /// It will not be sent.
    Failed {
        /// Why.
        error: String,
        /// Whether the server refused the address itself, which is then not written to any more.
        bounced: bool,
    },
}

/// The body of `POST /polls/{id}/reminders`: which reminders are due, as worker-service says when their time has come. It is
/// for other services alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemindersRequest {
    /// The deadline that they are about; a poll that has another one by now has others.
    #[serde(with = "as_text")]
    pub deadline: Instant,
    /// The participants whose answer can still change the best time; without it all who have not answered are reminded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaited: Option<Vec<String>>,
}
