//! A Redis that cannot be reached, hangs or has been restarted.

use std::{pin::pin, time::Duration};

use futures::poll;
use tokio_util::sync::CancellationToken;

use super::{
    failpoint_control::{before, run_to},
    world::{LONG, TUNING, World},
};
use crate::directory::{Tuning, failpoints::Failpoint};

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
    let world = World::with_short_redis_deadline().await;
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
async fn a_new_replica_waits_for_a_slow_database_and_not_for_a_cache_that_cannot_be_reached() {
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
    replica.start_sweeping(&stopping);
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
