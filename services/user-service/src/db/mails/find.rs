use domain::Zone;
use jiff::Timestamp as Instant;
use sql_store::SqlError;
use sqlx::{Row, query};
use wire::{Language, MailContent, MailState, PollState, Timestamp};

use super::{Mails, addresses::address_hash};
use crate::{
    db::{
        columns::{json, text},
        polls::row::{poll, poll_columns},
    },
    polls::{PublicId, StoredPoll},
};

/// A mail with all that it is about.
#[derive(Clone, Debug)]
pub(crate) struct StoredMail {
    pub(crate) id: String,
    pub(crate) key: String,
    pub(crate) state: MailState,
    pub(crate) created_at: Timestamp,
    pub(crate) address: String,
    pub(crate) content: MailContent,
    pub(crate) poll: StoredPoll,
    /// None for the organiser, and for whoever takes part no more.
    pub(crate) participant: Option<MailParticipant>,
    /// The participant whom it goes to, even if they take part no more.
    pub(crate) participant_id: Option<PublicId>,
    pub(crate) unsubscribe_token: String,
    pub(crate) is_blocked: bool,
}

/// What a mail needs to know of the participant that it goes to.
#[derive(Clone, Debug)]
pub(crate) struct MailParticipant {
    pub(crate) name: String,
    pub(crate) time_zone: Zone,
    pub(crate) language: Option<Language>,
    pub(crate) answered: bool,
}

impl StoredMail {
    /// Whether what it says is not so any more, or nobody wants to know: it is not sent then.
    pub(crate) fn is_moot(&self, now: Instant) -> bool {
        let is_cancel = matches!(self.content, MailContent::MeetingCancel { .. });
        if self.is_blocked || (self.poll.deleted_at_us.is_some() && !is_cancel) {
            return true;
        }
        let is_gone = self.participant_id.is_some() && self.participant.is_none();
        let is_open = self.poll.state(now) == PollState::Open;
        match &self.content {
            MailContent::Invitation { .. } => is_gone || !is_open,
            MailContent::Reminder { .. } => {
                is_gone || !is_open || self.participant.as_ref().is_some_and(|known| known.answered)
            }
            MailContent::EverybodyAnswered { .. } | MailContent::Settled { .. } => !is_open,
            MailContent::Decided { meeting, .. } => self.poll.meeting != Some(*meeting),
            MailContent::MeetingRequest { sequence, .. } | MailContent::ProposalDeclined { sequence, .. } => {
                is_gone || *sequence < self.poll.meeting_sequence
            }
            MailContent::MeetingReply { sequence, .. } => *sequence < self.poll.meeting_sequence,
            // Whoever was asked has to know, even if they take part no more.
            MailContent::MeetingCancel { .. } | MailContent::SignIn { .. } => false,
        }
    }
}

impl Mails {
    /// A mail with all that it is about.
    ///
    /// # Errors
    /// [`SqlError`], by kind.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<StoredMail>, SqlError> {
        let mut session = self.db.reader().await?;
        let select = query(concat!(
            "SELECT mails.id AS mail_id, mails.mail_key, mails.participant_id, mails.address, mails.address_key, \
             mails.content, mails.link, mails.state, mails.created_at_us AS mail_created_at_us, \
             participants.name, participants.time_zone, participants.language AS participant_language, \
             answers.number AS answer, ",
            poll_columns!(),
            " FROM mails JOIN polls ON polls.id = mails.poll_id \
             LEFT JOIN participants ON participants.poll_id = mails.poll_id \
             AND participants.id = mails.participant_id \
             LEFT JOIN answers ON answers.poll_id = participants.poll_id AND answers.number = participants.number \
             WHERE mails.id = $1"
        ));
        let Some(row) = session.fetch_optional(select.bind(id)).await? else { return Ok(None) };
        let select = query("SELECT unsubscribe_token, blocked FROM mail_addresses WHERE address_hash = $1");
        let hash = address_hash(&row.try_get::<String, _>("address_key")?);
        let address = session.fetch_optional(select.bind(hash)).await?.ok_or(sqlx::Error::RowNotFound)?;
        let mut content: MailContent = json(&row.try_get::<String, _>("content")?)?;
        if let (Some(place), Some(link)) = (content.link_mut(), row.try_get::<Option<String>, _>("link")?) {
            *place = link;
        }
        let participant = match row.try_get::<Option<String>, _>("name")? {
            None => None,
            Some(name) => Some(MailParticipant {
                name,
                time_zone: text(&row.try_get::<String, _>("time_zone")?)?,
                language: row
                    .try_get::<Option<String>, _>("participant_language")?
                    .as_deref()
                    .map(text)
                    .transpose()?,
                answered: row.try_get::<Option<i64>, _>("answer")?.is_some(),
            }),
        };
        let state: String = row.try_get("state")?;
        Ok(Some(StoredMail {
            id: row.try_get("mail_id")?,
            key: row.try_get("mail_key")?,
            state: MailState::from_name(&state).unwrap_or(MailState::Failed),
            created_at: Timestamp::from_micros(row.try_get("mail_created_at_us")?)
                .unwrap_or_else(Timestamp::now),
            address: row.try_get("address")?,
            content,
            poll: poll(&row)?,
            participant,
            participant_id: row.try_get::<Option<String>, _>("participant_id")?.map(PublicId::stored),
            unsubscribe_token: address.try_get("unsubscribe_token")?,
            is_blocked: address.try_get::<Option<String>, _>("blocked")?.is_some(),
        }))
    }
}
