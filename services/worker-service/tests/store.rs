//! The table of jobs, on both engines.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test a panic is the report")]

mod support;

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use serde_json::json;
use sql_store::Engine;
use support::{Table, at, new_job, order};
use worker_service::{
    db::{Claim, Inserted, NewJob},
    job::{Job, Order, State, Verdict},
};

macro_rules! on_both_engines {
    ($($case:ident)*) => {
        mod on_postgresql {
            use super::*;
            $(#[tokio::test] async fn $case() { super::$case(Table::new(Engine::Postgres).await).await; })*
        }

        mod on_sqlite {
            use super::*;
            $(#[tokio::test] async fn $case() { super::$case(Table::new(Engine::Sqlite).await).await; })*
        }
    };
}

on_both_engines! {
    a_new_job_is_stored_whole
    a_key_belongs_to_one_job
    concurrent_orders_with_one_key_are_one_job
    pages_begin_with_the_newest_and_join_without_gaps
    an_attempt_is_counted_and_only_the_current_one_is_settled
    an_ended_job_is_not_begun_again
    a_job_that_waits_for_its_next_attempt_says_when
    what_is_due_is_taken_once
    rivals_share_what_is_due
    a_mark_ends_the_publishing_of_that_attempt_only
    unfinished_jobs_are_published_anew
    jobs_whose_messages_are_lost_are_published_anew
    texts_of_any_kind_are_kept
}

async fn claim(table: &Table, job_id: &str, now: i64) -> Job {
    match table.jobs.claim(job_id, at(now)).await.unwrap() {
        Claim::Run(job) => *job,
        other => panic!("{other:?}"),
    }
}

async fn settle(table: &Table, job: &Job, verdict: Verdict, now: i64) -> bool {
    table.jobs.settle(&job.job_id, job.attempts, &verdict, at(now)).await.unwrap()
}

/// The ids of the jobs that are due at `now`, which are then leased for ten seconds.
async fn due(table: &Table, now: i64) -> BTreeSet<String> {
    let taken = table.jobs.take_due(at(now), at(now + 10), 100).await.unwrap();
    taken.into_iter().map(|job| job.job_id).collect()
}

fn retry(pause_seconds: u64) -> Verdict {
    Verdict::Retry("it was away".to_owned(), Duration::from_secs(pause_seconds))
}

fn done() -> Verdict {
    Verdict::Succeed(json!([{"day": "monday", "slot": [9, 10]}]))
}

async fn a_new_job_is_stored_whole(table: Table) {
    let new = NewJob { idempotency_key: Some("key".to_owned()), ..new_job() };
    table.store(&new).await;
    let expected = Job {
        job_id: new.job_id.clone(),
        case_id: "case-1".to_owned(),
        order: order(),
        trace: new.trace.clone(),
        state: State::Queued,
        attempts: 0,
        result: None,
        error: None,
        created_at: at(100),
        started_at: None,
        finished_at: None,
        next_attempt_at: None,
    };
    assert_eq!(table.job(&new.job_id).await, expected);
    assert_eq!(table.jobs.find(&new_job().job_id).await.unwrap(), None);
    assert_eq!(table.jobs.find("x").await.unwrap(), None);
}

async fn a_key_belongs_to_one_job(table: Table) {
    let first = NewJob { idempotency_key: Some("key".to_owned()), ..new_job() };
    table.store(&first).await;
    let again = NewJob { job_id: new_job().job_id, ..first.clone() };
    let Inserted::Known(known) = table.jobs.insert(&again).await.unwrap() else { panic!("stored twice") };
    assert_eq!(*known, table.job(&first.job_id).await);
    assert_eq!(table.jobs.find(&again.job_id).await.unwrap(), None);
    table.store(&NewJob { idempotency_key: Some("Key".to_owned()), ..new_job() }).await;
    table.store(&new_job()).await;
    table.store(&new_job()).await;
}

async fn concurrent_orders_with_one_key_are_one_job(table: Table) {
    let orders: Vec<NewJob> =
        (0..20).map(|_| NewJob { idempotency_key: Some("key".to_owned()), ..new_job() }).collect();
    let inserted = join_all(orders.iter().map(|new| table.jobs.insert(new))).await;
    let new = inserted.iter().filter(|inserted| matches!(inserted, Ok(Inserted::New))).count();
    assert_eq!(new, 1, "{inserted:?}");
    assert!(inserted.iter().all(Result::is_ok), "{inserted:?}");
    assert_eq!(table.jobs.page(None, None, 100).await.unwrap().len(), 1);
}

async fn pages_begin_with_the_newest_and_join_without_gaps(table: Table) {
    let mut ids = Vec::new();
    for n in 0..7 {
        let new = new_job();
        table.store(&new).await;
        if n % 2 == 0 {
            let job = claim(&table, &new.job_id, 101).await;
            assert!(settle(&table, &job, done(), 102).await);
        }
        ids.push(new.job_id);
    }
    ids.reverse();
    let mut paged = Vec::new();
    loop {
        let page = table.jobs.page(None, paged.last().map(String::as_str), 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page.into_iter().map(|job| job.job_id));
    }
    assert_eq!(paged, ids);
    for (state, expected) in
        [(State::Succeeded, vec![0, 2, 4, 6]), (State::Queued, vec![1, 3, 5]), (State::Dead, vec![])]
    {
        let page = table.jobs.page(Some(state), None, 100).await.unwrap();
        let found: Vec<_> = page.into_iter().map(|job| job.job_id).collect();
        assert_eq!(found, expected.iter().map(|n: &usize| ids[*n].clone()).collect::<Vec<_>>(), "{state:?}");
    }
    let behind = table.jobs.page(Some(State::Queued), Some(&ids[3]), 100).await.unwrap();
    assert_eq!(behind.len(), 1, "a page by state goes on as well");
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

async fn what_is_due_is_taken_once(table: Table) {
    let [early, late] = [new_job(), NewJob { publish_after: at(200), ..new_job() }];
    table.store(&early).await;
    table.store(&late).await;
    assert!(due(&table, 109).await.is_empty());
    assert_eq!(due(&table, 110).await, [early.job_id.clone()].into());
    assert!(due(&table, 119).await.is_empty(), "it is somebody's until second 120");
    assert_eq!(due(&table, 120).await, [early.job_id.clone()].into(), "who never marked it as published");
    assert_eq!(due(&table, 200).await, [early.job_id.clone(), late.job_id.clone()].into());
    claim(&table, &early.job_id, 201).await;
    assert_eq!(due(&table, 300).await, [late.job_id].into(), "what was consumed had been published");
}

async fn rivals_share_what_is_due(table: Table) {
    let jobs: Vec<NewJob> = (0..40).map(|_| new_job()).collect();
    join_all(jobs.iter().map(|new| table.store(new))).await;
    let rivals = (0..8).map(|_| table.jobs.take_due(at(500), at(510), 10));
    let mut taken: Vec<String> =
        join_all(rivals).await.into_iter().flat_map(Result::unwrap).map(|job| job.job_id).collect();
    let count = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), count, "nothing was taken twice");
    let rest = due(&table, 505).await;
    assert_eq!(count + rest.len(), 40, "and nothing was passed over");
}

async fn a_mark_ends_the_publishing_of_that_attempt_only(table: Table) {
    let jobs: Vec<NewJob> = (0..3).map(|_| new_job()).collect();
    for new in &jobs {
        table.store(new).await;
    }
    let [marked, retried, unmarked] = [0, 1, 2].map(|n: usize| jobs[n].job_id.clone());
    let job = claim(&table, &retried, 120).await;
    assert!(settle(&table, &job, retry(1), 120).await);
    table.jobs.mark_published(0, &[marked.clone(), retried.clone()]).await.unwrap();
    assert_eq!(due(&table, 200).await, [retried.clone(), unmarked].into());
    table.jobs.mark_published(1, std::slice::from_ref(&retried)).await.unwrap();
    assert!(!due(&table, 300).await.contains(&retried));
}

async fn unfinished_jobs_are_published_anew(table: Table) {
    let jobs: Vec<NewJob> = (0..4).map(|_| new_job()).collect();
    for new in &jobs {
        table.store(new).await;
    }
    let [published, running, waiting, ended] = [0, 1, 2, 3].map(|n: usize| jobs[n].job_id.clone());
    table.jobs.mark_published(0, std::slice::from_ref(&published)).await.unwrap();
    claim(&table, &running, 120).await;
    let job = claim(&table, &waiting, 120).await;
    assert!(settle(&table, &job, retry(1000), 120).await);
    let job = claim(&table, &ended, 120).await;
    assert!(settle(&table, &job, done(), 120).await);

    assert_eq!(table.jobs.requeue_unfinished(at(300)).await.unwrap(), 3);
    assert_eq!(due(&table, 300).await, [published, running].into());
    assert!(due(&table, 1120).await.contains(&waiting), "a pause before a retry is kept");
    assert_eq!(table.job(&ended).await.state, State::Succeeded);
}

async fn jobs_whose_messages_are_lost_are_published_anew(table: Table) {
    let jobs: Vec<NewJob> = (0..5).map(|_| new_job()).collect();
    for new in &jobs {
        table.store(new).await;
    }
    let [queued, running, fresh, ended, waiting] = [0, 1, 2, 3, 4].map(|n: usize| jobs[n].job_id.clone());
    table.jobs.mark_published(0, std::slice::from_ref(&queued)).await.unwrap();
    claim(&table, &running, 120).await;
    claim(&table, &fresh, 5000).await;
    let job = claim(&table, &ended, 120).await;
    assert!(settle(&table, &job, done(), 120).await);
    let job = claim(&table, &waiting, 120).await;
    assert!(settle(&table, &job, retry(10_000), 120).await);

    assert_eq!(table.jobs.republish_lost(at(5001), at(4000)).await.unwrap(), 2);
    assert_eq!(due(&table, 5001).await, [queued, running].into());
    assert_eq!(table.jobs.republish_lost(at(5002), at(4000)).await.unwrap(), 0);
}

async fn texts_of_any_kind_are_kept(table: Table) {
    let text = "'; DROP TABLE jobs; -- $1 ? %s \"ü\" 🗓 \\".to_owned();
    let new = NewJob {
        case_id: text.clone(),
        order: Order { user_id_1: text.clone(), user_id_2: text.clone(), preference: None },
        idempotency_key: Some(text.clone()),
        trace: [(text.clone(), text.clone())].into(),
        ..new_job()
    };
    table.store(&new).await;
    let job = claim(&table, &new.job_id, 120).await;
    assert_eq!((&job.order, &job.trace, &job.case_id), (&new.order, &new.trace, &text));
    assert!(settle(&table, &job, Verdict::Fail(text.clone()), 130).await);
    assert_eq!(table.job(&new.job_id).await.error, Some(text));
}
