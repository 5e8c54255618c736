//! Texts that try to be more than texts.

use proptest::prelude::*;
use wire::MailAddress;

use crate::support::{UNSUBSCRIBE, assert_lines, every_content, header, mail, names, parsed, written};

#[test]
fn nothing_in_a_name_or_a_text_becomes_a_header_or_a_line_of_the_calendar() {
    let evil = "Ada\r\nBcc: eve@example.com\r\n\r\n<script>\u{0}\u{2028}ATTENDEE:mailto:eve@example.com";
    for content in every_content() {
        let mut mail = mail(content);
        mail.recipient.name = evil.to_owned();
        mail.poll.title = evil.to_owned();
        mail.poll.description = evil.to_owned();
        mail.poll.location = evil.to_owned();
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
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn any_texts_make_a_message_that_reads_back(
        name in any::<String>(),
        title in any::<String>(),
        description in any::<String>(),
        location in any::<String>(),
        which in 0..7_usize,
    ) {
        let mut mail = mail(every_content().swap_remove(which));
        mail.recipient.name = name;
        mail.poll.title = title;
        mail.poll.description = description;
        mail.poll.location = location;
        let message = written(&mail);
        assert_lines(&message);
        let read = parsed(&message);
        prop_assert_eq!(read.to().unwrap().as_list().unwrap().len(), 1);
        prop_assert_eq!(read.to().unwrap().first().unwrap().address(), Some("joerg@example.com"));
        prop_assert_eq!(header(&read, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        prop_assert!(read.body_text(0).unwrap().contains(UNSUBSCRIBE));
    }
}
