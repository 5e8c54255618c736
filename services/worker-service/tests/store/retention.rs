//! What is deleted, and what is not.

use uuid::Builder;
use worker_service::{
    db::NewJob,
    job::JobState,
    outcome::{Attempt, RetryPolicy},
};

use crate::{
    attempt, done, on_both_engines, retry,
    support::{Table, at, new_job},
};

on_both_engines! {
    ended_jobs_are_deleted_by_the_time_of_their_order
}

/// A job that was ordered in that second.
fn ordered_at(second: u64, salt: u8) -> NewJob {
    let job_id = Builder::from_unix_timestamp_millis(second * 1_000, &[salt; 10]).into_uuid();
    NewJob { job_id: job_id.to_string(), ..new_job() }
}

async fn ended_jobs_are_deleted_by_the_time_of_their_order(table: Table) {
    let [succeeded, dead, waiting, queued] = [1, 2, 3, 4].map(|salt| ordered_at(1_000, salt));
    let (just, later) = (ordered_at(2_000, 0), ordered_at(3_000, 0));
    for new in [&succeeded, &dead, &waiting, &queued, &just, &later] {
        table.store(new).await;
    }
    let given_up =
        RetryPolicy { max_attempts: 1, base: Default::default(), max_pause: RetryPolicy::MAX_PAUSE };
    let given_up = given_up.outcome(Attempt::Faulty("unreachable".to_owned()), 1, 0.0);
    for (new, verdict) in
        [(&succeeded, done()), (&dead, given_up), (&waiting, retry(1)), (&just, done()), (&later, done())]
    {
        attempt(&table, &new.job_id, verdict, 120).await;
    }
    assert_eq!(table.job(&dead.job_id).await.state, JobState::Dead);

    assert_eq!(table.jobs.delete_ended(at(2_000), 1).await.unwrap(), 1, "no more than asked for");
    assert!(table.jobs.find(&succeeded.job_id).await.unwrap().is_none(), "the oldest is the first");
    assert_eq!(table.jobs.delete_ended(at(2_000), 10).await.unwrap(), 1);
    assert!(table.jobs.find(&dead.job_id).await.unwrap().is_none());
    assert_eq!(table.jobs.delete_ended(at(2_000), 10).await.unwrap(), 0, "unfinished jobs stay, however old");
    for kept in [&waiting, &queued, &just, &later] {
        table.job(&kept.job_id).await;
    }
    assert_eq!(table.jobs.delete_ended(at(2_001), 10).await.unwrap(), 1, "it was ordered in second 2,000");
}
