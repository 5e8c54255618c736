//! Every mail is read back by another implementation, and checked against RFC 5322, 2045, 5546, 6047 and 8058.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod calendar;
mod hostile;
mod support;

use mail::{RenderError, render};
use mail_parser::MimeHeaders;
use support::{
    EDIT_LINK, UNSUBSCRIBE, answer, assert_lines, declined_proposal, every_content, header, later, mail,
    names, parsed, request, sender, sign_in, written,
};
use wire::{Language, MailAddress, MailDescription, ReplyStatus};

#[test]
fn every_mail_in_every_language_is_a_message() {
    for language in Language::ALL {
        for content in every_content() {
            let mail = MailDescription { language, ..mail(content) };
            let message = written(&mail);
            assert_lines(&message);
            let read = parsed(&message);
            let from = read.from().unwrap().first().unwrap();
            assert_eq!((from.name(), from.address()), (Some("W2Meet"), Some("meet@example.com")));
            let to = read.to().unwrap().first().unwrap();
            assert_eq!((to.name(), to.address()), (Some("Jörg Größe"), Some("joerg@example.com")));
            assert_eq!(read.reply_to().unwrap().first().unwrap().address(), Some("ada@example.org"));
            assert_eq!(read.subject(), Some(message.subject.as_str()));
            assert_eq!(
                read.message_id(),
                Some("request.q1Zk3Y0uTtWb7l3m2n4o5A.cGFydGljaXBhbnQtaWRfMQ.1@example.com")
            );
            assert_eq!(read.date().unwrap().to_timestamp(), 1_772_000_000);
            assert_eq!(header(&read, "Auto-Submitted"), "auto-generated");
            assert_eq!(header(&read, "MIME-Version"), "1.0");
            assert_eq!(header(&read, "List-Unsubscribe"), format!("<{UNSUBSCRIBE}>"));
            assert_eq!(header(&read, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
            let mut names = names(&read);
            let count = names.len();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), count, "no header is there twice: {names:?}");
            let (text, html) = (read.body_text(0).unwrap(), read.body_html(0).unwrap());
            for body in [&text, &html] {
                assert!(body.contains("Raum 3; 2. Stock"), "{body}");
                assert!(body.contains(UNSUBSCRIBE), "{body}");
                assert!(!body.contains(['{', '}']), "{body}");
            }
            assert!(!html.contains("<b>Ziele"), "{html}");
            assert_eq!(message.envelope.to()[0].to_string(), "joerg@example.com");
            assert_eq!(message.envelope.from().unwrap().to_string(), "meet@example.com");
            assert_eq!(written(&mail).bytes, message.bytes, "the same mail is the same bytes");
        }
    }
}

#[test]
fn an_invitation_has_the_recipients_own_link_and_the_deadline_on_their_clocks() {
    let [invitation, ..] = &every_content()[..] else { unreachable!() };
    let mail = mail(invitation.clone());
    let message = written(&mail);
    let read = parsed(&message);
    assert_eq!(read.subject(), Some("Wann kannst du? Rückblick & Ausblick"));
    assert_eq!(read.content_type().unwrap().subtype(), Some("alternative"));
    let text = read.body_text(0).unwrap();
    assert!(text.contains(EDIT_LINK), "{text}");
    assert!(
        text.contains("Antworten bis: Mittwoch, 4. März 2026, 18:00 Uhr (Europe/Berlin, UTC+01:00)"),
        "{text}"
    );
    assert!(text.contains("Zweitens: Zahlen."), "{text}");
    assert!(read.body_html(0).unwrap().contains("Rückblick &amp; Ausblick"));
    assert!(read.in_reply_to().as_text().is_none());
}

#[test]
fn a_domain_is_written_as_dns_has_it_and_a_local_part_beyond_ascii_is_refused() {
    let to = |email: &str| MailDescription {
        recipient: MailAddress { name: "Ada".to_owned(), email: email.to_owned() },
        ..mail(request())
    };
    let message = written(&to("ada@bücher.example"));
    assert_lines(&message);
    assert_eq!(message.envelope.to()[0].to_string(), "ada@xn--bcher-kva.example");
    assert!(matches!(render(&to("größe@example.com"), &sender()), Err(RenderError::LocalPart)));
    for wrong in ["", "ada", "ada@", "a\r\nBcc: eve@example.com"] {
        assert!(render(&to(wrong), &sender()).is_err(), "{wrong}");
    }
}

#[test]
fn the_organiser_reads_who_comes_and_what_else_they_propose() {
    let mail = |content| MailDescription { language: Language::En, ..mail(content) };
    for (content, subject) in [
        (answer(ReplyStatus::Accepted, None), "Zoë comes: Rückblick & Ausblick"),
        (answer(ReplyStatus::Declined, None), "Zoë does not come: Rückblick & Ausblick"),
        (answer(ReplyStatus::Tentative, None), "Zoë may come: Rückblick & Ausblick"),
        (answer(ReplyStatus::Declined, Some(later())), "Zoë proposes another time: Rückblick & Ausblick"),
    ] {
        let message = written(&mail(content));
        assert_eq!(message.subject, subject);
        let read = parsed(&message);
        let text = read.body_text(0).unwrap();
        assert!(text.contains("Bin unterwegs."), "{text}");
        let proposed =
            text.contains("Proposed: Friday, 6 March 2026, 15:00 to 16:00 (Europe/Berlin, UTC+01:00)");
        assert_eq!(proposed, subject.contains("proposes"), "{text}");
    }
    let message = written(&mail(declined_proposal()));
    let read = parsed(&message);
    let text = read.body_text(0).unwrap();
    assert!(text.contains("When: Friday, 6 March 2026, 09:00 to 10:00 (Europe/Berlin, UTC+01:00)"), "{text}");
}

#[test]
fn a_link_to_sign_in_with_goes_out_without_a_poll_and_without_a_way_to_refuse_it() {
    for language in Language::ALL {
        let mail = MailDescription { language, ..sign_in() };
        let message = written(&mail);
        assert_lines(&message);
        let read = parsed(&message);
        assert!(read.subject().unwrap().contains("W2Meet"));
        assert!(!names(&read).iter().any(|name| name.starts_with("list-") || name == "reply-to"));
        let (text, html) = (read.body_text(0).unwrap(), read.body_html(0).unwrap());
        assert!(
            text.contains("https://meet.example.com/account#sign-in=0oVZ&email=joerg%40example%2Ecom"),
            "{text}"
        );
        assert!(html.contains("account#sign-in=0oVZ&amp;email=joerg%40example%2Ecom"), "{html}");
        for body in [&text, &html] {
            assert!(body.contains("15") && !body.contains(['{', '}']), "{body}");
        }
    }
}
