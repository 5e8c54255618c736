//! Storing jobs, and finding them again.

use futures::future::join_all;
use worker_service::{
    db::{Inserted, NewJob},
    job::{Job, JobState},
    outcome::JobOutcome,
};

use crate::{
    attempt, claim, done, on_both_engines, settle,
    support::{Table, at, new_job, order, suggest},
};

on_both_engines! {
    a_new_job_is_stored_whole
    a_key_belongs_to_one_job
    concurrent_orders_with_one_key_are_one_job
    pages_begin_with_the_newest_and_join_without_gaps
    texts_of_any_kind_are_kept
    a_job_that_cannot_be_stored_does_not_keep_others_from_being_stored
}

async fn a_new_job_is_stored_whole(table: Table) {
    let new = NewJob { idempotency_key: Some("key".to_owned()), ..new_job() };
    table.store(&new).await;
    let expected = Job {
        job_id: new.job_id.clone(),
        owner: None,
        case_id: "case-1".to_owned(),
        order: order(),
        trace: new.trace.clone(),
        state: JobState::Queued,
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
    assert_eq!(table.jobs.page(None, None, None, 100).await.unwrap().len(), 1);
}

async fn pages_begin_with_the_newest_and_join_without_gaps(table: Table) {
    let mut ids = Vec::new();
    for n in 0..7 {
        let new = new_job();
        table.store(&new).await;
        if n % 2 == 0 {
            attempt(&table, &new.job_id, done(), 102).await;
        }
        ids.push(new.job_id);
    }
    ids.reverse();
    let mut paged = Vec::new();
    loop {
        let page = table.jobs.page(None, None, paged.last().map(String::as_str), 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        paged.extend(page.into_iter().map(|job| job.job_id));
    }
    assert_eq!(paged, ids);
    for (state, expected) in
        [(JobState::Succeeded, vec![0, 2, 4, 6]), (JobState::Queued, vec![1, 3, 5]), (JobState::Dead, vec![])]
    {
        let page = table.jobs.page(None, Some(state), None, 100).await.unwrap();
        let found: Vec<_> = page.into_iter().map(|job| job.job_id).collect();
        assert_eq!(found, expected.iter().map(|n: &usize| ids[*n].clone()).collect::<Vec<_>>(), "{state:?}");
    }
    let behind = table.jobs.page(None, Some(JobState::Queued), Some(&ids[3]), 100).await.unwrap();
    assert_eq!(behind.len(), 1, "a page by state goes on as well");
}

async fn texts_of_any_kind_are_kept(table: Table) {
    let text = "'; DROP TABLE jobs; -- $1 ? %s \"ü\" 🗓 \\".to_owned();
    let new = NewJob {
        case_id: text.clone(),
        order: suggest(&text, &text, None),
        idempotency_key: Some(text.clone()),
        trace: [(text.clone(), text.clone())].into(),
        ..new_job()
    };
    table.store(&new).await;
    let job = claim(&table, &new.job_id, 120).await;
    assert_eq!((&job.order, &job.trace, &job.case_id), (&new.order, &new.trace, &text));
    assert!(settle(&table, &job, JobOutcome::Fail(text.clone()), 130).await);
    assert_eq!(table.job(&new.job_id).await.error, Some(text));
}

async fn a_job_that_cannot_be_stored_does_not_keep_others_from_being_stored(table: Table) {
    let mut jobs: Vec<NewJob> = (0..10).map(|_| new_job()).collect();
    // PostgreSQL keeps no such text; SQLite does.
    jobs[3].case_id = "\0".to_owned();
    let inserted = join_all(jobs.iter().map(|new| table.jobs.insert(new))).await;
    let stored = inserted.iter().filter(|inserted| matches!(inserted, Ok(Inserted::New))).count();
    let expected = if table.jobs.db().engine() == sql_store::Engine::Postgres { 9 } else { 10 };
    assert_eq!(stored, expected);
    assert_eq!(table.jobs.page(None, None, None, 100).await.unwrap().len(), expected);
}
