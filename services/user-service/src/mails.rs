//! What polls say to people by mail: who is told what, and where their own page is.

use jiff::Timestamp as Instant;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use wire::{BaseUrl, Email, MailContent, MeetingReply, Range, Timestamp};

use crate::{
    db::{Addressed, NewMail},
    polls::{PublicId, StoredParticipant, StoredPoll, StoredReply, Token},
};

/// The page of a poll.
pub(crate) fn poll_link(public_url: &BaseUrl, poll: &PublicId) -> String {
    format!("{public_url}/p/{poll}")
}

/// The poll's page as a participant's own: what stands behind the `#` stays in their browser.
pub(crate) fn edit_link(
    public_url: &BaseUrl,
    poll: &PublicId,
    participant: &PublicId,
    token: &Token,
) -> String {
    format!("{}#edit={participant}.{}", poll_link(public_url, poll), token.expose())
}

/// Where whoever has this token signs in with this address; what stands behind the `#` stays in their browser.
pub(crate) fn sign_in_link(public_url: &BaseUrl, token: &str, email: &str) -> String {
    let email = utf8_percent_encode(email, NON_ALPHANUMERIC);
    format!("{public_url}/account#sign-in={token}&email={email}")
}

/// Where an address is taken off all lists.
pub(crate) fn unsubscribe_link(public_url: &BaseUrl, token: &str) -> String {
    format!("{public_url}/users/unsubscribe?token={token}")
}

/// What nobody is reminded of twice.
pub(crate) fn reminder_key(poll: &PublicId, participant: &PublicId, deadline: Instant) -> String {
    format!("reminder/{poll}/{participant}/{}", deadline.as_microsecond())
}

/// How long before the deadline people are reminded.
const REMINDED_BEFORE_US: i64 = 24 * 60 * 60 * 1_000_000;

/// When people are reminded of a deadline: a day before, or halfway to it where less than two days are left; never once it
/// has passed.
pub(crate) fn reminder_time(deadline: Instant, now: Timestamp) -> Option<Timestamp> {
    let (deadline, now) = (deadline.as_microsecond(), now.micros());
    let left = deadline.checked_sub(now).filter(|left| *left > 0)?;
    Timestamp::from_micros(deadline - REMINDED_BEFORE_US.min(left / 2))
}

/// Asks somebody to take part.
pub(crate) fn invitation(poll: &StoredPoll, participant: &PublicId, address: Email, link: String) -> NewMail {
    NewMail {
        key: format!("invitation/{}/{participant}", poll.id),
        participant: Some(participant.clone()),
        address,
        content: MailContent::Invitation { link, deadline: poll.content.deadline },
    }
}

/// Asks these participants to the meeting, or tells them what is different about it.
pub(crate) fn requests(poll: &StoredPoll, meeting: Range, people: Vec<Addressed>) -> Vec<NewMail> {
    let sequence = poll.meeting_sequence;
    let mail = |person: Addressed| NewMail {
        key: format!("request/{}/{}/{sequence}", poll.id, person.id),
        participant: Some(person.id),
        address: person.email,
        content: MailContent::MeetingRequest { meeting, sequence, required: person.required },
    };
    people.into_iter().map(mail).collect()
}

/// Asks these participants to the meeting, and confirms it to the organiser.
pub(crate) fn decided(
    poll: &StoredPoll,
    meeting: Range,
    people: Vec<Addressed>,
    public_url: &BaseUrl,
) -> Vec<NewMail> {
    let mut mails = requests(poll, meeting, people);
    if let Some(address) = poll.content.organiser_email.clone() {
        let calendar_url = format!("{public_url}/users/polls/{}/meeting.ics", poll.id);
        let key = format!("decided/{}/{}", poll.id, poll.meeting_sequence);
        let content = MailContent::Decided { meeting, calendar_url };
        mails.push(NewMail { key, participant: None, address, content });
    }
    mails
}

/// Takes the meeting back from these people, by this sequence.
pub(crate) fn cancelled(
    poll: &PublicId,
    meeting: Range,
    sequence: i64,
    people: Vec<Addressed>,
) -> Vec<NewMail> {
    let mail = |person: Addressed| NewMail {
        key: format!("cancel/{poll}/{}/{sequence}", person.id),
        participant: Some(person.id),
        address: person.email,
        content: MailContent::MeetingCancel { meeting, sequence, required: person.required },
    };
    people.into_iter().map(mail).collect()
}

/// Tells the organiser what a participant's calendar has answered.
pub(crate) fn replied(
    poll: &StoredPoll,
    participant: &StoredParticipant,
    reply: &StoredReply,
) -> Option<NewMail> {
    let MeetingReply { status, proposal, ref comment, .. } = reply.shown;
    let name = participant.name.clone();
    let sequence = poll.meeting_sequence;
    Some(NewMail {
        key: format!("reply/{}/{}/{}/{}", poll.id, participant.id, reply.sequence, reply.stamp_us),
        participant: None,
        address: poll.content.organiser_email.clone()?,
        content: MailContent::MeetingReply { name, status, proposal, comment: comment.clone(), sequence },
    })
}

/// Tells a participant that the meeting stays when it is; `stamp_us` is that of the answer that proposed another time.
pub(crate) fn proposal_declined(
    poll: &StoredPoll,
    participant: &StoredParticipant,
    proposal: Range,
    stamp_us: i64,
) -> Option<NewMail> {
    let (sequence, required) = (poll.meeting_sequence, participant.required);
    Some(NewMail {
        key: format!("proposal_declined/{}/{}/{sequence}/{stamp_us}", poll.id, participant.id),
        participant: Some(participant.id.clone()),
        address: participant.email.clone()?,
        content: MailContent::ProposalDeclined { meeting: poll.meeting?, proposal, sequence, required },
    })
}

/// Tells the organiser that they can decide.
pub(crate) fn everybody_answered(poll: &StoredPoll, participants: u64) -> Option<NewMail> {
    Some(NewMail {
        key: format!("everybody_answered/{}", poll.id),
        participant: None,
        address: poll.content.organiser_email.clone()?,
        content: MailContent::EverybodyAnswered { participants },
    })
}

/// Tells the organiser that the best time stays the best, whatever those say who have not answered.
pub(crate) fn settled(poll: &StoredPoll, first: Range) -> Option<NewMail> {
    Some(NewMail {
        key: format!("settled/{}", poll.id),
        participant: None,
        address: poll.content.organiser_email.clone()?,
        content: MailContent::Settled { first },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_reminded_a_day_before_or_halfway() {
        let at =
            |text: &str| Timestamp::from_micros(text.parse::<Instant>().unwrap().as_microsecond()).unwrap();
        let deadline: Instant = "2026-03-10T12:00:00Z".parse().unwrap();
        for (now, due) in [
            ("2026-03-01T00:00:00Z", Some("2026-03-09T12:00:00Z")),
            ("2026-03-08T12:00:00Z", Some("2026-03-09T12:00:00Z")),
            ("2026-03-08T13:00:00Z", Some("2026-03-09T12:30:00Z")),
            ("2026-03-10T11:00:00Z", Some("2026-03-10T11:30:00Z")),
            ("2026-03-10T12:00:00Z", None),
            ("2026-03-11T00:00:00Z", None),
        ] {
            assert_eq!(reminder_time(deadline, at(now)), due.map(at), "{now}");
        }
    }

    #[test]
    fn the_token_of_a_link_stays_in_the_browser() {
        let base = "https://meet.example.com/w2/".parse().unwrap();
        let (poll, participant, token) = (PublicId::fresh(), PublicId::fresh(), Token::fresh());
        let link = edit_link(&base, &poll, &participant, &token);
        assert_eq!(
            link,
            format!("https://meet.example.com/w2/p/{poll}#edit={participant}.{}", token.expose())
        );
    }
}
