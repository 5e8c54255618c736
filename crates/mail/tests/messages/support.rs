//! Mails to write, and what is read in them.

use jiff::Timestamp as Instant;
use mail::{MailMessage, Sender, render};
use mail_parser::{Message, MessageParser};
use wire::{
    Language, MailAddress, MailContent, MailDescription, MailPoll, MailState, Range, ReplyStatus, Timestamp,
};

pub(crate) const EDIT_LINK: &str =
    "https://meet.example.com/p/q1Zk3Y0uTtWb7l3m2n4o5A#edit=cGFydGljaXBhbnQtaWRfMQ.dG9rZW4";
pub(crate) const UNSUBSCRIBE: &str =
    "https://meet.example.com/users/unsubscribe?token=0oVZ2r6AoLAhLlb0gPNSKy6BEqdS2IfwxrcbUuo1XYZ";

pub(crate) fn sender() -> Sender {
    "W2Meet <meet@example.com>".parse().unwrap()
}

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn meeting() -> Range {
    Range { start: at("2026-03-06T08:00:00Z"), end: at("2026-03-06T09:00:00Z") }
}

pub(crate) fn request() -> MailContent {
    MailContent::MeetingRequest { meeting: meeting(), sequence: 1, required: true }
}

pub(crate) fn later() -> Range {
    Range { start: at("2026-03-06T14:00:00Z"), end: at("2026-03-06T15:00:00Z") }
}

pub(crate) fn answer(status: ReplyStatus, proposal: Option<Range>) -> MailContent {
    let (name, comment) = ("Zoë".to_owned(), Some("Bin unterwegs.".to_owned()));
    MailContent::MeetingReply { name, status, proposal, comment, sequence: 1 }
}

pub(crate) fn declined_proposal() -> MailContent {
    MailContent::ProposalDeclined { meeting: meeting(), proposal: later(), sequence: 1, required: true }
}

pub(crate) fn mail(content: MailContent) -> MailDescription {
    MailDescription {
        id: "01990000-0000-7000-8000-000000000000".to_owned(),
        key: "request/q1Zk3Y0uTtWb7l3m2n4o5A/cGFydGljaXBhbnQtaWRfMQ/1".to_owned(),
        state: MailState::Waiting,
        created_at: Timestamp::from_micros(1_772_000_000_000_000).unwrap(),
        recipient: MailAddress { name: "Jörg Größe".to_owned(), email: "joerg@example.com".to_owned() },
        reply_to: Some(MailAddress { name: String::new(), email: "ada@example.org".to_owned() }),
        language: Language::De,
        time_zone: domain::Zone::parse("Europe/Berlin").unwrap(),
        poll: Some(MailPoll {
            id: "q1Zk3Y0uTtWb7l3m2n4o5A".to_owned(),
            title: "Rückblick & Ausblick".to_owned(),
            description: "Erstens: <b>Ziele</b>.\nZweitens: Zahlen.".to_owned(),
            location: "Raum 3; 2. Stock".to_owned(),
            url: "https://meet.example.com/p/q1Zk3Y0uTtWb7l3m2n4o5A".to_owned(),
            weekly_in: None,
        }),
        unsubscribe_url: Some(UNSUBSCRIBE.to_owned()),
        reply_token: None,
        content,
    }
}

pub(crate) fn every_content() -> Vec<MailContent> {
    let (link, deadline) = (EDIT_LINK.to_owned(), at("2026-03-04T17:00:00Z"));
    vec![
        MailContent::Invitation { link: link.clone(), deadline: Some(deadline) },
        MailContent::Invitation { link: link.clone(), deadline: None },
        MailContent::Reminder { link, deadline },
        MailContent::EverybodyAnswered { participants: 5 },
        MailContent::Settled { first: meeting() },
        MailContent::Decided {
            meeting: meeting(),
            calendar_url: "https://meet.example.com/users/polls/q1/meeting.ics".to_owned(),
        },
        request(),
        MailContent::MeetingCancel { meeting: meeting(), sequence: 2, required: false },
        answer(ReplyStatus::Accepted, None),
        answer(ReplyStatus::Declined, None),
        answer(ReplyStatus::Tentative, None),
        answer(ReplyStatus::Tentative, Some(later())),
        declined_proposal(),
    ]
}

pub(crate) fn written(mail: &MailDescription) -> MailMessage {
    render(mail, &sender()).unwrap()
}

pub(crate) fn parsed(message: &MailMessage) -> Message<'_> {
    MessageParser::default().parse(&message.bytes).unwrap()
}

/// What RFC 5322 §2.1 and 2045 §2.7 ask of every message.
pub(crate) fn assert_lines(message: &MailMessage) {
    let text = std::str::from_utf8(&message.bytes).unwrap();
    assert!(text.is_ascii(), "{text}");
    for line in text.split("\r\n") {
        assert!(line.len() <= 998, "{line}");
        assert!(!line.contains(['\r', '\n']), "{line:?}");
    }
    assert!(text.ends_with("\r\n"));
}

pub(crate) fn header<'a>(message: &'a Message<'_>, name: &'a str) -> &'a str {
    message.header_raw(name).map(str::trim).unwrap_or_default()
}

pub(crate) fn names(message: &Message<'_>) -> Vec<String> {
    message.headers().iter().map(|header| header.name().to_ascii_lowercase()).collect()
}

/// A mail that is about no poll.
pub(crate) fn sign_in() -> MailDescription {
    let link = "https://meet.example.com/account#sign-in=0oVZ&email=joerg%40example%2Ecom".to_owned();
    let content = MailContent::SignIn { link, minutes: 15 };
    let recipient = MailAddress { name: String::new(), email: "joerg@example.com".to_owned() };
    MailDescription { recipient, reply_to: None, poll: None, unsubscribe_url: None, ..mail(content) }
}
