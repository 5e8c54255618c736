use std::{pin::pin, time::Duration};

use futures::poll;
use tokio_util::sync::CancellationToken;

use super::world::{LONG, TUNING, World, before, run_to};
use crate::{
    cache::Fence,
    conditions::Conditions,
    directory::{Tuning, failpoints::Failpoint},
    test_support::{ADA, key},
};

#[tokio::test]
async fn without_redis_reads_and_writes_go_on_and_nothing_old_comes_back_with_it() {
    let (_world, replica) = World::with_ada().await;
    assert_eq!(replica.cached().await, Some(1));

    replica.link().cut().await;
    assert_eq!(replica.read().await, Some(1));
    assert!(!replica.directory.uses_cache());
    let mut writing = pin!(replica.replace(2));
    // Redis still has the old record.
    before(&mut writing, async { while replica.read().await != Some(2) {} }).await;
    replica.directory.sweep_once().await;
    assert!(poll!(&mut writing).is_pending(), "Redis cannot be told");

    replica.mend_and_sweep().await;
    writing.await;
    assert!(replica.directory.uses_cache());
    assert_eq!(replica.cached().await, None);
    assert_eq!(replica.read().await, Some(2));
    assert_eq!(replica.cached().await, Some(2));
}

#[tokio::test]
async fn a_redis_that_hangs_costs_a_few_deadlines_and_is_not_asked_again() {
    let world = World::impatient().await;
    let replica = world.replica().await;
    replica.create(1).await;
    assert_eq!(replica.read().await, Some(1));
    replica.link().hang();
    assert_eq!(replica.read().await, Some(1));
    replica.notices_the_cut().await;
    assert_eq!(replica.read().await, Some(1));
    assert_eq!(replica.reads("bypass"), 2);
}

#[tokio::test]
async fn a_writer_who_cannot_reach_redis_answers_when_nobody_uses_the_old_record_any_more() {
    let world = World::servers().await;
    let lease = Duration::from_millis(300);
    let tuning = Tuning { lease, ..TUNING };
    let (writer, reader) = (world.replica_with(tuning).await, world.replica_with(tuning).await);
    writer.create(1).await;
    assert_eq!(reader.read().await, Some(1));
    writer.link().cut().await;
    for version in 2..5 {
        // Its lease may run to the very moment of the answer; what it has in the cache is one version behind.
        reader.directory.sweep_once().await;
        reader.read().await;
        writer.replace(version).await;
        assert_eq!(reader.read().await, Some(version));
    }
}

#[tokio::test]
async fn a_sweep_of_any_replica_tells_redis_what_another_could_not() {
    let world = World::servers().await;
    let (writer, reader) = (world.replica().await, world.replica().await);
    writer.create(1).await;
    assert_eq!(reader.read().await, Some(1));
    writer.link().cut().await;
    let mut writing = pin!(writer.replace(2));
    assert!(poll!(&mut writing).is_pending());
    // Only a sweep of its own ends its wait.
    let swept = async {
        while reader.cached().await.is_some() {
            reader.directory.sweep_once().await
        }
    };
    before(&mut writing, swept).await;
    assert_eq!(reader.read().await, Some(2));
    assert_eq!(reader.cached().await, Some(2));
    writer.mend_and_sweep().await;
    writing.await;
    assert_eq!(writer.read().await, Some(2));
}

#[tokio::test]
async fn a_fence_that_could_not_be_lifted_is_lifted_by_a_sweep() {
    let world = World::servers().await;
    let reader = world.replica().await;
    reader.create(1).await;
    let (writer, mut stops) = world.stopping_replica().await;
    let mut writing = pin!(writer.replace(2));
    let committed = before(&mut writing, run_to(&mut stops, Failpoint::Committed)).await;
    writer.link().cut().await;
    committed.go();
    let swept = async {
        while reader.cached().await.is_none() {
            reader.directory.sweep_once().await;
            assert_eq!(reader.read().await, Some(2));
        }
        writer.mend_and_sweep().await;
    };
    tokio::join!(writing, swept);
    assert_eq!(reader.cached().await, Some(2));
}

#[tokio::test]
async fn a_redis_that_comes_back_with_old_values_is_not_believed() {
    let mut world = World::with_durable_redis().await;
    let replica = world.replica().await;
    replica.create(1).await;
    assert_eq!(replica.read().await, Some(1));
    world.redis().kill().await.unwrap();
    assert_eq!(replica.read().await, Some(1));
    world.redis().restart().await.unwrap();
    replica.directory.sweep_once().await;
    assert!(replica.directory.uses_cache());
    assert_eq!(replica.cached().await, None);
}

#[tokio::test]
async fn a_redis_that_lost_its_fences_between_two_actions_of_a_writer_keeps_nothing_old() {
    let mut world = World::servers().await;
    let reader = world.replica().await;
    reader.create(1).await;
    let (writer, mut stops) = world.stopping_replica().await;
    let mut writing = pin!(writer.replace(2));
    let fenced = before(&mut writing, run_to(&mut stops, Failpoint::Fenced)).await;
    world.redis().kill().await.unwrap();
    world.redis().restart().await.unwrap();
    // The first command finds the line broken.
    assert_eq!(reader.read().await, Some(1));
    reader.directory.sweep_once().await;
    assert_eq!(reader.read().await, Some(1));
    assert_eq!(reader.cached().await, Some(1), "no fence tells that somebody writes");
    fenced.go();
    let healed = async {
        run_to(&mut stops, Failpoint::Committed).await.go();
        while !writer.directory.uses_cache() || reader.cached().await == Some(1) {
            writer.directory.sweep_once().await;
        }
    };
    tokio::join!(writing, healed);
    assert_eq!(reader.read().await, Some(2));
}

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
    let locked = replica.directory.people().remove(&ada, &Conditions::default()).await.unwrap().unwrap();
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

#[tokio::test]
async fn a_new_replica_waits_for_a_slow_database_and_not_for_a_cache_that_is_away() {
    let world = World::servers().await;
    let (slow, stops, line) = world.new_replica_behind_proxy(TUNING).await;
    drop(stops);
    line.delay(Duration::from_millis(50));
    let without_cache = world.new_replica().await;
    without_cache.link().cut().await;
    let stopping = CancellationToken::new();
    for (replica, uses_cache) in [(&slow, true), (&without_cache, false)] {
        replica.prepare(&stopping).await;
        assert_eq!(replica.directory.uses_cache(), uses_cache);
    }
    assert!(World::embedded().new_replica().await.directory.is_prepared());
    stopping.cancel();
}

#[tokio::test]
async fn a_broken_connection_is_replaced_at_once() {
    let world = World::servers().await;
    // No sweep comes by itself but the first.
    let replica = world.new_replica().await;
    let stopping = CancellationToken::new();
    replica.prepare(&stopping).await;
    replica.create(1).await;
    assert_eq!(replica.read().await, Some(1));
    replica.cut_for_a_moment().await;
    replica.replace(2).await;
    assert!(replica.directory.uses_cache());
    assert_eq!(replica.read().await, Some(2));
    assert_eq!(replica.cached().await, Some(2));
    stopping.cancel();
}

#[tokio::test]
async fn sweeping_runs_by_itself_until_it_is_told_to_stop() {
    let world = World::servers().await;
    let tuning = Tuning { sweep_every: Duration::from_millis(10), lease: LONG, ..TUNING };
    let replica = world.replica_with(tuning).await;
    let stopping = CancellationToken::new();
    replica.directory.start_sweeping(&stopping);
    replica.create(1).await;
    assert_eq!(replica.read().await, Some(1));
    replica.link().cut().await;
    let heal = async {
        replica.notices_the_cut().await;
        replica.link().heal().await.unwrap();
    };
    tokio::join!(replica.replace(2), heal);
    assert_eq!(replica.read().await, Some(2));
    stopping.cancel();
    replica.finish_tasks().await;
}
