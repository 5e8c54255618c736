//! Beginning attempts, and storing what became of them.

use futures::future::join_all;
use serde_json::json;
use sql_store::Engine;
use sqlx::{Connection, PgConnection};
use worker_service::{db::Claim, job::JobState, outcome::JobOutcome};

use crate::{
    attempt, claim, done, due, on_both_engines, retry, settle, stored,
    support::{Table, at, new_job, order, soon},
};

on_both_engines! {
    an_attempt_is_counted_and_only_the_current_one_is_settled
    an_ended_job_is_not_begun_again
    a_job_that_waits_for_its_next_attempt_says_when
    a_job_that_runs_is_not_begun_again_before_its_lease_has_run_out
    a_lease_is_prolonged_by_its_attempt_alone
    the_jobs_of_a_process_that_is_gone_are_published_anew
    attempts_of_many_jobs_at_once_are_each_settled_by_themselves
}

async fn an_attempt_is_counted_and_only_the_current_one_is_settled(table: Table) {
    let [job_id] = stored(&table).await;
    let first = claim(&table, &job_id, 120).await;
    assert_eq!((first.state, first.attempts, first.started_at), (JobState::Running, 1, Some(at(120))));
    assert_eq!(first.order, order());
    let second = claim(&table, &job_id, 131).await;
    assert_eq!((second.attempts, second.started_at), (2, Some(at(131))));

    assert!(!settle(&table, &first, JobOutcome::GiveUp("late".to_owned()), 140).await);
    assert!(!settle(&table, &first, retry(1), 140).await);
    assert_eq!(table.job(&job_id).await, second, "an attempt that was overtaken changes nothing");
    assert!(settle(&table, &second, done(), 150).await);
    let ended = table.job(&job_id).await;
    assert_eq!((ended.state, ended.finished_at), (JobState::Succeeded, Some(at(150))));
    assert_eq!(ended.result, Some(json!([{"day": "monday", "slot": [9, 10]}])));
    assert!(!settle(&table, &second, JobOutcome::Fail("late".to_owned()), 160).await);
    assert_eq!(table.job(&job_id).await, ended);
}

async fn an_ended_job_is_not_begun_again(table: Table) {
    for (verdict, state, error) in [
        (done(), JobState::Succeeded, None),
        (JobOutcome::Fail("unknown".to_owned()), JobState::Failed, Some("unknown")),
        (JobOutcome::GiveUp("too often".to_owned()), JobState::Dead, Some("too often")),
    ] {
        let [job_id] = stored(&table).await;
        attempt(&table, &job_id, verdict, 130).await;
        assert_eq!(table.jobs.claim(&job_id, at(140)).await.unwrap(), Claim::Ended(state));
        let ended = table.job(&job_id).await;
        assert_eq!((ended.state, ended.attempts, ended.error.as_deref()), (state, 1, error));
    }
    assert_eq!(table.jobs.claim(&new_job().job_id, at(140)).await.unwrap(), Claim::Unknown);
}

async fn a_job_that_waits_for_its_next_attempt_says_when(table: Table) {
    let [job_id] = stored(&table).await;
    attempt(&table, &job_id, retry(30), 130).await;
    let waiting = table.job(&job_id).await;
    assert_eq!((waiting.state, waiting.attempts), (JobState::Queued, 1));
    assert_eq!((waiting.error.as_deref(), waiting.next_attempt_at), (Some("unreachable"), Some(at(160))));
    assert!(due(&table, 159).await.is_empty());
    assert_eq!(due(&table, 160).await, [job_id.clone()].into());

    let job = claim(&table, &job_id, 161).await;
    assert_eq!((job.attempts, job.next_attempt_at), (2, None));
    assert!(settle(&table, &job, done(), 162).await);
    let ended = table.job(&job_id).await;
    assert_eq!((ended.state, ended.error), (JobState::Succeeded, None), "what went wrong before is over");
}

async fn a_job_that_runs_is_not_begun_again_before_its_lease_has_run_out(table: Table) {
    let [job_id] = stored(&table).await;
    let claims = join_all((0..3).map(|_| table.jobs.claim(&job_id, at(120)))).await;
    let begun = claims.iter().filter(|claim| matches!(claim, Ok(Claim::Run(_)))).count();
    let leased = claims.iter().filter(|claim| matches!(claim, Ok(Claim::Leased))).count();
    assert_eq!((begun, leased), (1, 2), "{claims:?}");
    assert_eq!(table.jobs.claim(&job_id, at(129)).await.unwrap(), Claim::Leased);
    assert_eq!(claim(&table, &job_id, 130).await.attempts, 2);
}

async fn a_lease_is_prolonged_by_its_attempt_alone(table: Table) {
    let [kept, taken] = stored(&table).await;
    let mut held = Vec::new();
    for job_id in [&kept, &taken] {
        held.push((job_id.clone(), claim(&table, job_id, 120).await.attempts));
    }
    assert_eq!(table.jobs.renew(&held, at(125)).await.unwrap(), Vec::<String>::new());
    assert_eq!(table.jobs.claim(&taken, at(134)).await.unwrap(), Claim::Leased);
    claim(&table, &taken, 135).await;
    assert_eq!(table.jobs.renew(&held, at(136)).await.unwrap(), [taken], "somebody else has it");
    let job = table.job(&kept).await;
    assert!(settle(&table, &job, done(), 137).await);
    assert_eq!(table.jobs.renew(&held[..1], at(138)).await.unwrap(), [kept], "it has ended");
}

#[tokio::test]
async fn prolonging_leases_does_not_wait_for_one_that_is_about_to_end() {
    let table = Table::new(Engine::Postgres).await;
    let [kept, ending] = stored(&table).await;
    let mut held = Vec::new();
    for job_id in [&kept, &ending] {
        held.push((job_id.clone(), claim(&table, job_id, 120).await.attempts));
    }
    let mut other = PgConnection::connect(table.dsn.as_ref().unwrap().expose()).await.unwrap();
    let mut transaction = other.begin().await.unwrap();
    let lock = sqlx::query("SELECT job_id FROM worker.jobs WHERE job_id = $1 FOR UPDATE").bind(&ending);
    lock.execute(&mut *transaction).await.unwrap();

    assert_eq!(
        soon(table.jobs.renew(&held, at(125))).await.unwrap(),
        Vec::<String>::new(),
        "both are held still"
    );
    assert_eq!(table.jobs.claim(&kept, at(131)).await.unwrap(), Claim::Leased);
    transaction.rollback().await.unwrap();
    claim(&table, &ending, 131).await;
}

async fn the_jobs_of_a_process_that_is_gone_are_published_anew(table: Table) {
    let [job_id] = stored(&table).await;
    let job = claim(&table, &job_id, 120).await;
    assert_eq!(table.jobs.requeue_abandoned(at(129), 10).await.unwrap(), 0);
    assert_eq!(table.jobs.requeue_abandoned(at(130), 10).await.unwrap(), 1);
    assert_eq!(due(&table, 130).await, [job_id.clone()].into());
    // It was only cut off from the table, and nobody else has begun yet.
    assert!(settle(&table, &job, done(), 131).await);
    assert_eq!(table.job(&job_id).await.state, JobState::Succeeded);
    assert_eq!(table.jobs.requeue_abandoned(at(200), 10).await.unwrap(), 0);
}

async fn attempts_of_many_jobs_at_once_are_each_settled_by_themselves(table: Table) {
    let jobs: Vec<_> = (0..50).map(|_| new_job()).collect();
    join_all(jobs.iter().map(|new| table.store(new))).await;
    let begun = join_all(jobs.iter().map(|new| claim(&table, &new.job_id, 120))).await;
    let verdict = |n: usize| match n % 4 {
        0 => JobOutcome::Succeed(json!([n])),
        1 => JobOutcome::Fail(format!("no {n}")),
        2 => JobOutcome::GiveUp(format!("dead {n}")),
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
            0 => (JobState::Succeeded, Some(json!([n])), None, at_130, None),
            1 => (JobState::Failed, None, Some(format!("no {n}")), at_130, None),
            2 => (JobState::Dead, None, Some(format!("dead {n}")), at_130, None),
            _ => (JobState::Queued, None, Some("unreachable".to_owned()), None, Some(at(1130 + n as i64))),
        };
        assert_eq!(found, (expected.0, expected.1, expected.2.as_deref(), expected.3, expected.4));
    }
}
