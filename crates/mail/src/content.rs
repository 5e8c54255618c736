//! What a mail says, before it is text or HTML.

use wire::{MailContent, MailDescription, ReplyStatus};

use crate::{
    texts::{Texts, fill, texts},
    time_text,
};

/// A mail for people to read.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) subject: String,
    pub(crate) greeting: String,
    pub(crate) paragraphs: Vec<String>,
    /// What is known of the meeting, each with its name.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// What the recipient can do next, with where that is; the first is the main one.
    pub(crate) actions: Vec<(&'static str, String)>,
    pub(crate) footer: &'static str,
    /// Where the recipient says that they want no more mails.
    pub(crate) unsubscribe: Option<(&'static str, String)>,
}

/// What this mail says in the language of its recipient.
pub(crate) fn content(mail: &MailDescription) -> Content {
    let said = texts(mail.language);
    let poll = mail.poll.clone().unwrap_or_default();
    let title = one_line(&poll.title);
    let titled = |text: &str| fill(text, &[("title", &title)]);
    let page = poll.url;
    let (subject, paragraphs, actions) = match &mail.content {
        MailContent::Invitation { link, .. } => (
            titled(said.invitation_subject),
            vec![titled(said.invitation_text), poll.description.clone(), said.invitation_own_link.to_owned()],
            vec![(said.invitation_action, link.clone())],
        ),
        MailContent::Reminder { link, .. } => (
            titled(said.reminder_subject),
            vec![titled(said.reminder_text), said.invitation_own_link.to_owned()],
            vec![(said.reminder_action, link.clone())],
        ),
        MailContent::EverybodyAnswered { participants } => (
            titled(said.everybody_answered_subject),
            vec![fill(said.everybody_answered_text, &[("count", &participants.to_string())])],
            vec![(said.everybody_answered_action, page)],
        ),
        MailContent::Settled { .. } => (
            titled(said.settled_subject),
            vec![said.settled_text.to_owned()],
            vec![(said.everybody_answered_action, page)],
        ),
        MailContent::Decided { calendar_url, .. } => (
            titled(said.decided_subject),
            vec![titled(said.decided_text)],
            vec![(said.decided_calendar, calendar_url.clone()), (said.decided_action, page)],
        ),
        MailContent::MeetingRequest { sequence, .. } => {
            let subject = if *sequence <= 1 { said.request_subject } else { said.update_subject };
            let answer = said.request_answer.to_owned();
            let text = vec![titled(said.request_text), poll.description.clone(), answer];
            (titled(subject), text, vec![(said.request_action, page)])
        }
        MailContent::MeetingCancel { .. } => {
            (titled(said.cancel_subject), vec![titled(said.cancel_text)], vec![(said.cancel_action, page)])
        }
        MailContent::MeetingReply { name, status, proposal, comment, .. } => {
            let (subject, text) = match (status, proposal) {
                (_, Some(_)) => (said.proposed_subject, said.proposed_text),
                (ReplyStatus::Accepted, None) => (said.accepted_subject, said.accepted_text),
                (ReplyStatus::Declined, None) => (said.declined_subject, said.declined_text),
                (ReplyStatus::Tentative, None) => (said.tentative_subject, said.tentative_text),
            };
            let name = one_line(name);
            let named = |text: &str| fill(text, &[("name", &name), ("title", &title)]);
            let text = vec![named(text), comment.clone().unwrap_or_default()];
            (named(subject), text, vec![(said.replied_action, page)])
        }
        MailContent::SignIn { link, minutes } => {
            let text = fill(said.sign_in_text, &[("minutes", &minutes.to_string())]);
            let text = vec![text, said.sign_in_warning.to_owned()];
            (said.sign_in_subject.to_owned(), text, vec![(said.sign_in_action, link.clone())])
        }
        MailContent::ProposalDeclined { .. } => {
            let text = vec![titled(said.proposal_declined_text)];
            (titled(said.proposal_declined_subject), text, vec![(said.request_action, page)])
        }
    };
    Content {
        subject,
        greeting: greeting(said, &mail.recipient.name),
        paragraphs: paragraphs.into_iter().filter(|text| !text.trim().is_empty()).collect(),
        facts: facts(said, mail),
        actions,
        footer: if mail.poll.is_some() { said.footer } else { said.sign_in_footer },
        unsubscribe: mail.unsubscribe_url.clone().map(|url| (said.unsubscribe, url)),
    }
}

fn greeting(said: &Texts, name: &str) -> String {
    match one_line(name) {
        name if name.is_empty() => said.greeting_without_name.to_owned(),
        name => fill(said.greeting, &[("name", &name)]),
    }
}

fn facts(said: &Texts, mail: &MailDescription) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    let repeats = mail.poll.as_ref().is_some_and(|poll| poll.weekly_in.is_some());
    match &mail.content {
        MailContent::Settled { first: meeting }
        | MailContent::Decided { meeting, .. }
        | MailContent::MeetingRequest { meeting, .. }
        | MailContent::MeetingCancel { meeting, .. } => {
            facts.push((said.time, time_text::range(said, &mail.time_zone, *meeting, repeats)));
        }
        MailContent::Invitation { deadline: Some(deadline), .. } | MailContent::Reminder { deadline, .. } => {
            facts.push((said.deadline, time_text::instant(said, &mail.time_zone, *deadline)));
        }
        MailContent::MeetingReply { proposal: Some(proposal), .. } => {
            facts.push((said.proposal, time_text::range(said, &mail.time_zone, *proposal, false)));
        }
        MailContent::ProposalDeclined { meeting, proposal, .. } => {
            facts.push((said.time, time_text::range(said, &mail.time_zone, *meeting, repeats)));
            facts.push((said.proposal, time_text::range(said, &mail.time_zone, *proposal, false)));
        }
        MailContent::Invitation { deadline: None, .. }
        | MailContent::EverybodyAnswered { .. }
        | MailContent::SignIn { .. }
        | MailContent::MeetingReply { proposal: None, .. } => (),
    }
    let place = mail.poll.as_ref().map(|poll| one_line(&poll.location)).unwrap_or_default();
    if !place.is_empty() {
        facts.push((said.place, place));
    }
    facts
}

/// A text that stays on its line: what would break it, or is no letter at all, is a blank.
pub(crate) fn one_line(text: &str) -> String {
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    let blank: String = text.chars().map(|letter| if breaks(letter) { ' ' } else { letter }).collect();
    blank.trim().to_owned()
}
