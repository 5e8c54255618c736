//! A mail as MIME (RFC 5322, 2045, 6047, 8058).

use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp as Instant;
use lettre::{
    Address, Message,
    address::{AddressError, Envelope},
    message::{
        Attachment, Body, Mailbox, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, ContentTypeErr, HeaderName, HeaderValue},
    },
};
use meeting_calendar::{Attendee, Meeting, Method, calendar_text};
use wire::{Email, MailAddress, MailContent, MailDescription, Range};

use crate::{
    Sender,
    content::{Content, content, one_line},
    html::html,
    plain::plain_text,
};

/// A mail that is ready to be sent.
#[derive(Clone, Debug)]
pub struct MailMessage {
    /// From whom and to whom, for the mail server.
    pub envelope: Envelope,
    /// All of it, in lines that end in CRLF.
    pub bytes: Vec<u8>,
    /// Its subject.
    pub subject: String,
}

/// Why a mail cannot be written; to try again does not help.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// Nobody can be written to at this address.
    #[error("the address cannot be used in a mail")]
    Address(#[from] AddressError),
    /// Only servers that know SMTPUTF8 take it, and few do.
    #[error("the part of the address before the @ has letters that few mail servers take")]
    LocalPart,
    /// A header cannot be written.
    #[error("a header cannot be written")]
    Header(#[from] ContentTypeErr),
    /// The parts make no message.
    #[error("the parts make no message")]
    Message(#[from] lettre::error::Error),
}

/// The message of a mail. The same mail gives the same bytes, and so the same Message-ID, whenever it is written.
///
/// # Errors
/// [`RenderError`].
pub fn render(mail: &MailDescription, sender: &Sender) -> Result<MailMessage, RenderError> {
    let content = content(mail);
    let recipient = mailbox(&mail.recipient)?;
    let from = sender.mailbox().clone();
    let envelope = Envelope::new(Some(sender.return_address(&mail.id)), vec![recipient.email.clone()])?;
    let created_at = instant(mail);
    let since_1970 = Duration::from_micros(u64::try_from(created_at.as_microsecond()).unwrap_or_default());
    let mut message = Message::builder()
        .message_id(Some(message_id(&mail.key, sender)))
        .date(UNIX_EPOCH + since_1970)
        .from(from)
        .to(recipient)
        .subject(content.subject.as_str())
        .envelope(envelope.clone())
        .raw_header(header("Auto-Submitted", "auto-generated"));
    if let Some(reply_to) = &mail.reply_to {
        message = message.reply_to(mailbox(reply_to)?);
    }
    let meeting = meeting(mail, sender);
    if let Some((_, _, poll)) = &meeting {
        // All that is said of a meeting hangs together by the name of a message that is never sent.
        let thread = message_id(&format!("meeting/{poll}"), sender);
        message = message.in_reply_to(thread.clone()).references(thread);
    }
    if let Some(url) = &mail.unsubscribe_url {
        message = message
            .raw_header(header("List-Unsubscribe", &format!("<{url}>")))
            .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let boundary = |part: &str| format!("=_{part}_{}", mail.id);
    let readable = readable(&content, mail, &boundary("alternative"));
    let message = match meeting {
        None => message.multipart(readable)?,
        Some((method, meeting, _)) => {
            let text = calendar_text(method, &[meeting], created_at);
            let name = method.as_str();
            let inline = ContentType::parse(&format!("text/calendar; method={name}; charset=utf-8"))?;
            let file = ContentType::parse(&format!("application/ics; name=\"invite.ics\"; method={name}"))?;
            let inline = SinglePart::builder().content_type(inline).body(base64(&text));
            let file = Attachment::new("invite.ics".to_owned()).body(base64(&text), file);
            let mixed = MultiPart::mixed().boundary(boundary("mixed"));
            message.multipart(mixed.multipart(readable.singlepart(inline)).singlepart(file))?
        }
    };
    Ok(MailMessage { envelope, bytes: message.formatted(), subject: content.subject })
}

/// The mail as text and as HTML, of which programs show the last that they can.
fn readable(content: &Content, mail: &MailDescription, boundary: &str) -> MultiPart {
    let part = |kind, text: String| {
        let encoding = ContentTransferEncoding::QuotedPrintable;
        SinglePart::builder().content_type(kind).header(encoding).body(text)
    };
    MultiPart::alternative()
        .boundary(boundary)
        .singlepart(part(ContentType::TEXT_PLAIN, plain_text(content)))
        .singlepart(part(ContentType::TEXT_HTML, html(content, mail.language)))
}

/// What calendars are told, and of which poll, if the mail is about a meeting with its recipient.
fn meeting<'a>(mail: &'a MailDescription, sender: &Sender) -> Option<(Method, Meeting, &'a str)> {
    let poll = mail.poll.as_ref()?;
    let (method, range, sequence, required) = match &mail.content {
        MailContent::MeetingRequest { meeting, sequence, required } => {
            (Method::Request, meeting, sequence, required)
        }
        MailContent::MeetingCancel { meeting, sequence, required } => {
            (Method::Cancel, meeting, sequence, required)
        }
        MailContent::ProposalDeclined { meeting, sequence, required, .. } => {
            (Method::DeclineCounter, meeting, sequence, required)
        }
        _ => return None,
    };
    let Range { start, end } = *range;
    let attendee = Attendee { address: calendar_address(&mail.recipient), required: *required };
    let meeting = Meeting {
        uid: Meeting::uid_of_poll(&poll.id),
        sequence: *sequence,
        start,
        end,
        weekly_in: poll.weekly_in.clone(),
        title: poll.title.clone(),
        description: Meeting::description_with_url(&poll.description, &poll.url),
        location: poll.location.clone(),
        url: poll.url.clone(),
        organizer: Some(meeting_calendar::Address {
            name: sender.name().to_owned(),
            email: sender.organizer_email(mail.reply_token.as_deref()),
        }),
        attendees: vec![attendee],
    };
    Some((method, meeting, &poll.id))
}

fn calendar_address(address: &MailAddress) -> meeting_calendar::Address {
    meeting_calendar::Address { name: one_line(&address.name), email: address.email.clone() }
}

fn instant(mail: &MailDescription) -> Instant {
    Instant::from_microsecond(mail.created_at.micros()).unwrap_or_default()
}

/// Base64 keeps every line end and fold of a calendar as it is.
fn base64(text: &str) -> Body {
    let bytes = text.as_bytes().to_vec();
    // What is given as bytes can be base64, whatever it is.
    Body::new_with_encoding(bytes, ContentTransferEncoding::Base64)
        .unwrap_or_else(|bytes| Body::dangerous_pre_encoded(bytes, ContentTransferEncoding::Base64))
}

/// `<request.poll.participant.3@example.com>`.
fn message_id(key: &str, sender: &Sender) -> String {
    format!("<{}@{}>", key.replace('/', "."), sender.domain())
}

/// A header whose value is printable ASCII: anything else in it is left out, and it is never folded.
fn header(name: &'static str, value: &str) -> HeaderValue {
    let value: String = value.chars().filter(|letter| letter.is_ascii() && !letter.is_control()).collect();
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value)
}

/// The domain is written as DNS has it, so that every server takes it.
fn mailbox(address: &MailAddress) -> Result<Mailbox, RenderError> {
    let key = Email::key(&address.email);
    let (local, domain) = match (address.email.rsplit_once('@'), key.rsplit_once('@')) {
        (Some((local, _)), Some((_, domain))) => (local, domain),
        _ => return Err(AddressError::MissingParts.into()),
    };
    if !local.is_ascii() {
        return Err(RenderError::LocalPart);
    }
    let name = Some(one_line(&address.name)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, Address::new(local, domain)?))
}
