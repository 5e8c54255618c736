use meeting_calendar::Meeting;
use wire::{BaseUrl, PollDays};

use super::StoredPoll;

/// The meeting that was decided on as calendars have it, with nobody in it; `None` while nothing is decided. That of a
/// weekly poll repeats every week on the clocks of the poll's zone.
pub(crate) fn meeting_of(poll: &StoredPoll, public_url: &BaseUrl) -> Option<Meeting> {
    let (decided, content) = (poll.meeting?, &poll.content);
    let url = format!("{public_url}/p/{}", poll.id);
    let is_weekly = matches!(content.layout.days, PollDays::Weekly { .. });
    // Some programs show no URL but that in the description.
    let description = [content.description.trim(), &url];
    Some(Meeting {
        // By this it is known in calendars, whichever way it gets there.
        uid: format!("{}@w2meet", poll.id),
        sequence: poll.meeting_sequence,
        start: decided.start,
        end: decided.end,
        weekly_in: is_weekly.then(|| content.layout.time_zone.name().to_owned()),
        title: content.title.clone(),
        description: description.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n"),
        location: content.location.clone(),
        url,
        organizer: None,
        attendees: Vec::new(),
    })
}
