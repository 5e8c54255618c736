//! Texts that try to be more than texts.

use mail::MailMessage;
use mail_parser::{Message, MimeHeaders};
use proptest::{prelude::*, sample};
use wire::{Language, MailAddress, MailContent, MailDescription};

use crate::support::{UNSUBSCRIBE, assert_lines, every_content, header, mail, names, parsed, written};

#[test]
fn nothing_in_a_name_or_a_text_becomes_a_header_or_a_line_of_the_calendar() {
    let evil = "Ada\r\nBcc: eve@example.com\r\n\r\n<script>\u{0}\u{2028}ATTENDEE:mailto:eve@example.com";
    for content in every_content() {
        let mut mail = mail(content);
        mail.recipient.name = evil.to_owned();
        let poll = mail.poll.as_mut().unwrap();
        poll.title = evil.to_owned();
        poll.description = evil.to_owned();
        poll.location = evil.to_owned();
        mail.reply_to = Some(MailAddress { name: evil.to_owned(), email: "ada@example.org".to_owned() });
        let message = written(&mail);
        assert_lines(&message);
        let read = parsed(&message);
        assert!(!names(&read).contains(&"bcc".to_owned()));
        assert_eq!(read.to().unwrap().as_list().unwrap().len(), 1);
        assert!(!read.body_html(0).unwrap().contains("<script>"));
        if let Some(part) = read.part(4) {
            let attendees =
                part.text_contents().unwrap().split("\r\n").filter(|line| line.starts_with("ATTENDEE"));
            assert_eq!(attendees.count(), 1);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn any_texts_make_a_message_that_reads_back(
        name in any::<String>(),
        title in any::<String>(),
        description in any::<String>(),
        location in any::<String>(),
        content in sample::select(every_content()),
        language in sample::select(Language::ALL.to_vec()),
    ) {
        let mut mail = MailDescription { language, ..mail(content) };
        mail.recipient.name = name;
        let poll = mail.poll.as_mut().unwrap();
        poll.title = title;
        poll.description = description;
        poll.location = location;
        let message = written(&mail);
        assert_lines(&message);
        assert_headers(&message);
        let read = parsed(&message);
        prop_assert_eq!(read.to().unwrap().as_list().unwrap().len(), 1);
        prop_assert_eq!(read.to().unwrap().first().unwrap().address(), Some("joerg@example.com"));
        // What is folded or an encoded word is read as what it was.
        prop_assert_eq!(words(read.subject().unwrap_or_default()), words(&message.subject));
        prop_assert_eq!(header(&read, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        prop_assert!(read.body_text(0).unwrap().contains(UNSUBSCRIBE));
        assert_parts(&read, &mail.content);
    }
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// RFC 5322 §2.2 and 2.1.1: names are printable, lines are folded before a blank and in time, and RFC 2047 §2: no encoded word
/// is longer than 75 characters.
fn assert_headers(message: &MailMessage) {
    let text = str::from_utf8(&message.bytes).unwrap();
    let (headers, _) = text.split_once("\r\n\r\n").unwrap();
    for line in headers.split("\r\n") {
        let is_fold = line.starts_with([' ', '\t']);
        assert!(!is_fold || !line.trim().is_empty(), "a line of blanks alone: {headers}");
        let name = line.split(':').next().unwrap();
        assert!(is_fold || line.contains(':') && name.bytes().all(|byte| byte.is_ascii_graphic()), "{line}");
        for word in line.split_whitespace().filter(|word| word.starts_with("=?")) {
            assert!(word.len() <= 75, "{word}");
        }
    }
}

/// RFC 2046 §5.1.4: the plainest first. RFC 6047 §2.4: the calendar's METHOD is that of its MIME type. RFC 5546 §3.2.2,
/// 3.2.5 and 3.2.8, RFC 5545 §3.1: what a request, a cancellation and a declined proposal have, once, in lines of 75 octets.
fn assert_parts(read: &Message<'_>, content: &MailContent) {
    let kinds: Vec<&str> =
        (0..read.parts.len()).filter_map(|part| read.parts[part].content_type()?.subtype()).collect();
    let method = match content {
        MailContent::MeetingRequest { .. } => "REQUEST",
        MailContent::MeetingCancel { .. } => "CANCEL",
        MailContent::ProposalDeclined { .. } => "DECLINECOUNTER",
        _ => return assert_eq!(kinds, ["alternative", "plain", "html"]),
    };
    assert_eq!(kinds, ["mixed", "alternative", "plain", "html", "calendar", "ics"]);
    let part = &read.parts[4];
    assert_eq!(part.content_type().unwrap().attribute("method"), Some(method));
    let text = part.text_contents().unwrap();
    assert!(text.ends_with("\r\n") && text.split("\r\n").all(|line| line.len() <= 75), "{text}");
    let unfolded = text.replace("\r\n ", "");
    let lines: Vec<&str> = unfolded.split("\r\n").collect();
    let count = |name: &str| lines.iter().filter(|line| line.split([':', ';']).next() == Some(name)).count();
    for name in
        ["METHOD", "PRODID", "VERSION", "UID", "DTSTAMP", "DTSTART", "SEQUENCE", "ORGANIZER", "ATTENDEE"]
    {
        assert_eq!(count(name), 1, "{name} in {unfolded}");
    }
    assert!(lines.contains(&format!("METHOD:{method}").as_str()), "{unfolded}");
    assert_eq!(count("SUMMARY"), 1, "{unfolded}");
    assert_eq!(lines.contains(&"STATUS:CANCELLED"), method == "CANCEL", "{unfolded}");
}
