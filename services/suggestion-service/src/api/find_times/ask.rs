use std::collections::HashMap;

use axum::{body::Bytes, extract::State, response::Response};
use domain::{MAX_SLOTS, SLOT_MINUTES, SlotRange};
use jiff::SignedDuration;
use service_kit::{ApiError, Body, RequestContext};
use wire::{FindTimes, FindTimesSchema, Invitee, LevelsReply, PollView, WindowOptions, Windows};

use crate::{
    api::AppState,
    group::{BadBitmaps, GroupBitmaps},
    ranking,
    reply_cache::without_case_id,
};

/// How much further than asked is looked, to say whether that would help: 4 weeks in slots.
const FURTHER: usize = 28 * 96;

/// Bytes of a body from which on it is read on a thread of its own.
const LARGE: usize = 64 * 1024;

/// The best windows of up to 1,000 people within 12 weeks. Stored people are named by their addresses; of others, who need
/// not be known, the times come with the question. Nothing is stored.
#[utoipa::path(post, path = "/find-times", request_body = FindTimesSchema, responses(
    (status = 200, description = "The windows; none, and why, where there is none", body = Windows),
    (status = 400, description = "The body is wrong; every fault is named"),
    (status = 413, description = "The body is too large"),
    (status = 502, description = "availability-service failed"),
    (status = 503, description = "availability-service is unavailable, or there is too much to compute"),
))]
pub(super) async fn find_times(
    State(state): State<AppState>,
    context: RequestContext,
    Body(body): Body,
) -> Result<Response, ApiError> {
    let asked = if body.len() < LARGE {
        FindTimes::parse(&body)
    } else {
        let body = body.clone();
        state.compute.run(move || FindTimes::parse(&body)).await?
    };
    let asked = asked.map_err(ApiError::bad_request)?;
    let range = further(asked.span);
    let stored = asked.stored();
    if !stored.is_empty() {
        context.require_among(stored.iter().map(String::as_str))?;
    }
    let (etag, levels) = if stored.is_empty() {
        (String::new(), None)
    } else {
        let levels = state.levels.group(&context, stored, range).await?;
        (levels.etag.clone(), Some(levels))
    };
    let question = (etag, String::from_utf8_lossy(&body).into_owned());
    let make = async {
        let metrics = state.metrics.clone();
        let rank = move || -> Result<Bytes, ApiError> {
            let levels = levels.as_ref().map(|levels| &levels.content);
            let group = group(&asked, range, levels).map_err(ApiError::internal)?;
            let unknown = levels.map_or(&[][..], |levels| &levels.unknown);
            let view = PollView::Names;
            let windows = metrics.windows(|| ranking::answer(&group, &asked.options, view, unknown))?;
            without_case_id(&windows)
        };
        state.compute.run(rank).await?
    };
    state.replies.reply(&context, question, make).await
}

/// What is asked about and some weeks more, as far as there may be.
fn further(span: SlotRange) -> SlotRange {
    let more = FURTHER.min(MAX_SLOTS.saturating_sub(span.len()));
    let minutes = i64::try_from(more).unwrap_or_default() * i64::from(SLOT_MINUTES);
    let end = span.end().saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(span.end());
    SlotRange::new(span.start(), end).unwrap_or(span)
}

/// Everybody, in the order given; those of whom nothing is known are left out.
fn group(
    asked: &FindTimes,
    range: SlotRange,
    levels: Option<&LevelsReply>,
) -> Result<GroupBitmaps, BadBitmaps> {
    let mut group = GroupBitmaps::over(range, asked.span.len(), WindowOptions::DURATION);
    let stored = levels.iter().flat_map(|levels| &levels.people);
    let stored: HashMap<&str, _> = stored.map(|person| (person.email.as_str(), person)).collect();
    for person in &asked.people {
        match person {
            Invitee::Given(person) => group.add_given(person),
            Invitee::Stored(email) => {
                if let Some(person) = stored.get(email.as_str()) {
                    group.add_stored(person)?;
                }
            }
        }
    }
    Ok(group)
}
