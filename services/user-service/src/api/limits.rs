use axum::{Json, extract::State};
use calendar_fetch::CalendarUrl;
use serde::Serialize;
use service_kit::{ClientQuota, IDEMPOTENCY_KEY_LENGTH, Routes};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use wire::{AnswerInput, InvitationsRequest, NewParticipant, NewPoll, PollLayout, Schedule};

use super::{
    accounts::SIGN_INS_PER_HOUR,
    calendars::{CALENDAR_LIMIT, MAX_NAME},
};
use crate::{
    db::{Accounts, Mails, People, Polls},
    polls::{MAX_PARTICIPANTS, PollRetention},
};

/// The limits of the service. What is beyond one is refused with its name and value, and never cut.
#[derive(Serialize, ToSchema)]
struct Limits {
    /// Participants of a poll.
    poll_participants: u64,
    /// Polls that one client may make in an hour; `null` without a limit.
    polls_per_hour: Option<u32>,
    /// Days for which a poll is kept after its last date; `null` without an end.
    poll_retention_days: Option<u32>,
    /// Dates of a poll.
    poll_dates: usize,
    /// Weeks from the first time of a poll, or of a question, to the last.
    horizon_weeks: usize,
    /// Minutes of a meeting.
    poll_duration_minutes: u32,
    /// Characters of a poll's title.
    poll_title_characters: usize,
    /// Characters of a poll's description.
    poll_description_characters: usize,
    /// Characters of a poll's location.
    poll_location_characters: usize,
    /// Characters of a participant's name.
    participant_name_characters: usize,
    /// People who are invited by one request.
    invitations: usize,
    /// Invitations that a poll sends in an hour.
    invitations_per_hour: i64,
    /// Mails that one address gets in a day, besides those that call off a meeting.
    mails_per_day: i64,
    /// Links to sign in with that one client may ask for in an hour.
    sign_ins_per_hour: u32,
    /// Links to sign in with of one address that hold at the same time.
    sign_ins_of_an_address: i64,
    /// Characters of an `Idempotency-Key`.
    idempotency_key_characters: usize,
    /// Ranges of an answer.
    answer_ranges: usize,
    /// Weekly rules of a schedule or an answer, and working hours.
    schedule_rules: usize,
    /// Overrides of a schedule.
    schedule_overrides: usize,
    /// Ranges of an override.
    schedule_override_ranges: usize,
    /// Calendars of a person.
    calendars: i64,
    /// Bytes of a calendar.
    calendar_bytes: usize,
    /// Characters of a calendar's name.
    calendar_name_characters: usize,
    /// Bytes of the URL of a calendar that is subscribed to.
    calendar_url_bytes: usize,
    /// Meetings of a feed; of more the latest.
    feed_meetings: i64,
}

/// Every limit of the service.
#[utoipa::path(get, path = "/limits", responses((status = 200, description = "The limits", body = Limits)))]
async fn limits(State((quota, retention)): State<(ClientQuota, PollRetention)>) -> Json<Limits> {
    Json(Limits {
        poll_participants: MAX_PARTICIPANTS,
        polls_per_hour: quota.limit(),
        poll_retention_days: retention.limit(),
        poll_dates: PollLayout::MAX_DATES,
        horizon_weeks: 12,
        poll_duration_minutes: PollLayout::MAX_DURATION,
        poll_title_characters: NewPoll::MAX_TITLE,
        poll_description_characters: NewPoll::MAX_DESCRIPTION,
        poll_location_characters: NewPoll::MAX_LOCATION,
        participant_name_characters: NewParticipant::MAX_NAME,
        invitations: InvitationsRequest::MAX_PEOPLE,
        invitations_per_hour: Mails::INVITATIONS_PER_HOUR,
        mails_per_day: Mails::PER_DAY,
        sign_ins_per_hour: SIGN_INS_PER_HOUR,
        sign_ins_of_an_address: Accounts::MOST_SIGN_INS,
        idempotency_key_characters: IDEMPOTENCY_KEY_LENGTH,
        answer_ranges: AnswerInput::MAX_RANGES,
        schedule_rules: Schedule::MAX_RULES,
        schedule_overrides: Schedule::MAX_OVERRIDES,
        schedule_override_ranges: Schedule::MAX_RANGES,
        calendars: People::MAX_CALENDARS,
        calendar_bytes: CALENDAR_LIMIT,
        calendar_name_characters: MAX_NAME,
        calendar_url_bytes: CalendarUrl::MAX_LENGTH,
        feed_meetings: Polls::MAX_FEED,
    })
}

pub(super) fn routes(quota: ClientQuota, retention: PollRetention) -> Routes {
    Routes::from(OpenApiRouter::new().routes(routes!(limits)).with_state((quota, retention)))
}
