//! A real broker under load and real worker processes that come and go with its queue.
#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::time::Duration;

use local_platform::Event;
use local_platform::demo::{self, DemoPlatform, Load};
use rustix::process::{Pid, Signal, kill_process};
use scaling::Policy;
use testkit::shared;

/// Jobs that one worker does at a time.
const CONCURRENCY: u32 = 2;

async fn platform(job_time: Duration) -> DemoPlatform {
    DemoPlatform::start(&shared::postgres_database().await.unwrap(), job_time, CONCURRENCY).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_come_with_the_jobs_and_leave_after_them() {
    let job_time = Duration::from_millis(200);
    let platform = platform(job_time).await;
    let policy = demo::policy(CONCURRENCY, job_time);
    let limit = policy.max_wait;
    let mut most_wanted = 0;
    let figures = demo::run(&platform, policy, Load { jobs: 300, mails: 0 }, |_, event| {
        if let Event::Decided { decision, .. } = event {
            most_wanted = most_wanted.max(decision.desired);
        }
    })
    .await
    .unwrap();
    assert!(figures.first_worker.unwrap() <= Duration::from_secs(10), "{figures:?}");
    assert!(figures.longest_wait <= limit, "{figures:?}");
    assert!(
        most_wanted >= 2 && figures.most_workers >= 2,
        "one worker would take a minute for them: {figures:?}"
    );
    assert_eq!((figures.lost, figures.begun_again, figures.computed), (0, 0, 300), "{figures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_in_the_middle_loses_nothing_and_is_replaced() {
    let job_time = Duration::from_millis(500);
    let platform = platform(job_time).await;
    // A limit for which one worker would not be enough.
    let max_wait = Duration::from_secs(8);
    let policy = Policy { max_replicas: 2, max_wait, ..demo::policy(CONCURRENCY, job_time) };
    let (mut victim, mut killed, mut died, mut ready) = (None, false, 0, 0);
    let figures = demo::run(&platform, policy, Load { jobs: 80, mails: 0 }, |_, event| match event {
        Event::Ready { pid, .. } => {
            ready += 1;
            victim.get_or_insert(Pid::from_raw(i32::try_from(*pid).unwrap()).unwrap());
        }
        // More jobs than one worker can be at, so both are in the middle of some.
        Event::Decided { workers, .. } if workers.busy > Some(CONCURRENCY.into()) => {
            if let (Some(victim), false) = (victim, killed) {
                kill_process(victim, Signal::KILL).unwrap();
                killed = true;
            }
        }
        Event::Died { .. } => died += 1,
        _ => (),
    })
    .await
    .unwrap();
    assert!(killed && (died, ready) == (1, 3), "{ready} were ready and {died} have died");
    assert_eq!(figures.lost, 0, "{figures:?}");
    assert!((1..=CONCURRENCY as usize).contains(&figures.begun_again), "{figures:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_beside_many_mails_do_not_wait_for_them() {
    let job_time = Duration::from_millis(50);
    let platform = platform(job_time).await;
    let policy = Policy { max_replicas: 2, ..demo::policy(CONCURRENCY, job_time) };
    let limit = policy.max_wait;
    let load = Load { jobs: 40, mails: 400 };
    let figures = demo::run(&platform, policy, load, |_, _| ()).await.unwrap();
    assert!(figures.longest_wait <= limit, "{figures:?}");
    assert_eq!((figures.lost, figures.computed), (0, 40), "{figures:?}");
    assert_eq!((figures.sent, figures.sent_again), (400, 0), "{figures:?}");
}
