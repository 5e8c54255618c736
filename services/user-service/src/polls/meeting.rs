use meeting_calendar::Meeting;
use wire::{BaseUrl, PollDays};

use super::StoredPoll;
use crate::mails::poll_link;

/// The meeting that was decided on as calendars have it, with nobody in it; `None` while nothing is decided. That of a
/// weekly poll repeats every week on the clocks of the poll's zone.
pub(crate) fn meeting_of(poll: &StoredPoll, public_url: &BaseUrl) -> Option<Meeting> {
    let (decided, content) = (poll.meeting?, &poll.content);
    let url = poll_link(public_url, &poll.id);
    let is_weekly = matches!(content.layout.days, PollDays::Weekly { .. });
    Some(Meeting {
        uid: Meeting::uid_of_poll(poll.id.as_str()),
        sequence: poll.meeting_sequence,
        start: decided.start,
        end: decided.end,
        weekly_in: is_weekly.then(|| content.layout.time_zone.name().to_owned()),
        title: content.title.clone(),
        description: Meeting::description_with_url(&content.description, &url),
        location: content.location.clone(),
        url,
        organizer: None,
        attendees: Vec::new(),
    })
}
