//! From the tables of the release before kinds and leases, whose replicas go on meanwhile.

use sql_store::{Engine, Migrations};
use worker_service::{
    db::{Claim, MIGRATIONS, SCRIPTS},
    job::{JobOrder, JobState},
};

use crate::{
    claim, done, due, settle,
    support::{Table, at, new_job, order},
};

#[tokio::test]
async fn jobs_of_the_release_before_are_kept_on_postgresql() {
    jobs_of_the_release_before_are_kept(Engine::Postgres).await;
}

#[tokio::test]
async fn jobs_of_the_release_before_are_kept_on_sqlite() {
    jobs_of_the_release_before_are_kept(Engine::Sqlite).await;
}

/// The statements of the release before, by a replica of it.
async fn former_insert(table: &Table, job_id: &str) {
    let insert = "INSERT INTO jobs (job_id, case_id, user_id_1, user_id_2, preference, trace, state, attempts, \
                  created_at, published, publish_after) \
                  VALUES ($1, 'case-1', 'o''brien@example.com', 'größe@example.com', 'last', '{}', 'queued', 0, \
                  100000000, 0, 110000000)";
    let statement = sqlx::query(insert).bind(job_id.to_owned());
    table.jobs.db().writer().await.unwrap().execute(statement).await.unwrap();
}

async fn former_claim(table: &Table, job_id: &str, second: i64) {
    let claim = "UPDATE jobs SET state = 'running', attempts = attempts + 1, started_at = $1, published = 1 \
                 WHERE job_id = $2 AND state IN ('queued', 'running')";
    let statement = sqlx::query(claim).bind(second * 1_000_000).bind(job_id.to_owned());
    table.jobs.db().writer().await.unwrap().execute(statement).await.unwrap();
}

async fn former_settle(table: &Table, job_id: &str, attempt: i64) -> u64 {
    let settle = "UPDATE jobs SET state = 'succeeded', result = '[]', finished_at = 200000000, published = 1 \
                  WHERE job_id = $1 AND attempts = $2 AND state = 'running'";
    let statement = sqlx::query(settle).bind(job_id.to_owned()).bind(attempt);
    table.jobs.db().writer().await.unwrap().execute(statement).await.unwrap()
}

async fn jobs_of_the_release_before_are_kept(engine: Engine) {
    let former = Migrations::common(&SCRIPTS[..1]);
    let table = Table::migrated(engine, &former).await;
    let [queued, running, later] = [(); 3].map(|()| new_job().job_id);
    former_insert(&table, &queued).await;
    former_insert(&table, &running).await;
    former_claim(&table, &running, 120).await;

    table.jobs.db().migrate(&MIGRATIONS).await.unwrap();
    former_insert(&table, &later).await;
    for job_id in [&queued, &running, &later] {
        assert_eq!(table.job(job_id).await.order, JobOrder { priority: 0, ..order() }, "told by its columns");
    }
    assert_eq!(due(&table, 120).await, [queued.clone(), later.clone()].into());

    // A consumer of the release before has it: for the time of a lease nobody takes it away.
    assert_eq!(table.jobs.claim(&running, at(129)).await.unwrap(), Claim::Leased);
    assert_eq!(table.jobs.requeue_abandoned(at(1_000), 9).await.unwrap(), 0, "it was given no lease");
    assert_eq!(former_settle(&table, &running, 1).await, 1);
    assert_eq!(table.job(&running).await.state, JobState::Succeeded);

    // It does not know leases either, and the attempt that it overtakes changes nothing any more.
    let overtaken = claim(&table, &queued, 130).await;
    former_claim(&table, &queued, 131).await;
    assert!(!settle(&table, &overtaken, done(), 132).await);
    assert_eq!(former_settle(&table, &queued, 2).await, 1);

    // What this release stores it can read.
    let new = new_job();
    table.store(&new).await;
    let read = sqlx::query(
        "SELECT job_id FROM jobs WHERE user_id_1 = $1 AND user_id_2 = $2 AND preference = 'last'",
    );
    let statement = read.bind("o'brien@example.com").bind("größe@example.com");
    let rows = table.jobs.db().reader().await.unwrap().fetch_all(statement).await.unwrap();
    assert_eq!(rows.len(), 4);
}
