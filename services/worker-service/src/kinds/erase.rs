//! Erases what this service has of people whom user-service has erased: jobs that are about them, and files of mails.

use axum::http::StatusCode;
use peer_client::{Peer, PeerRequest};
use serde::{Deserialize, Serialize};
use serde_json::json;
use service_kit::RequestContext;
use sql_store::SqlError;
use wire::{Erasure, ErasuresDoneRequest, ErasuresReply, Timestamp};

use super::{EffectOnce, JobKind, ask, for_half_a_day};
use crate::{
    db::Jobs,
    mail_transport::MailTransport,
    outcome::{Attempt, RetryPolicy},
};

/// Jobs that one statement looks at.
const BATCH: u32 = 500;

/// The kind `erase`.
pub struct Erase {
    users: Peer,
    jobs: Jobs,
    mail: MailTransport,
}

/// Nothing: all who are to be erased are meant.
#[derive(Debug, Deserialize, Serialize)]
pub struct ErasePayload {}

impl Erase {
    /// On top of a way to ask user-service, and where jobs and mails are.
    pub fn new(users: Peer, jobs: Jobs, mail: MailTransport) -> Erase {
        Erase { users, jobs, mail }
    }

    /// Erases all jobs that are about any of them; how many.
    async fn erase_jobs(&self, erasures: &[Erasure]) -> Result<usize, SqlError> {
        let (mut count, mut after) = (0, String::new());
        loop {
            let subjects = self.jobs.subjects(&after, BATCH).await?;
            let Some(last) = subjects.last() else { return Ok(count) };
            after.clone_from(&last.job_id);
            let is_meant =
                |subject: &&crate::erasure::JobSubject| erasures.iter().any(|one| subject.is_part_of(one));
            let ids: Vec<String> =
                subjects.iter().filter(is_meant).map(|subject| subject.job_id.clone()).collect();
            self.jobs.erase(&ids, Timestamp::now()).await?;
            count += ids.len();
        }
    }

    async fn erase_some(&self, erasures: &[Erasure]) -> Result<(usize, usize), Attempt> {
        let jobs = self.erase_jobs(erasures).await.map_err(|error| Attempt::faulty(&error))?;
        let mails = self.mail.erase(erasures.to_vec()).await.map_err(|error| Attempt::faulty(&error))?;
        Ok((jobs, mails))
    }
}

impl JobKind for Erase {
    const NAME: &'static str = "erase";
    /// What is erased stays so.
    const ONCE: EffectOnce = EffectOnce::KnownAtReceiver;
    type Payload = ErasePayload;

    fn retry(usual: RetryPolicy) -> RetryPolicy {
        for_half_a_day(usual)
    }

    async fn attempt(&self, context: &RequestContext, _job_id: &str, _: ErasePayload) -> Attempt {
        let (mut people, mut jobs, mut mails) = (0, 0, 0);
        loop {
            let ErasuresReply { erasures } =
                match ask(&self.users, context, PeerRequest::get("/erasures")).await {
                    Ok(reply) => reply,
                    Err(attempt) => return attempt,
                };
            if erasures.is_empty() {
                return Attempt::Done(json!({"people": people, "jobs": jobs, "mails": mails}));
            }
            match self.erase_some(&erasures).await {
                Ok((more_jobs, more_mails)) => (jobs, mails) = (jobs + more_jobs, mails + more_mails),
                Err(attempt) => return attempt,
            }
            people += erasures.len();
            let done = ErasuresDoneRequest { ids: erasures.into_iter().map(|one| one.id).collect() };
            let request = PeerRequest::post("/erasures/done").json(&done).repeatable();
            match self.users.send(context, request).await {
                Ok(answer) if answer.status == StatusCode::NO_CONTENT => (),
                Ok(answer) => return Attempt::Faulty(format!("user-service answered {}", answer.status)),
                Err(error) => return Attempt::faulty(&error),
            }
        }
    }
}
