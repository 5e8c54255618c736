//! The table as an outbox.

use futures::future::join_all;
use worker_service::{
    db::NewJob,
    job::{JobOrder, JobState},
};

use crate::{
    attempt, claim, done, due, on_both_engines, retry, stored,
    support::{Table, at, new_job, order},
};

on_both_engines! {
    what_is_due_is_taken_once
    rivals_share_what_is_due
    what_could_not_be_published_is_due_again_soon
    urgent_jobs_are_published_first
    a_mark_ends_the_publishing_of_that_attempt_only
    unfinished_jobs_are_published_anew
    jobs_whose_messages_are_lost_are_published_anew
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
    let rivals = (0..8).map(|_| table.jobs.take_due(at(500), at(510), 0, 10));
    let mut taken: Vec<String> =
        join_all(rivals).await.into_iter().flat_map(Result::unwrap).map(|job| job.job_id).collect();
    let count = taken.len();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), count, "nothing was taken twice");
    let rest = due(&table, 505).await;
    assert_eq!(count + rest.len(), 40, "and nothing was passed over");
}

async fn what_could_not_be_published_is_due_again_soon(table: Table) {
    let new = NewJob { publish_after: at(200), ..new_job() };
    table.store(&new).await;
    let ids = [new.job_id.clone()];
    table.jobs.publish_again(1, &ids, at(101)).await.unwrap();
    assert!(due(&table, 199).await.is_empty(), "that was about another attempt");
    table.jobs.publish_again(0, &ids, at(101)).await.unwrap();
    assert!(due(&table, 100).await.is_empty());
    assert_eq!(due(&table, 101).await, ids.clone().into());
    table.jobs.publish_again(0, &ids, at(300)).await.unwrap();
    assert_eq!(due(&table, 111).await, ids.into(), "never later than before");
}

async fn urgent_jobs_are_published_first(table: Table) {
    let usual = NewJob { publish_after: at(50), ..new_job() };
    let urgent = NewJob { order: JobOrder { priority: 9, ..order() }, ..new_job() };
    table.store(&usual).await;
    table.store(&urgent).await;
    let first = table.jobs.take_due(at(200), at(210), 0, 1).await.unwrap();
    assert_eq!((&first[0].job_id, first[0].order.priority), (&urgent.job_id, 9));
    assert!(table.jobs.take_due(at(200), at(210), 9, 9).await.unwrap().is_empty());
    let rest = table.jobs.take_due(at(200), at(210), 5, 9).await.unwrap();
    assert_eq!(rest[0].job_id, usual.job_id);
}

async fn a_mark_ends_the_publishing_of_that_attempt_only(table: Table) {
    let [marked, retried, unmarked] = stored(&table).await;
    attempt(&table, &retried, retry(1), 120).await;
    table.jobs.mark_published(0, &[marked.clone(), retried.clone()]).await.unwrap();
    assert_eq!(due(&table, 200).await, [retried.clone(), unmarked].into());
    table.jobs.mark_published(1, std::slice::from_ref(&retried)).await.unwrap();
    assert!(!due(&table, 300).await.contains(&retried));
}

async fn unfinished_jobs_are_published_anew(table: Table) {
    let [published, running, waiting, ended] = stored(&table).await;
    table.jobs.mark_published(0, std::slice::from_ref(&published)).await.unwrap();
    claim(&table, &running, 120).await;
    attempt(&table, &waiting, retry(1000), 120).await;
    attempt(&table, &ended, done(), 120).await;

    assert_eq!(table.jobs.requeue_unfinished(at(300)).await.unwrap(), 3);
    assert_eq!(due(&table, 300).await, [published, running].into());
    assert!(due(&table, 1120).await.contains(&waiting), "a pause before a retry is kept");
    assert_eq!(table.job(&ended).await.state, JobState::Succeeded);
}

async fn jobs_whose_messages_are_lost_are_published_anew(table: Table) {
    let [queued, running, fresh, ended, waiting] = stored(&table).await;
    table.jobs.mark_published(0, std::slice::from_ref(&queued)).await.unwrap();
    claim(&table, &running, 120).await;
    claim(&table, &fresh, 5000).await;
    attempt(&table, &ended, done(), 120).await;
    attempt(&table, &waiting, retry(10_000), 120).await;

    assert_eq!(table.jobs.republish_lost(at(5001), at(4000)).await.unwrap(), 1);
    assert_eq!(due(&table, 5001).await, [queued].into());
    assert_eq!(table.job(&running).await.state, JobState::Running, "its lease is looked after elsewhere");
    assert_eq!(table.jobs.republish_lost(at(5002), at(4000)).await.unwrap(), 0);
}
