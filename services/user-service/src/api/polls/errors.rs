use axum::http::StatusCode;
use service_kit::ApiError;
use wire::{Fault, Loc, PollState};

use crate::{
    db::{BusyParticipant, PollError},
    directory::DirectoryError,
    polls::MAX_PARTICIPANTS,
};

pub(super) fn unknown_poll() -> ApiError {
    ApiError::not_found("There is no such poll")
}

pub(super) fn unknown_participant() -> ApiError {
    ApiError::not_found("There is no such participant in this poll")
}

pub(super) fn unauthorized() -> ApiError {
    let msg = "Send the poll's token as Authorization: Bearer …; none was sent, or it is none of this poll";
    ApiError::http(StatusCode::UNAUTHORIZED, msg)
}

pub(super) fn forbidden() -> ApiError {
    ApiError::http(StatusCode::FORBIDDEN, "The token is right, but not enough for this")
}

impl From<PollError> for ApiError {
    fn from(error: PollError) -> ApiError {
        match error {
            PollError::UnknownPoll => unknown_poll(),
            PollError::UnknownParticipant => unknown_participant(),
            PollError::Unauthorized => unauthorized(),
            PollError::Forbidden => forbidden(),
            PollError::PreconditionFailed => ApiError::http(
                StatusCode::PRECONDITION_FAILED,
                "The poll was changed since; read it again, and repeat the request with the new ETag",
            ),
            PollError::NotOpen(PollState::Decided) => {
                ApiError::http(StatusCode::CONFLICT, "The poll is decided and takes no more answers")
                    .code("poll_decided")
            }
            PollError::NotOpen(_) => ApiError::http(
                StatusCode::CONFLICT,
                "The deadline of the poll has passed, and it takes no more answers",
            )
            .code("poll_closed"),
            PollError::Full => {
                let msg =
                    format!("The poll has {MAX_PARTICIPANTS} participants, which is the most it can have");
                ApiError::http(StatusCode::CONFLICT, msg).code("poll_full")
            }
            PollError::KeyUsedUp => ApiError::http(
                StatusCode::CONFLICT,
                "Whoever came with this Idempotency-Key has answered since, and so has their token",
            ),
            PollError::Busy(busy) => {
                let faults = busy.into_iter().map(at_another_meeting).collect();
                ApiError::invalid(StatusCode::CONFLICT, faults)
            }
            PollError::NotStored => {
                let msg =
                    "The participant's address is not that of a stored person, who could have a schedule";
                ApiError::bad_request(vec![Fault::new(["body", "from_schedule"], "value_error", msg)])
            }
            PollError::Invalid(faults) => ApiError::bad_request(faults),
            PollError::Sql(error) => DirectoryError::from(error).into(),
        }
    }
}

/// Somebody is at another meeting; it is not said at which.
fn at_another_meeting(busy: BusyParticipant) -> Fault {
    let BusyParticipant { id, name, meeting } = busy;
    let msg = format!("{name} is required, and busy from {} to {}", meeting.start, meeting.end);
    Fault {
        code: "participant_busy",
        ..Fault::new([Loc::from("participants"), Loc::Name(id)], "http_error", msg)
    }
}
