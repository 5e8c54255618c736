use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp as Instant;
use meeting_calendar::{Meeting, Method, calendar_text};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use service_kit::ApiError;

use super::{
    PollStores,
    access::{Bearer, PollId},
    reply::{marked, tag},
};
use crate::{
    api::calendar_reply::{calendar, with_weak_tag},
    conditions::{Conditions, Reading},
    db::PollError,
    polls::meeting_of,
};

/// Most characters of a file's name.
const LONGEST_NAME: usize = 80;

/// The meeting that was decided on as a calendar to download; that of a weekly poll repeats every week.
#[utoipa::path(get, path = "/polls/{id}/meeting.ics", operation_id = "poll_meeting", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = Option<String>, Header, description = "Bearer and the organiser's or a participant's token"),
    ("If-None-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "Entity tags of versions that the client has"),
), responses(
    (status = 200, description = "The meeting (RFC 5545)", content_type = "text/calendar", body = String, headers(("ETag" = String, description = "The poll's version"))),
    (status = 304, description = "The client has this version"),
    (status = 401, description = "The token is none of this poll"),
    (status = 404, description = "There is no such poll, or it is not decided"),
    (status = 412, description = "The poll has another version"),
    (status = 503, description = "The database is unavailable"),
))]
pub(super) async fn meeting(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<Response, ApiError> {
    let (poll, _) = stores.polls.find(&id, bearer.hash()).await?;
    let meeting = meeting_of(&poll, &stores.public_url);
    let meeting = meeting.ok_or_else(|| ApiError::not_found("The poll is not decided"))?;
    let reply = match conditions.reading_of(&tag(poll.version)) {
        Reading::Refuse => return Err(PollError::PreconditionFailed.into()),
        Reading::NotModified => StatusCode::NOT_MODIFIED.into_response(),
        Reading::Send => file(&meeting),
    };
    Ok(with_weak_tag(&tag(poll.version), marked(poll.version, reply)))
}

fn file(meeting: &Meeting) -> Response {
    let text = calendar_text(Method::Publish, std::slice::from_ref(meeting), Instant::now());
    ([(header::CONTENT_DISPOSITION, attachment(&meeting.title))], calendar(text)).into_response()
}

/// A file that is named after the title, as far as every system takes that (RFC 6266).
fn attachment(title: &str) -> String {
    let is_taken = |character: &char| character.is_alphanumeric() || " _-".contains(*character);
    let name: String = title.chars().filter(is_taken).take(LONGEST_NAME).collect();
    let name = utf8_percent_encode(name.trim(), NON_ALPHANUMERIC).to_string();
    let name = if name.is_empty() { "meeting".to_owned() } else { name };
    format!("attachment; filename=\"meeting.ics\"; filename*=UTF-8''{name}.ics")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_the_title_and_nothing_else_gets_into_the_header() {
        for (title, name) in [
            ("Lunch", "Lunch"),
            ("Mittag: \"essen\"\r\nX: y, \u{e4}", "Mittag%20essenX%20y%20%C3%A4"),
            ("../..", "meeting"),
            ("", "meeting"),
        ] {
            let expected = format!("attachment; filename=\"meeting.ics\"; filename*=UTF-8''{name}.ics");
            assert_eq!(attachment(title), expected);
        }
    }
}
