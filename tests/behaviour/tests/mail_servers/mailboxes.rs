//! What people and their programs do with mails: look at what has come, and answer to a meeting.

use std::fs::DirEntry;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use behaviour::{Api, Reply};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac};
use lettre::message::SinglePart;
use lettre::message::header::ContentType;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use mail_parser::{MessageParser, MimeHeaders};
use reqwest::Method;
use sha2::Sha256;

/// The mails of this name that nobody has read, with their files.
pub(crate) fn unread(mailboxes: &Path, name: &str) -> anyhow::Result<Vec<(PathBuf, Vec<u8>)>> {
    let Ok(files) = std::fs::read_dir(mailboxes.join(name).join("new")) else { return Ok(Vec::new()) };
    let read = |file: std::io::Result<DirEntry>| {
        let path = file?.path();
        let mail = std::fs::read(&path)?;
        Ok((path, mail))
    };
    files.map(read).collect()
}

/// What the one process with this data folder has written.
pub(crate) fn mails_in_files(data: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let Ok(files) = std::fs::read_dir(data.join("mail")) else { return Ok(Vec::new()) };
    let mails = files.map(|file| file.map(|file| file.path()));
    let whole = mails
        .filter(|path| path.as_ref().is_ok_and(|path| path.extension().is_some_and(|kind| kind == "eml")));
    whole.map(|path| Ok(std::fs::read(path?)?)).collect()
}

pub(crate) fn subject_of(mail: &[u8]) -> String {
    let message = MessageParser::default().parse(mail);
    message.and_then(|message| message.subject().map(str::to_owned)).unwrap_or_default()
}

/// The calendar that programs show buttons for, unfolded; empty where there is none.
pub(crate) fn calendar_of(mail: &[u8]) -> String {
    let message = MessageParser::default().parse(mail).unwrap();
    let is_calendar = |part: &&mail_parser::MessagePart<'_>| {
        part.content_type().is_some_and(|kind| kind.subtype() == Some("calendar"))
    };
    let part = message.parts.iter().find(is_calendar);
    part.and_then(|part| part.text_contents()).unwrap_or_default().replace("\r\n ", "")
}

/// The answer to the meeting of a calendar in the way of programs: to its ORGANIZER, with what identifies it.
pub(crate) fn reply(attendee: &str, calendar: &str, status: &str) -> anyhow::Result<Message> {
    let line = |name: &str| calendar.lines().find(|line| line.starts_with(name)).context("no such line");
    let (_, organizer) = line("ORGANIZER")?.split_once("mailto:").context("no address")?;
    let kept = ["UID", "SEQUENCE", "DTSTART", "DTEND", "ORGANIZER"].into_iter().map(line);
    let kept = kept.collect::<anyhow::Result<Vec<&str>>>()?.join("\r\n");
    // Each status is written later than the one before it.
    let second = if status == "ACCEPTED" { 1 } else { 2 };
    let text = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\n{kept}\r\n\
         DTSTAMP:20990101T00000{second}Z\r\nATTENDEE;PARTSTAT={status}:mailto:{attendee}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let kind = ContentType::parse("text/calendar; method=REPLY; charset=utf-8")?;
    let message = Message::builder().from(attendee.parse()?).to(organizer.parse()?).subject(status);
    Ok(message.singlepart(SinglePart::builder().header(kind).body(text))?)
}

/// Sends an answer to the meeting of a calendar by this server.
pub(crate) async fn send_reply(
    server: SocketAddr,
    attendee: &str,
    calendar: &str,
    status: &str,
) -> anyhow::Result<()> {
    let message = reply(attendee, calendar, status)?;
    let transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(server.ip().to_string());
    transport.port(server.port()).build().send(message).await?;
    Ok(())
}

/// Hands a mail over by HTTP, signed with this secret.
pub(crate) async fn hand_over(api: &Api, secret: &str, mail: &[u8]) -> anyhow::Result<Reply> {
    let time = jiff::Timestamp::now().as_second();
    let mut code = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    code.update(format!("{time}.").as_bytes());
    code.update(mail);
    let signature = format!("t={time},v1={}", HEXLOWER.encode(&code.finalize().into_bytes()));
    let call = api.call(Method::POST, "/worker/inbound-mail").header("content-type", "message/rfc822");
    call.header("W2Meet-Signature", signature).body(mail.to_vec()).send().await
}
