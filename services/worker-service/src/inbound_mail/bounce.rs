use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders};

use crate::mail_transport::status::says_nobody_has_it;

/// Largest report that is read, in bytes; one of a single recipient has some hundred.
const MAX_REPORT: usize = 64 * 1024;

/// What a server says of a mail that it could not deliver (RFC 3464), by its status code, if nobody has the address; `None`
/// when the mail is no such report.
///
/// # Errors
/// Why the report marks no address.
pub(super) fn bounce_in(message: &Message<'_>) -> Option<Result<String, &'static str>> {
    let report = message.parts.iter().find(|part| is_report(part))?.contents();
    if report.len() > MAX_REPORT {
        return Some(Err("its delivery report is too long"));
    }
    let report = String::from_utf8_lossy(report).replace("\r\n", "\n");
    // Behind what is said of the whole mail there is a block for each recipient, and a mail of ours has one.
    Some(match report.split("\n\n").find_map(status_of_failure) {
        None => Err("it says of no recipient that delivery has failed"),
        Some(status) if says_nobody_has_it(&status) => Ok(status),
        Some(_) => Err("it does not say that nobody has the address"),
    })
}

fn is_report(part: &MessagePart<'_>) -> bool {
    let Some(kind) = part.content_type() else { return false };
    let subtype = kind.subtype().unwrap_or_default();
    kind.ctype().eq_ignore_ascii_case("message")
        && ["delivery-status", "global-delivery-status"]
            .iter()
            .any(|known| subtype.eq_ignore_ascii_case(known))
}

/// The status of a block, if the mail was not delivered to its recipient and will not be.
fn status_of_failure(block: &str) -> Option<String> {
    let block = MessageParser::new().parse(block.trim_start())?;
    let first_word = |field| block.header_raw(field)?.split_whitespace().next();
    let action = first_word("Action")?;
    action.eq_ignore_ascii_case("failed").then(|| first_word("Status").unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(recipient: &str) -> String {
        format!(
            "From: MAILER-DAEMON@example.com\r\nTo: meet+token@example.com\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
             --b\r\nContent-Type: text/plain\r\n\r\nI'm sorry.\r\n\
             --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mail.example.com\r\n\r\n{recipient}\r\n\
             --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Poll\r\nTo: ada@example.com\r\n\r\nHello\r\n--b--\r\n"
        )
    }

    fn read(mail: &str) -> Option<Result<String, &'static str>> {
        bounce_in(&MessageParser::default().parse(mail).unwrap())
    }

    #[test]
    fn a_report_tells_that_nobody_has_the_address() {
        let postfix = "Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\
                       Diagnostic-Code: smtp; 550 5.1.1 <ada@example.com>: Recipient address rejected:\r\n    User unknown\r\n";
        let exchange = "Final-Recipient: rfc822;ada@example.com\r\nAction: FAILED\r\nStatus: 5.1.10 (no such recipient)\r\n";
        assert_eq!(read(&report(postfix)), Some(Ok("5.1.1".to_owned())));
        assert_eq!(read(&report(postfix).replace("\r\n", "\n")), Some(Ok("5.1.1".to_owned())));
        assert_eq!(read(&report(exchange)), Some(Ok("5.1.10".to_owned())));
    }

    #[test]
    fn other_reports_mark_no_address() {
        for (recipient, why) in [
            (
                "Final-Recipient: rfc822; ada@example.com\r\nAction: delayed\r\nStatus: 4.4.1\r\n",
                "of no recipient",
            ),
            (
                "Final-Recipient: rfc822; ada@example.com\r\nAction: delivered\r\nStatus: 2.0.0\r\n",
                "of no recipient",
            ),
            ("Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\nStatus: 5.7.1\r\n", "nobody has"),
            ("Final-Recipient: rfc822; ada@example.com\r\nAction: failed\r\n", "nobody has"),
            (&"X-Much: text\r\n".repeat(6_000), "too long"),
        ] {
            assert!(read(&report(recipient)).unwrap().unwrap_err().contains(why), "{recipient}");
        }
        assert_eq!(read("Subject: Hi\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n"), None);
    }
}
