//! A PostgreSQL that cannot be reached or does not answer.

use std::pin::pin;

use super::{
    failpoint_control::{before, run_to},
    world::World,
};
use wire::{CaseId, Timestamp};

use crate::{
    cache::Fence,
    conditions::Conditions,
    directory::failpoints::Failpoint,
    test_support::{ADA, key},
};

#[tokio::test]
async fn without_postgresql_cached_reads_go_on_and_writes_leave_no_trace() {
    let world = World::servers().await;
    let (replica, line) = world.replica_behind_proxy().await;
    replica.create(1).await;
    assert_eq!(replica.read().await, Some(1));
    line.cut().await;
    replica.directory.sweep_once().await;
    assert!(replica.directory.uses_cache());
    assert_eq!(replica.read().await, Some(1));
    assert!(replica.try_replace(2).await.unwrap_err().is_unavailable());
    assert!(replica.remove().await.unwrap_err().is_unavailable());
    assert!(replica.find("bob@example.com").await.unwrap_err().is_unavailable());
    assert_eq!(replica.read().await, Some(1));
    line.heal().await.unwrap();
    assert_eq!(replica.find("bob@example.com").await.unwrap(), None);
    assert_eq!(replica.read().await, Some(1));
}

#[tokio::test]
async fn a_reader_whom_the_database_fails_too_asks_a_cache_that_is_back() {
    let world = World::servers().await;
    let (replica, line) = world.replica_behind_proxy().await;
    replica.create(1).await;
    assert_eq!(replica.read().await, Some(1));
    line.cut().await;
    replica.link().cut().await;
    let back = async {
        replica.notices_the_cut().await;
        replica.mend_and_sweep().await;
    };
    let (version, ()) = tokio::join!(replica.read(), back);
    assert_eq!(version, Some(1));
}

#[tokio::test]
async fn a_commit_without_an_answer_keeps_its_fence_until_it_is_decided() {
    let world = World::servers().await;
    let reader = world.replica().await;
    reader.create(1).await;
    let (writer, mut stops, line) = world.stopping_replica_behind_proxy().await;
    let writing = writer.spawn_replace(2);
    let fenced = run_to(&mut stops, Failpoint::Fenced).await;
    line.hang();
    fenced.go();
    assert!(writing.await.unwrap().unwrap_err().is_unavailable());
    assert_eq!(reader.read().await, Some(1), "the commit is still on its way");
    assert_eq!(reader.cached().await, None);
    writer.directory.settle_once().await;
    assert_eq!(reader.read().await, Some(1));
    assert_eq!(reader.cached().await, None, "it may be decided at any moment");

    line.heal().await.unwrap();
    writer.directory.settle_once().await;
    assert!(writer.directory.shared.unsettled.lock().is_empty());
    // The server may have taken the transaction back meanwhile, because it was idle for too long.
    let decided = reader.read().await;
    assert!([Some(1), Some(2)].contains(&decided));
    assert_eq!(reader.cached().await, decided);
}

#[tokio::test]
async fn a_change_that_nobody_can_be_told_of_is_not_answered_as_made() {
    let world = World::servers().await;
    let reader = world.replica().await;
    reader.create(1).await;
    let (writer, mut stops, line) = world.stopping_replica_behind_proxy().await;
    let writing = writer.spawn_replace(2);
    let committed = run_to(&mut stops, Failpoint::Committed).await;
    writer.link().cut().await;
    line.cut().await;
    committed.go();
    assert!(writing.await.unwrap().unwrap_err().is_unavailable());
    assert_eq!(reader.read().await, Some(2));
    assert_eq!(reader.cached().await, None, "the fence stands");

    line.heal().await.unwrap();
    writer.mend_and_sweep().await;
    writer.directory.settle_once().await;
    assert!(writer.directory.shared.unsettled.lock().is_empty());
    assert_eq!(reader.read().await, Some(2));
    assert_eq!(reader.cached().await, Some(2));
}

#[tokio::test]
async fn a_change_that_cannot_be_settled_yet_does_not_keep_others_waiting() {
    let world = World::servers().await;
    let replica = world.replica().await;
    replica.create(1).await;
    let (ada, others) = (key(ADA), ["b@x.com", "c@x.com"].map(key));
    let locked = replica
        .directory
        .people()
        .remove(&ada, &Conditions::default(), &CaseId::fresh(), Timestamp::now())
        .await
        .unwrap()
        .unwrap();
    for key in others.iter().chain([&ada]) {
        replica.directory.shared.unsettled.lock().insert(key.clone(), Fence::new());
    }
    let mut settling = pin!(replica.directory.settle_once());
    // Somebody changes Ada.
    let others_settled = async {
        while replica.directory.shared.unsettled.lock().len() > 1 {
            tokio::task::yield_now().await;
        }
    };
    before(&mut settling, others_settled).await;
    assert!(replica.directory.shared.unsettled.lock().contains_key(&ada));
    drop(locked);
    settling.await;
    assert!(replica.directory.shared.unsettled.lock().is_empty());
}
