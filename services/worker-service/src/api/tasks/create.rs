use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::Serialize;
use serde_json::Value;
use service_kit::{ApiError, Body, RequestContext, idempotency_fault, idempotency_key};
use utoipa::ToSchema;
use uuid::Uuid;
use wire::{
    Fault, Fields, WindowOptions,
    schema::{IdempotencyKey, JobId, PreferenceName, UserId},
};

use crate::{
    api::{AppState, sql_failed},
    db::{Inserted, NewJob},
    job::JobOrder,
    kinds::{JobKind, JobKinds, Suggest},
};

/// The reply to an accepted job.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Accepted {
    /// The request's Case-ID.
    case_id: String,
    /// Always `enqueued`.
    #[schema(value_type = String, pattern = "^enqueued$", example = "enqueued")]
    status: &'static str,
    /// Under which the job can be looked up.
    #[schema(value_type = JobId)]
    job_id: String,
    /// The queue that its message is in.
    #[schema(example = "meeting_jobs")]
    queue: String,
}

/// A job's order; what the body of `POST /tasks` says.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes the body, which is parsed by hand to name every fault")]
enum NewTask {
    /// Suggestions for two people.
    Pair(NewPairTask),
    /// Windows of a poll.
    Poll(NewPollTask),
}

/// An order of windows of a poll, as everybody may see them, with the options of suggestion-service.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes a body")]
struct NewPollTask {
    /// What is to be done.
    #[schema(pattern = "^suggest$", example = "suggest")]
    kind: Option<String>,
    /// The poll's id.
    #[schema(min_length = 1, max_length = 320)]
    poll: String,
    #[serde(flatten)]
    options: WindowOptions,
}

/// An order of suggestions for two people.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it only describes a body")]
struct NewPairTask {
    /// What is to be done; `suggest` when nothing is said.
    #[schema(pattern = "^suggest$", example = "suggest")]
    kind: Option<String>,
    /// The first person's address.
    #[schema(rename = "userId1", value_type = UserId)]
    user_id_1: String,
    /// The second person's address.
    #[schema(rename = "userId2", value_type = UserId)]
    user_id_2: String,
    /// Overrides what the two prefer.
    #[schema(value_type = Option<PreferenceName>)]
    preference: Option<String>,
}

/// Orders suggestions for two people, or windows of a poll. With an `Idempotency-Key` the same request may be sent again and
/// is the same job.
#[utoipa::path(post, path = "/tasks", request_body = NewTask, params(
    ("Idempotency-Key" = inline(Option<IdempotencyKey>), Header, description = "The same key and order is the same job"),
), responses(
    (status = 202, description = "The job is stored and will be done", body = Accepted),
    (status = 422, description = "The body is wrong, or the key belongs to another order"),
    (status = 503, description = "The job could not be stored"),
))]
pub(super) async fn create_task(
    State(state): State<AppState>,
    context: RequestContext,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<(StatusCode, Json<Accepted>), ApiError> {
    let order = order(&state.kinds, &body).map_err(ApiError::unprocessable)?;
    let idempotency_key = idempotency_key(&headers).map_err(|fault| ApiError::unprocessable(vec![fault]))?;
    let payload = |name: &str| order.payload.get(name).and_then(Value::as_str);
    let pair: Vec<&str> = ["userId1", "userId2"].into_iter().filter_map(payload).collect();
    if !pair.is_empty() {
        context.require_among(pair)?;
    }
    let (created_at, publish_after) = state.outbox.schedule(&order);
    let new = NewJob {
        job_id: Uuid::now_v7().to_string(),
        case_id: context.case_id().to_string(),
        order,
        idempotency_key,
        owner: context.account_id().map(str::to_owned),
        trace: context.carrier(),
        created_at,
        publish_after,
    };
    let job_id = match state.jobs.insert(&new).await.map_err(sql_failed)? {
        Inserted::New => {
            state.outbox.publish_new(&new).await;
            new.job_id
        }
        Inserted::Known(job) if job.order.asks_the_same_as(&new.order) => job.job_id,
        Inserted::Known(_) => {
            let msg = "This key was used for another order; use a new key for a new order";
            return Err(ApiError::unprocessable(vec![idempotency_fault(msg)]));
        }
    };
    let accepted =
        Accepted { case_id: new.case_id, status: "enqueued", job_id, queue: state.queue_name.clone() };
    Ok((StatusCode::ACCEPTED, Json(accepted)))
}

fn order(kinds: &JobKinds, body: &[u8]) -> Result<JobOrder, Vec<Fault>> {
    let mut fields = Fields::parse(body)?;
    let kind = match fields.optional("kind") {
        None => Some(Suggest::NAME.to_owned()),
        Some(value) => fields.string("kind", value),
    };
    let order = kind.and_then(|kind| kinds.order(&kind, &mut fields));
    fields.finish(order)
}
