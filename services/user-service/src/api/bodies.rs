//! The bodies of requests as OpenAPI describes them; `wire` reads them member by member.

#![expect(dead_code, reason = "only OpenAPI looks at them")]

use utoipa::ToSchema;
use wire::{
    Hours, Language, LevelRange, Override, Rule, Visibility,
    schema::{ClockTime, DateText, DayName, EmailAddress, InstantText, ZoneName},
};

/// A poll to be made. With `kind` `dates` it has `dates`, with `weekly` `days`.
#[derive(ToSchema)]
#[schema(as = NewPoll)]
pub(super) struct NewPollBody {
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    #[schema(max_length = 4000)]
    description: Option<String>,
    #[schema(max_length = 400)]
    location: Option<String>,
    kind: PollKind,
    /// At most 84, within 12 weeks.
    #[schema(value_type = Option<Vec<DateText>>, max_items = 84)]
    dates: Option<Vec<String>>,
    #[schema(value_type = Option<Vec<DayName>>, max_items = 7)]
    days: Option<Vec<String>>,
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// On a quarter of an hour.
    #[schema(value_type = ClockTime)]
    from: String,
    /// A whole number of cells after `from`; at or before `from` it is on the next day.
    #[schema(value_type = ClockTime)]
    to: String,
    /// 15, 30 or 60.
    #[schema(minimum = 15, maximum = 60)]
    granularity_minutes: u32,
    /// A multiple of 15, and no longer than any time of the poll.
    #[schema(minimum = 15, maximum = 10080)]
    duration_minutes: u32,
    #[schema(value_type = Option<InstantText>)]
    deadline: Option<String>,
    visibility: Option<Visibility>,
    /// Where the organiser gets mails about the poll. It is shown to nobody else, but answers to mails go there.
    #[schema(value_type = Option<EmailAddress>)]
    organiser_email: Option<String>,
    /// What mails are written in where their recipient has not said; English by default.
    language: Option<Language>,
    /// Whether participants who have given an address and not answered are reminded a day before the deadline, or halfway to
    /// it where less than two days are left. It needs a deadline.
    remind: Option<bool>,
    /// For how many days the poll is kept after its last date, or its last change where it has none; what the installation says
    /// (`poll_retention_days` of `GET /limits`) where that is less.
    #[schema(minimum = 1, maximum = 3650)]
    keep_days: Option<u32>,
}

/// Which days a poll asks about.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
enum PollKind {
    Dates,
    Weekly,
}

/// What replaces what a poll has; what is not given stays. Its kind stays.
#[derive(ToSchema)]
#[schema(as = PollChange)]
pub(super) struct PollChangeBody {
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    #[schema(max_length = 4000)]
    description: Option<String>,
    #[schema(max_length = 400)]
    location: Option<String>,
    #[schema(value_type = Option<Vec<DateText>>, max_items = 84)]
    dates: Option<Vec<String>>,
    #[schema(value_type = Option<Vec<DayName>>, max_items = 7)]
    days: Option<Vec<String>>,
    #[schema(value_type = Option<ZoneName>)]
    time_zone: Option<String>,
    #[schema(value_type = Option<ClockTime>)]
    from: Option<String>,
    #[schema(value_type = Option<ClockTime>)]
    to: Option<String>,
    #[schema(minimum = 15, maximum = 60)]
    granularity_minutes: Option<u32>,
    #[schema(minimum = 15, maximum = 10080)]
    duration_minutes: Option<u32>,
    /// `null` takes it away.
    #[schema(value_type = Option<InstantText>)]
    deadline: Option<String>,
    visibility: Option<Visibility>,
    /// `null` takes it away.
    #[schema(value_type = Option<EmailAddress>)]
    organiser_email: Option<String>,
    language: Option<Language>,
    remind: Option<bool>,
    /// `null` takes it away.
    #[schema(minimum = 1, maximum = 3650)]
    keep_days: Option<u32>,
}

/// People who are invited by mail.
#[derive(ToSchema)]
#[schema(as = Invitations)]
pub(super) struct InvitationsBody {
    /// Each address once.
    #[schema(min_items = 1, max_items = 200)]
    people: Vec<InvitationBody>,
}

/// Somebody who is invited by mail.
#[derive(ToSchema)]
#[schema(as = Invitation)]
struct InvitationBody {
    #[schema(value_type = EmailAddress)]
    email: String,
    /// What the poll calls them. Without it, what is before the `@` of the address; all who see names see it.
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    /// Without it, as in the schedule of the stored person, and else the poll's.
    #[schema(value_type = Option<ZoneName>)]
    time_zone: Option<String>,
    /// What their mails are written in; without it, as the poll's.
    language: Option<Language>,
}

/// Somebody who takes part.
#[derive(ToSchema)]
#[schema(as = NewParticipant)]
pub(super) struct NewParticipantBody {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(value_type = ZoneName)]
    time_zone: String,
    /// The address under which they are stored as a person. It is never shown.
    #[schema(value_type = Option<EmailAddress>)]
    email: Option<String>,
    /// Without it, those of the stored person, if any.
    working_hours: Option<Vec<Hours>>,
    /// Only the organiser may say it.
    required: Option<bool>,
}

/// What replaces what a participant says of themselves; what is not given stays.
#[derive(ToSchema)]
#[schema(as = ParticipantChange)]
pub(super) struct ParticipantChangeBody {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    #[schema(value_type = Option<ZoneName>)]
    time_zone: Option<String>,
    /// `null` takes it away.
    #[schema(value_type = Option<EmailAddress>)]
    email: Option<String>,
    working_hours: Option<Vec<Hours>>,
    /// Only the organiser may say it.
    required: Option<bool>,
}

/// One of `ranges` (for a poll over dates), `weekly` with its `time_zone` (for a weekly poll), and `from_schedule`.
#[derive(ToSchema)]
#[schema(as = Answer)]
pub(super) struct AnswerBody {
    /// On the poll's cells and within its times.
    #[schema(max_items = 8192)]
    ranges: Option<Vec<LevelRange>>,
    #[schema(value_type = Option<ZoneName>)]
    time_zone: Option<String>,
    #[schema(max_items = 168)]
    weekly: Option<Vec<Rule>>,
    /// `true`: as the schedule and the busy times of the stored person have it now.
    from_schedule: Option<bool>,
}

/// When the meeting is: whole quarters of an hour.
#[derive(ToSchema)]
#[schema(as = Decision)]
pub(super) struct DecisionBody {
    #[schema(value_type = InstantText)]
    start: String,
    #[schema(value_type = InstantText)]
    end: String,
    /// Even where required participants are busy by other decisions.
    force: Option<bool>,
}

/// A schedule.
#[derive(ToSchema)]
#[schema(as = NewSchedule)]
pub(super) struct ScheduleBody {
    #[schema(value_type = ZoneName)]
    time_zone: String,
    #[schema(max_items = 168)]
    weekly: Vec<Rule>,
    #[schema(max_items = 1000)]
    overrides: Option<Vec<Override>>,
    #[schema(max_items = 168)]
    working_hours: Option<Vec<Hours>>,
}
