use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use wire::{
    Timestamp,
    schema::{JobId, JobStateName, PreferenceName},
};

use crate::{
    job::Job,
    kinds::{JobKind, Suggest},
};

/// A job in replies.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Task {
    #[schema(value_type = JobId)]
    job_id: String,
    /// `failed` is a definite negative answer, `dead` is given up.
    #[schema(value_type = JobStateName, example = "succeeded")]
    state: &'static str,
    /// Attempts that were begun.
    attempts: u32,
    /// Its kind; absent for suggestions for two people, which are older than kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    /// Of suggestions for two people, as are the next two.
    #[serde(rename = "userId1", skip_serializing_if = "Option::is_none")]
    user_id_1: Option<String>,
    #[serde(rename = "userId2", skip_serializing_if = "Option::is_none")]
    user_id_2: Option<String>,
    /// What the job was told to prefer.
    #[schema(value_type = Option<PreferenceName>)]
    preference: Option<String>,
    /// What its kind gives once it has succeeded, such as suggestions.
    #[schema(value_type = Option<TaskResult>)]
    result: Option<Value>,
    /// Why the last attempt, or the job, failed.
    error: Option<String>,
    /// The Case-ID of the request that ordered it.
    case_id: String,
    created_at: Timestamp,
    /// When the last attempt began.
    started_at: Option<Timestamp>,
    finished_at: Option<Timestamp>,
    /// When it is tried again, while it waits for that.
    next_attempt_at: Option<Timestamp>,
}

/// What a job gives.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it only describes a part of a reply")]
enum TaskResult {
    /// Suggestions for two people.
    Suggestions(Vec<wire::Suggestion>),
    /// Windows of a poll.
    Windows(Box<wire::Windows>),
}

impl From<Job> for Task {
    fn from(job: Job) -> Task {
        // What other kinds are told is not for everybody.
        let is_of_pair = job.is_of_pair();
        let told = |name: &str| job.order.payload[name].as_str().map(str::to_owned);
        Task {
            job_id: job.job_id,
            state: job.state.name(),
            attempts: job.attempts,
            user_id_1: told("userId1"),
            user_id_2: told("userId2"),
            preference: told("preference"),
            kind: Some(job.order.kind).filter(|kind| kind != Suggest::NAME || !is_of_pair),
            result: job.result,
            error: job.error,
            case_id: job.case_id,
            created_at: job.created_at,
            started_at: job.started_at,
            finished_at: job.finished_at,
            next_attempt_at: job.next_attempt_at,
        }
    }
}
