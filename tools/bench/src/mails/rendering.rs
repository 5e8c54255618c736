//! What it takes to write a mail, beside putting finished texts into a message.

use std::hint::black_box;

use anyhow::Context;
use lettre::{
    Message,
    message::{Mailbox, MultiPart, SinglePart, header::ContentType},
};
use mail::{MailMessage, Sender, render};
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::{Value, json};
use wire::MailDescription;

use crate::{measure::median, proc, python};

/// Mails that are written for one figure.
const MAILS: u32 = 2_000;
const PYTHON: &str = include_str!("render.py");

/// Medians over the rounds, in CPU milliseconds for a mail.
pub(crate) struct Rendering {
    pub(crate) title: &'static str,
    pub(crate) bytes: usize,
    pub(crate) ours_ms: f64,
    /// The same parts with finished texts, by the library that ours is on top of.
    pub(crate) bare_ms: f64,
    /// The same by Python's `email`, if there is a Python.
    pub(crate) python_ms: Option<f64>,
}

/// Measures mails with and without a calendar.
pub(crate) async fn measure_rendering(rounds: usize) -> anyhow::Result<Vec<Rendering>> {
    let mut found = Vec::new();
    for (title, content) in [("an invitation", invitation()), ("a meeting request", request())] {
        let mail = description(content)?;
        let message = render(&mail, &sender()?)?;
        let texts = texts(&message)?;
        let (mut ours, mut bare, mut python) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let (mail, sender) = (mail.clone(), sender()?);
            ours.push(cpu_ms(move || render(&mail, &sender).map(drop).map_err(Into::into)).await?);
            let own = texts.clone();
            bare.push(cpu_ms(move || finished(&own).map(drop)).await?);
            python.extend(python::run("python3", PYTHON, &serde_json::to_vec(&texts)?).await?);
        }
        let python = python.iter().map(|answer| answer["cpu_ms"].as_f64().context("no cpu_ms"));
        let python: Vec<f64> = python.collect::<Result<_, _>>()?;
        found.push(Rendering {
            title,
            bytes: message.bytes.len(),
            ours_ms: median(ours)?,
            bare_ms: median(bare)?,
            python_ms: median(python).ok(),
        });
    }
    Ok(found)
}

/// An invitation that is ready to be sent.
pub(super) fn message() -> anyhow::Result<MailMessage> {
    Ok(render(&description(invitation())?, &sender()?)?)
}

/// CPU milliseconds of one of many calls.
async fn cpu_ms(call: impl Fn() -> anyhow::Result<()> + Send + 'static) -> anyhow::Result<f64> {
    let calls = move || {
        let before = proc::thread_cpu_seconds();
        for _ in 0..MAILS {
            black_box(call())?;
        }
        Ok((proc::thread_cpu_seconds() - before) * 1e3 / f64::from(MAILS))
    };
    tokio::task::spawn_blocking(calls).await?
}

/// The texts of a mail's parts, each with its type.
fn texts(message: &MailMessage) -> anyhow::Result<Vec<(String, String)>> {
    let parsed = MessageParser::default().parse(&message.bytes).context("it is no mail")?;
    let texts = parsed.parts.iter().filter_map(|part| {
        let kind = part.content_type()?;
        let text = part.text_contents()?.to_owned();
        Some((format!("{}/{}", kind.c_type, kind.c_subtype.as_deref()?), text))
    });
    Ok(texts.collect())
}

/// A message of finished texts: those that can be read in its place, and behind them the calendar as a file.
fn finished(texts: &[(String, String)]) -> anyhow::Result<Vec<u8>> {
    let mailbox = |text: &str| text.parse::<Mailbox>();
    let message = Message::builder()
        .from(mailbox("W2Meet <meet@example.com>")?)
        .to(mailbox("Guest <guest@example.com>")?)
        .subject("When can you come?");
    let part = |(kind, text): &(String, String)| -> anyhow::Result<SinglePart> {
        Ok(SinglePart::builder().header(ContentType::parse(kind)?).body(text.clone()))
    };
    let mut parts = MultiPart::mixed().build();
    for text in texts {
        parts = parts.singlepart(part(text)?);
    }
    Ok(message.multipart(parts)?.formatted())
}

fn sender() -> anyhow::Result<Sender> {
    "W2Meet <meet@example.com>".parse().map_err(|error| anyhow::anyhow!("{error}"))
}

fn invitation() -> Value {
    json!({"purpose": "invitation", "deadline": null,
        "link": "https://meet.example.com/p/q1Zk3Y0uTtWb7l3m2n4o5A#edit=cGFydGljaXBhbnQtaWRfMQ.dG9rZW4"})
}

fn request() -> Value {
    json!({"purpose": "meeting_request", "sequence": 1, "required": true,
        "meeting": {"start": "2027-03-02T08:00:00Z", "end": "2027-03-02T09:00:00Z"}})
}

fn description(content: Value) -> anyhow::Result<MailDescription> {
    let description = json!({
        "id": "01990000-0000-7000-8000-000000000000",
        "key": "invitation/q1Zk3Y0uTtWb7l3m2n4o5A/cGFydGljaXBhbnQtaWRfMQ",
        "state": "waiting",
        "created_at": "2027-01-04T08:00:00Z",
        "recipient": {"name": "Guest", "email": "guest@example.com"},
        "reply_to": {"name": "", "email": "organiser@example.com"},
        "language": "de",
        "time_zone": "Europe/Berlin",
        "poll": {
            "id": "q1Zk3Y0uTtWb7l3m2n4o5A",
            "title": "Planung",
            "description": "Was wir nächstes Jahr machen, und wer es macht.",
            "location": "Raum 3",
            "url": "https://meet.example.com/p/q1Zk3Y0uTtWb7l3m2n4o5A",
            "weekly_in": null,
        },
        "unsubscribe_url": "https://meet.example.com/users/unsubscribe?token=0oVZ2r6AoLAhLlb0gPNSKy6BEqdS2IfwxrcbUuo1XYZ",
        "reply_token": "q1Zk3Y0uTtWb7l3m2n4o5A",
        "content": content,
    });
    Ok(serde_json::from_value(description)?)
}
