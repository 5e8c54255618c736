use axum::{extract::State, http::StatusCode};
use service_kit::{ApiError, RequestContext};
use wire::Timestamp;

use super::{
    PollStores,
    access::{Bearer, PollId, require_organiser_or_roll_back},
};
use crate::{conditions::Conditions, db::PollError, mails};

/// Deletes a poll. For seven days it can be restored; then it is gone with all its answers. A meeting that was decided is
/// cancelled.
#[utoipa::path(delete, path = "/polls/{id}", operation_id = "remove_poll", params(
    ("id" = String, Path, description = "The poll"),
    ("Authorization" = String, Header, description = "Bearer and the organiser's token"),
    ("If-Match" = inline(Option<wire::schema::EntityTagList>), Header, description = "The ETag of the version that is to be deleted"),
), responses(
    (status = 204, description = "The poll is deleted"),
    (status = 401, description = "The token is missing, or none of this poll"),
    (status = 403, description = "The token is not the organiser's"),
    (status = 404, description = "There is no such poll"),
    (status = 412, description = "The poll has another version; nothing was changed"),
    (status = 503, description = "The database is unavailable; the poll may be deleted or not"),
))]
pub(super) async fn remove(
    State(stores): State<PollStores>,
    context: RequestContext,
    PollId(id): PollId,
    bearer: Bearer,
    conditions: Conditions,
) -> Result<StatusCode, ApiError> {
    let mut change =
        require_organiser_or_roll_back(stores.polls.change(&id, bearer.hash(), &conditions).await?).await?;
    let now = Timestamp::now();
    if let Some(meeting) = change.poll.meeting {
        let people = change.requested().await.map_err(PollError::Sql)?;
        change.count_meeting().await.map_err(PollError::Sql)?;
        let mails = mails::cancelled(&change.poll.id, meeting, change.poll.meeting_sequence, people);
        change.send(mails, context.case_id(), now).await.map_err(PollError::Sql)?;
    }
    change.delete(now, context.case_id()).await.map_err(PollError::Sql)?;
    if change.poll.meeting.is_some() {
        change.check_conflicts(context.case_id()).await.map_err(PollError::Sql)?;
    }
    stores.commit(change).await?;
    Ok(StatusCode::NO_CONTENT)
}
