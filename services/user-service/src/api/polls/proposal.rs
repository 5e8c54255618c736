use axum::{extract::State, http::StatusCode};
use service_kit::{ApiError, RequestContext};
use wire::{MeetingReply, Timestamp};

use super::{
    PollStores,
    access::{Bearer, ParticipantPath, require_organiser_or_roll_back},
};
use crate::{conditions::Conditions, db::PollError, mails, polls::StoredReply};

/// Declines the time that a participant's calendar has proposed, which tells it so. To take the time, decide on it.
#[utoipa::path(delete, path = "/polls/{id}/participants/{pid}/proposal", operation_id = "decline_proposal", params(
    ("id" = String, Path, description = "The poll"),
    ("pid" = String, Path, description = "The participant"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the poll's version that is to be changed"),
), responses(
    (status = 204, description = "The participant proposes no time any more"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll or participant, or they have proposed no time"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the proposal may be declined or not"),
))]
pub(super) async fn decline(
    State(stores): State<PollStores>,
    context: RequestContext,
    path: ParticipantPath,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<StatusCode, ApiError> {
    let change = stores.polls.change(&path.poll, bearer.hash(), &conditions).await?;
    let mut change = require_organiser_or_roll_back(change).await?;
    let Some(participant) = change.participant(&path.participant).await.map_err(PollError::Sql)? else {
        return Err(change.refuse(PollError::UnknownParticipant).await.into());
    };
    let reply = participant.meeting_reply.clone();
    let Some((reply, proposal)) = reply.and_then(|reply| Some((reply.clone(), reply.shown.proposal?))) else {
        change.give_up().await.map_err(PollError::Sql)?;
        return Err(ApiError::not_found("The participant has proposed no time"));
    };
    // The answer stays, so that the same mail once more is known.
    let shown = MeetingReply { proposal: None, ..reply.shown };
    let kept = StoredReply { shown, ..reply };
    change.keep_reply(&participant, &kept).await.map_err(PollError::Sql)?;
    let mail = mails::proposal_declined(&change.poll, &participant, proposal, kept.stamp_us);
    change
        .send(mail.into_iter().collect(), context.case_id(), Timestamp::now())
        .await
        .map_err(PollError::Sql)?;
    stores.commit(change).await?;
    Ok(StatusCode::NO_CONTENT)
}
