//! Beginning attempts, and storing what became of them.

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
