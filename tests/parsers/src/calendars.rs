use domain::Zone;
use jiff::Timestamp;
use user_service::{busy_times, read_reply};
use wire::Range;
use worker_service::{Inbound, read_mail};

/// Calendars that people bring or subscribe to: busy times are within what was asked about, sorted and apart.
pub(crate) fn calendars(file: &[u8]) {
    let within = Range { start: at(1_796_000_000), end: at(1_803_257_600) };
    let Ok(read) = busy_times(file, Zone::utc(), within) else { return };
    assert!(
        read.busy
            .iter()
            .all(|busy| within.start <= busy.start && busy.start < busy.end && busy.end <= within.end)
    );
    assert!(read.busy.is_sorted_by(|first, next| first.end < next.start), "{:?}", read.busy);
    assert!(read.problems.len() <= 101);
}

/// Answers of calendars to a meeting.
pub(crate) fn calendar_replies(calendar: &[u8]) {
    // Whatever it is, it is no answer or one.
    drop(read_reply(&String::from_utf8_lossy(calendar), None));
}

/// Mails that come in, with the calendars in them.
pub(crate) fn inbound_mails(mail: &[u8]) {
    match read_mail(mail) {
        Ok(Inbound::Calendar(reply)) => drop(read_reply(&reply.calendar, reply.method.as_deref())),
        Ok(Inbound::Bounce { tokens, .. }) => assert!(tokens.len() <= 8),
        Err(reason) => assert!(!reason.is_empty()),
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or_default()
}
