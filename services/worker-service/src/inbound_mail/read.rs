use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};
use wire::InboundReply;

use super::bounce::bounce_in;

/// Headers that say where a mail went. Programs that answer leave the address in `To`; servers add the others.
const RECIPIENTS: [&str; 7] =
    ["To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "Resent-To"];
/// Letters of a token, of base32.
const TOKEN_LENGTH: usize = 26;
/// Most tokens of a mail that are passed on.
const MAX_TOKENS: usize = 8;

/// What a mail brings.
#[derive(Debug)]
pub enum Inbound {
    /// A calendar, with the tokens of the addresses that the mail went to.
    Calendar(InboundReply),
    /// A report that nobody has the address of a mail, by its status code.
    Bounce {
        /// Tokens of the addresses that the report went to.
        tokens: Vec<String>,
        status: String,
    },
}

/// What a mail brings for user-service.
///
/// # Errors
/// Why it brings nothing.
pub fn read_mail(mail: &[u8]) -> Result<Inbound, &'static str> {
    let message = MessageParser::default().parse(mail).ok_or("it is no mail")?;
    match bounce_in(&message) {
        Some(status) => Ok(Inbound::Bounce { tokens: tokens(&message), status: status? }),
        None => calendar_in(&message).map(Inbound::Calendar),
    }
}

fn calendar_in(message: &Message<'_>) -> Result<InboundReply, &'static str> {
    let part = calendar_part(message).ok_or("it has no calendar")?;
    let calendar = match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.clone().into_owned(),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => {
            String::from_utf8_lossy(bytes).into_owned()
        }
        PartType::Message(_) | PartType::Multipart(_) => return Err("it has no calendar"),
    };
    if calendar.len() > InboundReply::MAX_CALENDAR {
        return Err("its calendar is too long for an answer");
    }
    let method = part.content_type().and_then(|kind| kind.attribute("method")).map(str::to_owned);
    Ok(InboundReply { tokens: tokens(message), method, calendar })
}

/// What is a calendar by its type, and otherwise what is called one; not what is within a mail that is attached.
fn calendar_part<'a>(message: &'a Message<'a>) -> Option<&'a MessagePart<'a>> {
    let is_of = |part: &&MessagePart<'_>, kinds: &[(&str, &str)]| {
        part.content_type().is_some_and(|kind| {
            let is_kind = |(kind_of, sub): &(&str, &str)| {
                kind.ctype().eq_ignore_ascii_case(kind_of)
                    && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case(sub))
            };
            kinds.iter().any(is_kind)
        })
    };
    let is_named = |part: &&MessagePart<'_>| {
        part.attachment_name().is_some_and(|name| name.to_ascii_lowercase().ends_with(".ics"))
    };
    let parts = || message.parts.iter();
    let by_type = parts().find(|part| is_of(part, &[("text", "calendar")]));
    let by_file = || parts().find(|part| is_of(part, &[("application", "ics")]) || is_named(part));
    by_type.or_else(by_file)
}

fn tokens(message: &Message<'_>) -> Vec<String> {
    let is_recipient = |name: &str| RECIPIENTS.iter().any(|known| known.eq_ignore_ascii_case(name));
    let headers = message.headers_raw().filter(|(name, _)| is_recipient(name));
    let mut found: Vec<String> = Vec::new();
    for token in headers.flat_map(|(_, value)| tokens_in(value)) {
        let token = token.to_ascii_lowercase();
        if found.len() < MAX_TOKENS && !found.contains(&token) {
            found.push(token);
        }
    }
    found
}

/// What stands between a `+` and an `@` and can be a token. An address is never folded within itself.
fn tokens_in(header: &str) -> impl Iterator<Item = &str> {
    header.split('+').skip(1).filter_map(|rest| rest.split_once('@')).map(|(token, _)| token).filter(
        |token| {
            let is_letter = |byte: u8| byte.is_ascii_alphabetic() || (b'2'..=b'7').contains(&byte);
            token.len() == TOKEN_LENGTH && token.bytes().all(is_letter)
        },
    )
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
