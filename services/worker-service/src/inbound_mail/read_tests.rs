//! Mails in the manner of the programs that answer, made by hand.

use data_encoding::BASE64;

use super::*;

const TOKEN: &str = "abcdefghijklmnopqrstuvwxyz";
const CALENDAR: &str =
    "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nSUMMARY:Größe\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

fn calendar(mail: &[u8]) -> Result<InboundReply, &'static str> {
    match read_mail(mail)? {
        Inbound::Calendar(reply) => Ok(reply),
        Inbound::Bounce { .. } => panic!("it is no report"),
    }
}

fn google() -> String {
    let encoded = BASE64.encode(CALENDAR.as_bytes());
    format!(
        "Delivered-To: meet@example.com\r\nFrom: Ada <ada@example.com>\r\nTo: meet+{TOKEN}@example.com\r\n\
         Subject: =?UTF-8?Q?Angenommen:_R=C3=BCckblick?=\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"m\"\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=\"a\"\r\n\r\n\
         --a\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\nAda has accepted.\r\n--a\r\n\
         Content-Type: text/calendar; charset=\"UTF-8\"; method=REPLY\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--a--\r\n\
         --m\r\nContent-Type: application/ics; name=\"invite.ics\"\r\nContent-Disposition: attachment; filename=\"invite.ics\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n--m--\r\n"
    )
}

fn outlook() -> String {
    let encoded = CALENDAR.replace('=', "=3D").replace("ö", "=C3=B6").replace("ß", "=C3=\r\n=9F");
    format!(
        "From: Ada <ada@example.com>\r\nTo: W2Meet <MEET+{}@example.com>\r\nContent-Language: de-DE\r\n\
         Content-Type: multipart/alternative;\r\n\tboundary=\"_000_\"\r\nMIME-Version: 1.0\r\n\r\n--_000_\r\n\
         Content-Type: text/plain; charset=\"iso-8859-1\"\r\n\r\n\r\n--_000_\r\n\
         Content-Type: text/calendar; charset=\"utf-8\"; method=REPLY\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         {encoded}\r\n--_000_--\r\n",
        TOKEN.to_uppercase()
    )
}

fn apple() -> String {
    // The whole mail is the calendar, with bare line feeds.
    let mail = format!(
        "From: ada@example.com\r\nTo: undisclosed-recipients:;\r\nX-Original-To: meet+{TOKEN}@example.com\r\n\
         Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n\r\n{CALENDAR}"
    );
    mail.replace("\r\n", "\n")
}

fn with_only_a_file() -> String {
    format!(
        "From: ada@example.com\r\nTo: meet+{TOKEN}@example.com, meet+{TOKEN}@example.com\r\n\
         Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain\r\n\r\nHi\r\n--m\r\n\
         Content-Type: application/octet-stream; name=\"Meeting.ICS\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--m--\r\n",
        BASE64.encode(CALENDAR.as_bytes())
    )
}

#[test]
fn a_calendar_is_found_with_the_token_of_its_address() {
    for (name, mail) in
        [("Google", google()), ("Outlook", outlook()), ("Apple", apple()), ("a file", with_only_a_file())]
    {
        let found = calendar(mail.as_bytes()).unwrap();
        assert_eq!(found.tokens, [TOKEN], "{name}");
        let lines = |text: &str| text.trim().replace("\r\n", "\n");
        assert_eq!(lines(&found.calendar), lines(CALENDAR), "{name}");
        assert_eq!(found.method.as_deref(), (name != "a file").then_some("REPLY"), "{name}");
    }
}

#[test]
fn other_charsets_are_read() {
    let mut mail = outlook().replace("charset=\"utf-8\"", "charset=\"windows-1252\"").into_bytes();
    mail =
        String::from_utf8(mail).unwrap().replace("=C3=B6", "=F6").replace("=C3=\r\n=9F", "=DF").into_bytes();
    assert!(calendar(&mail).unwrap().calendar.contains("SUMMARY:Größe"));
    let wide: Vec<u8> = CALENDAR.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encoded = BASE64.encode(&wide);
    let mail = format!(
        "To: meet+{TOKEN}@example.com\r\nContent-Type: text/calendar; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n"
    );
    assert!(calendar(mail.as_bytes()).unwrap().calendar.contains("SUMMARY:Größe"));
}

#[test]
fn a_mail_without_a_calendar_of_its_own_is_none() {
    for mail in [
        String::new(),
        "\r\n".to_owned(),
        format!("To: meet+{TOKEN}@example.com\r\nSubject: Out of office\r\n\r\nBack on Monday.\r\n"),
        // Somebody forwards an answer of somebody else.
        format!("To: meet+{TOKEN}@example.com\r\nContent-Type: message/rfc822\r\n\r\n{}", google()),
        format!("Content-Type: text/calendar\r\n\r\n{}", "x".repeat(InboundReply::MAX_CALENDAR + 1)),
    ] {
        assert!(calendar(mail.as_bytes()).is_err(), "{mail:.200}");
    }
}

#[test]
fn what_is_no_token_is_left_out() {
    let mail = |to: &str| {
        format!("To: {to}\r\nBcc: meet+{TOKEN}@example.com\r\nContent-Type: text/calendar\r\n\r\n{CALENDAR}")
    };
    let tokens = |to: &str| calendar(mail(to).as_bytes()).unwrap().tokens;
    for none in [
        "meet@example.com",
        "meet+@example.com",
        "meet+abc@example.com",
        &format!("meet+{TOKEN}x@example.com"),
        &format!("meet+{}1@example.com", &TOKEN[1..]),
    ] {
        assert!(tokens(none).is_empty(), "{none}");
    }
    let many: Vec<String> = (b'a'..=b'z')
        .map(|letter| format!("meet+{}@example.com", char::from(letter).to_string().repeat(26)))
        .collect();
    assert_eq!(tokens(&many.join(",\r\n ")).len(), MAX_TOKENS);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_fail(place in 0_usize..4, edits in proptest::collection::vec((0_usize..4_000, 0_usize..40, proptest::collection::vec(proptest::num::u8::ANY, 0..12)), 0..12)) {
        let mut mail = [google(), outlook(), apple(), with_only_a_file()][place].clone().into_bytes();
        for (at, removed, bytes) in edits {
            let at = at % (mail.len() + 1);
            let end = (at + removed).min(mail.len());
            mail.splice(at..end, bytes);
        }
        drop(calendar(&mail));
    }
}
