//! Beginning attempts, and storing what became of them.

use std::collections::BTreeSet;

use futures::future::join_all;
use serde_json::json;
use worker_service::{
    db::Claim,
    job::{State, Verdict},
};

use crate::{
    claim, done, due, on_both_engines, retry, settle,
    support::{Table, at, new_job, order},
};

on_both_engines! {
    an_attempt_is_counted_and_only_the_current_one_is_settled
    an_ended_job_is_not_begun_again
    a_job_that_waits_for_its_next_attempt_says_when
    messages_of_one_job_that_come_together_are_attempts_of_their_own
    attempts_of_many_jobs_at_once_are_each_settled_by_themselves
}

async fn an_attempt_is_counted_and_only_the_current_one_is_settled(table: Table) {
    let new = new_job();
    table.store(&new).await;
    let first = claim(&table, &new.job_id, 120).await;
    assert_eq!((first.state, first.attempts, first.started_at), (State::Running, 1, Some(at(120))));
    assert_eq!(first.order, order());
    let second = claim(&table, &new.job_id, 130).await;
    assert_eq!((second.attempts, second.started_at), (2, Some(at(130))));

    assert!(!settle(&table, &first, Verdict::GiveUp("late".to_owned()), 140).await);
    assert!(!settle(&table, &first, retry(1), 140).await);
    assert_eq!(table.job(&new.job_id).await, second, "an attempt that was overtaken changes nothing");
    assert!(settle(&table, &second, done(), 150).await);
    let ended = table.job(&new.job_id).await;
    assert_eq!((ended.state, ended.finished_at), (State::Succeeded, Some(at(150))));
    assert_eq!(ended.result, Some(json!([{"day": "monday", "slot": [9, 10]}])));
    assert!(!settle(&table, &second, Verdict::Fail("late".to_owned()), 160).await);
    assert_eq!(table.job(&new.job_id).await, ended);
}

async fn an_ended_job_is_not_begun_again(table: Table) {
    for (verdict, state, error) in [
        (done(), State::Succeeded, None),
        (Verdict::Fail("unknown".to_owned()), State::Failed, Some("unknown")),
        (Verdict::GiveUp("too often".to_owned()), State::Dead, Some("too often")),
    ] {
        let new = new_job();
        table.store(&new).await;
        let job = claim(&table, &new.job_id, 120).await;
        assert!(settle(&table, &job, verdict, 130).await);
        assert_eq!(table.jobs.claim(&new.job_id, at(140)).await.unwrap(), Claim::Ended(state));
        let ended = table.job(&new.job_id).await;
        assert_eq!((ended.state, ended.attempts, ended.error.as_deref()), (state, 1, error));
    }
    assert_eq!(table.jobs.claim(&new_job().job_id, at(140)).await.unwrap(), Claim::Unknown);
}

async fn a_job_that_waits_for_its_next_attempt_says_when(table: Table) {
    let new = new_job();
    table.store(&new).await;
    let job = claim(&table, &new.job_id, 120).await;
    assert!(settle(&table, &job, retry(30), 130).await);
    let waiting = table.job(&new.job_id).await;
    assert_eq!((waiting.state, waiting.attempts), (State::Queued, 1));
    assert_eq!((waiting.error.as_deref(), waiting.next_attempt_at), (Some("it was away"), Some(at(160))));
    assert!(due(&table, 159).await.is_empty());
    assert_eq!(due(&table, 160).await, [new.job_id.clone()].into());

    let job = claim(&table, &new.job_id, 161).await;
    assert_eq!((job.attempts, job.next_attempt_at), (2, None));
    assert!(settle(&table, &job, done(), 162).await);
    let ended = table.job(&new.job_id).await;
    assert_eq!((ended.state, ended.error), (State::Succeeded, None), "what went wrong before is over");
}

async fn messages_of_one_job_that_come_together_are_attempts_of_their_own(table: Table) {
    let new = new_job();
    table.store(&new).await;
    let claims = join_all((0..3).map(|_| claim(&table, &new.job_id, 120))).await;
    let attempts: BTreeSet<u32> = claims.iter().map(|job| job.attempts).collect();
    assert_eq!(attempts, [1, 2, 3].into());
    let settled = join_all(claims.iter().map(|job| settle(&table, job, done(), 130))).await;
    let current: Vec<bool> = claims.iter().map(|job| job.attempts == 3).collect();
    assert_eq!(settled, current);
}

async fn attempts_of_many_jobs_at_once_are_each_settled_by_themselves(table: Table) {
    let jobs: Vec<_> = (0..50).map(|_| new_job()).collect();
    join_all(jobs.iter().map(|new| table.store(new))).await;
    let begun = join_all(jobs.iter().map(|new| claim(&table, &new.job_id, 120))).await;
    let verdict = |n: usize| match n % 4 {
        0 => Verdict::Succeed(json!([n])),
        1 => Verdict::Fail(format!("no {n}")),
        2 => Verdict::GiveUp(format!("dead {n}")),
        _ => retry(1000 + n as u64),
    };
    let settled =
        join_all(begun.iter().enumerate().map(|(n, job)| settle(&table, job, verdict(n), 130))).await;
    assert!(settled.iter().all(|current| *current));
    for (n, new) in jobs.iter().enumerate() {
        let job = table.job(&new.job_id).await;
        let found = (job.state, job.result, job.error.as_deref(), job.finished_at, job.next_attempt_at);
        let at_130 = Some(at(130));
        let expected = match n % 4 {
            0 => (State::Succeeded, Some(json!([n])), None, at_130, None),
            1 => (State::Failed, None, Some(format!("no {n}")), at_130, None),
            2 => (State::Dead, None, Some(format!("dead {n}")), at_130, None),
            _ => (State::Queued, None, Some("it was away".to_owned()), None, Some(at(1130 + n as i64))),
        };
        assert_eq!(found, (expected.0, expected.1, expected.2.as_deref(), expected.3, expected.4));
    }
}
