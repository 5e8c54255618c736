//! Somebody stands still between two steps for longer than any token, fence or lease lives.

use std::{pin::pin, time::Duration};

use tokio::time::sleep;

use super::{
    failpoint_control::{before, run_freely, run_to},
    service_replica::Replica,
    world::{TUNING, World},
};
use crate::{
    directory::{Tuning, failpoints::Failpoint},
    test_support::key,
};

const PAUSE: Duration = Duration::from_millis(400);

#[tokio::test]
async fn a_reader_who_pauses_for_longer_than_a_token_lives_stores_nothing_old() {
    for mut world in World::both().await {
        let plain = world.replica().await;
        plain.create(1).await;
        for point in [Failpoint::TokenNoted, Failpoint::Loaded] {
            let (reader, mut stops) = world.stopping_replica().await;
            let reading = reader.spawn_read();
            let paused = run_to(&mut stops, point).await;
            plain.replace(2).await;
            world.end_token_life().await;
            paused.go();
            run_freely(&mut stops);
            reading.await.unwrap();
            assert_ne!(plain.cached().await, Some(1), "paused at {point:?}");
            assert_eq!(plain.read().await, Some(2), "paused at {point:?}");
            plain.replace(1).await;
        }
    }
}

#[tokio::test]
async fn a_writer_who_pauses_for_longer_than_a_fence_lives_leaves_nothing_old() {
    for mut world in World::both().await {
        let plain = world.replica().await;
        plain.create(1).await;
        for (point, meanwhile) in [(Failpoint::Fenced, 1), (Failpoint::Committed, 2)] {
            let (writer, mut stops) = world.stopping_replica().await;
            let writing = writer.spawn_replace(2);
            let paused = run_to(&mut stops, point).await;
            world.end_token_life().await;
            assert_eq!(plain.read().await, Some(meanwhile));
            assert_eq!(plain.cached().await, Some(meanwhile), "nothing tells that somebody writes");
            paused.go();
            run_freely(&mut stops);
            writing.await.unwrap().unwrap();
            assert_eq!(plain.read().await, Some(2), "paused at {point:?}");
            plain.replace(1).await;
        }
    }
}

/// Has a sweep pause between what it has read of the database and what it tells the cache.
async fn pause_in(sweep: &mut (impl Future<Output = ()> + Unpin), sweeper: &Replica) {
    sweeper.link().hang();
    before(sweep, sleep(PAUSE)).await;
}

#[tokio::test]
async fn a_sweep_that_pauses_does_not_forget_what_changed_meanwhile() {
    let world = World::servers().await;
    let [first, second, sweeper] = [world.replica().await, world.replica().await, world.replica().await];
    first.create(1).await;
    first.link().cut().await;
    second.link().cut().await;
    let (mut first_write, mut second_write) = (pin!(first.replace(2)), pin!(second.replace(3)));
    let mark = async || sweeper.directory.people().stale_keys().await.unwrap().pop();
    before(&mut first_write, async { while mark().await.is_none() {} }).await;
    let first_mark = mark().await;
    let mut sweep = pin!(sweeper.directory.sweep_once());
    pause_in(&mut sweep, &sweeper).await;
    before(&mut second_write, async { while mark().await == first_mark {} }).await;
    sweeper.link().heal().await.unwrap();
    sweep.await;
    assert!(mark().await.is_some(), "the second change is still to be told");
    assert_eq!(sweeper.read().await, Some(3));
    sweeper.directory.sweep_once().await;
    assert_eq!(mark().await, None);
    assert_eq!(sweeper.read().await, Some(3));
}

#[tokio::test]
async fn a_sweep_that_pauses_for_longer_than_the_lease_renews_nothing() {
    let world = World::servers().await;
    let sweeper = world.replica_with(Tuning { lease: PAUSE, ..TUNING }).await;
    sweeper.directory.people().note_stale(&key("x@x.com"), "mark").await.unwrap();
    let mut sweep = pin!(sweeper.directory.sweep_once());
    pause_in(&mut sweep, &sweeper).await;
    sweeper.link().heal().await.unwrap();
    sweep.await;
    assert!(!sweeper.directory.uses_cache());
}
