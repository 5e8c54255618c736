//! The wire contract: the shapes of requests and replies, and how bad input is named.
//!
//! Queries, people and orders are parsed by hand, and so are the bodies of schedules and polls (see `input`), since the
//! contract wants every fault of them at once, each with the place where it stands. All other bodies are declared once, by
//! their types: see [`RequestBody`].

#![warn(missing_docs)]

mod access;
mod access_costs;
mod allowances;
mod attendees;
mod audit;
mod availabilities;
mod base_url;
mod calendar_subscriptions;
mod case_id;
mod conflict_checks;
mod due_polls;
mod email;
mod erasures;
mod fault;
mod group;
mod group_busy;
mod heat_map;
mod input;
mod job_orders;
mod mails;
mod meeting;
mod person;
mod polls;
mod query;
mod request_body;
mod routes;
mod schedules;
pub mod schema;
mod time;
mod unique_json;
mod windows;

pub use access::{ACCESS_RULES, AccessRule, Account, CallerRequest, Permission};
pub use access_costs::Cost;
pub use allowances::{AllowanceRequest, Grant};
pub use attendees::Attendees;
pub use audit::{AuditEntriesRequest, AuditEntry};
pub use availabilities::Availabilities;
pub use base_url::BaseUrl;
pub use calendar_subscriptions::{
    CalendarErrorCode, CalendarState, FetchOutcome, FetchOutcomeReply, NewSubscription, SubscribedCalendar,
};
pub use case_id::CaseId;
pub use conflict_checks::{ConflictCheckReply, ConflictCheckRequest};
pub use due_polls::{DuePollsReply, DuePollsRequest};
pub use email::Email;
pub use erasures::{Erasure, ErasuresDoneRequest, ErasuresReply};
pub use fault::{ErrorBody, Fault, Fields, Loc};
pub use group::{GroupAvailabilityRequest, GroupSuggestionRequest, PeopleRequest};
pub use group_busy::{GroupBusy, GroupBusyRequest, GroupBusyRequestSchema, PersonBusy};
pub use heat_map::{HeatMap, HeatMapPerson};
pub use input::AsText;
pub use job_orders::{ClaimOrdersReply, ClaimOrdersRequest, ClaimedOrder, TakenOrdersRequest};
pub use mails::{
    InboundReply, InboundReplyReply, Invitation, InvitationsReply, InvitationsRequest, Language, MailAddress,
    MailContent, MailDescription, MailOutcome, MailPoll, MailState, RemindersRequest, ReplyOutcome,
    SkipReason, SkippedInvitation,
};
pub use meeting::{
    AvailabilityReply, GroupAvailability, PairAvailability, PersonPreference, Suggestion, Suggestions,
    preference_parameter,
};
pub use person::{NewPerson, PeopleBatch, Person, parse_preference};
pub use polls::{
    AnswerInput, AnswerReply, Bits, Conflicts, CreatedParticipant, CreatedPoll, DecisionInput, GridCell,
    GridChange, GridColumn, GridRow, MeetingReply, NewParticipant, NewPoll, Participant, ParticipantAnswer,
    ParticipantChange, ParticipantsByEmailReply, ParticipantsByEmailRequest, Poll, PollAnswers, PollChange,
    PollDays, PollExport, PollGrid, PollLayout, PollState, PollView, ReplyStatus, Visibility, WeeklyAnswer,
};
pub use query::Query;
pub use request_body::RequestBody;
pub use routes::{DEFAULT_BACKEND, GATEWAY_HEALTH, GATEWAY_HEALTH_BACKEND, ROUTES, Route};
pub use schedules::{
    CalendarBusy, CalendarEntry, CalendarProblem, Calendars, DayRange, FreeBusy, Hours, ImportedCalendar,
    LevelRange, Override, PersonSchedule, PersonTime, Range, Rule, Schedule, SchedulesReply,
    SchedulesRequest, parse_schedule,
};
pub use time::Timestamp;
pub use windows::{
    BufferMinutes, Burden, EmptyReason, FindTimes, FindTimesSchema, GivenPerson, GivenTimes, GuestError,
    Holds, IfNeeded, Invitee, LevelsReply, LevelsRequest, ParticipantLevels, PersonAtWindow, PersonLevels,
    PollLevels, PollOutlook, Quorum, ReasonEntry, RotationEntry, SettledRequest, Unlock, WindowEntry,
    WindowOptions, Windows, WorkingHours,
};
