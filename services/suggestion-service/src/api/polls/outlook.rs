use axum::{
    Json,
    extract::{Path, State},
};
use service_kit::{ApiError, RequestContext};
use wire::{PollOutlook, PollView, Range, WindowOptions};

use crate::{api::AppState, levels_client::Asker, ranking};

/// What those who have not answered can still change about a poll's best time: a [`PollOutlook`] by the poll's own settings.
/// It tells everything whoever may see it, and is not for the public.
pub(super) async fn outlook(
    State(state): State<AppState>,
    context: RequestContext,
    Path(id): Path<String>,
) -> Result<Json<PollOutlook>, ApiError> {
    let options = WindowOptions { max_windows: Some(1), ..WindowOptions::default() };
    let poll = state.levels.poll(&context, &id, &options, Asker::Platform).await?.poll;
    let (group, metrics) = (poll.clone(), state.metrics.clone());
    let rank = move || metrics.windows(|| ranking::answer(&group.content, &options, PollView::Names, &[]));
    let windows = state.compute.run(rank).await??;
    Ok(Json(PollOutlook {
        version: poll.content.version.unwrap_or_default(),
        first: windows.windows.first().map(|first| Range { start: first.start, end: first.end }),
        settled: windows.settled,
        awaited: windows.awaited,
    }))
}
