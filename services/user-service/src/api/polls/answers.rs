use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode},
    response::{IntoResponse, Response},
};
use domain::Layout;
use service_kit::ApiError;
use wire::{ParticipantAnswer, PollAnswers, PollView, Query};

use super::{
    PollStores,
    access::{Bearer, PollId},
    reply::{at_version, marked, tag},
};
use crate::{
    conditions::{Conditions, Reading},
    db::PollVersion,
    polls::{StoredParticipant, StoredPoll, StoredTimes, layout_of, view},
};

/// Reads of a poll that is changed all the time, before it is said to be busy.
const TRIES: usize = 5;

/// All answers to a poll, or those that are different `since` a version, for the other services: a [`PollAnswers`], and in the header [`PollView::HEADER`] what of it
/// whoever asks may see. It is not for the public.
pub(super) async fn answers(
    State(stores): State<PollStores>,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let since = since(query.as_deref())?;
    if !conditions.is_empty() {
        let PollVersion { version, visibility, role } = stores.polls.version(&id, bearer.hash()).await?;
        if conditions.reading_of(&tag(version)) == Reading::NotModified {
            let unchanged = marked(version, StatusCode::NOT_MODIFIED.into_response());
            return Ok(viewed(view(visibility, &role), unchanged));
        }
    }
    for _ in 0..TRIES {
        let (poll, role) = stores.polls.find(&id, bearer.hash()).await?;
        let view = view(poll.content.visibility, &role);
        let since = since.filter(|since| (poll.reset_version..=poll.version).contains(since));
        if let Some(participants) = stores.polls.participants(&poll, since).await? {
            let answers = PollAnswers { since, ..all(&poll, participants)? };
            return Ok(viewed(view, at_version(StatusCode::OK, poll.version, answers)));
        }
    }
    Err(ApiError::overloaded())
}

/// The version that whoever asks has already.
fn since(query: Option<&str>) -> Result<Option<i64>, ApiError> {
    let mut query = Query::parse(query);
    let since = query.optional("since").map(|text| {
        let since = text.parse().ok();
        if since.is_none() {
            query.fault("since", "value_error", "Use a version of the poll");
        }
        since
    });
    query.finish(Some(since.flatten())).map_err(ApiError::bad_request)
}

fn viewed(view: PollView, mut response: Response) -> Response {
    response.headers_mut().insert(PollView::HEADER, HeaderValue::from_static(view.name()));
    response
}

/// Everything that ranking needs.
pub(super) fn all(poll: &StoredPoll, participants: Vec<StoredParticipant>) -> Result<PollAnswers, ApiError> {
    let layout = layout_of(&poll.content.layout).map_err(ApiError::internal)?;
    Ok(PollAnswers {
        id: poll.id.to_string(),
        version: poll.version,
        layout: poll.content.layout.clone(),
        deadline: poll.content.deadline,
        meeting: poll.meeting,
        since: None,
        participants: participants
            .into_iter()
            .map(|participant| Arc::new(answer(participant, &layout)))
            .collect(),
    })
}

fn answer(participant: StoredParticipant, layout: &Layout) -> ParticipantAnswer {
    let (times, conflicts) = participant.answer.map(|answer| (answer.times, answer.conflicts)).unzip();
    let (mut yes, mut if_needed, mut unknown, mut weekly) = (None, None, None, None);
    match times {
        None => (),
        Some(StoredTimes::Weekly(rules)) => weekly = Some(rules),
        Some(times) => {
            unknown = times.unknown(layout);
            if let StoredTimes::Dates { yes: glad, if_needed: at_need, .. } = &times {
                (yes, if_needed) = (wire::Bits::from_text(glad), wire::Bits::from_text(at_need));
            }
        }
    }
    ParticipantAnswer {
        id: participant.id.to_string(),
        name: participant.name,
        time_zone: participant.time_zone,
        required: participant.required,
        stored: participant.stored,
        answered: yes.is_some() || weekly.is_some(),
        working_hours: participant.working_hours,
        yes,
        if_needed,
        unknown,
        weekly,
        conflicts: conflicts.flatten(),
    }
}
