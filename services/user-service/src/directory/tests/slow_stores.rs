//! Stores that are slow rather than gone, and crowds of readers.

use std::time::Duration;

use futures::future::join_all;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_util::sync::CancellationToken;
use wire::Timestamp;

use super::{
    failpoint_control::{run_to, stop_at},
    service_replica::Replica,
    world::World,
};
use crate::{
    directory::{
        Tuning,
        failpoints::{Failpoint, Stop},
    },
    test_support::{ADA, key, person},
};

#[tokio::test]
async fn a_slow_database_is_not_taken_for_an_absent_one() {
    let world = World::servers().await;
    let tuning = Tuning { sweep_every: Duration::from_millis(50), ..Tuning::for_connections(8) };
    for (number, delay) in [Some(250), Some(900), None].into_iter().enumerate() {
        let writer = world.replica_with(tuning).await;
        let (reader, stops, line) = world.new_replica_behind_proxy(tuning).await;
        drop(stops);
        let (old, new) = (u32::try_from(2 * number).unwrap(), u32::try_from(2 * number + 1).unwrap());
        writer.create(old).await;
        writer.directory.sweep_once().await;
        writer.replace(old).await;
        let stopping = CancellationToken::new();
        reader.prepare(&stopping).await;
        assert_eq!(reader.read().await, Some(old));
        assert_eq!(reader.cached().await, Some(old));

        match delay {
            Some(delay) => line.delay(Duration::from_millis(delay)),
            None => line.hang(),
        }
        writer.link().cut().await;
        writer.replace(new).await;
        match reader.find(ADA).await {
            Ok(found) => assert_eq!(found, Some(new), "{delay:?}"),
            Err(error) => assert!(error.is_unavailable(), "{delay:?}"),
        }
        stopping.cancel();
    }
}

/// Has readers ask at once for these people each, past the cache; how many queries it took.
async fn queries_of_a_crowd(
    replica: &Replica,
    stops: &mut UnboundedReceiver<Stop>,
    asked: Vec<Vec<String>>,
) -> usize {
    let readers = asked.into_iter().map(|addresses| {
        let directory = replica.directory.clone();
        let keys: Vec<_> = addresses.iter().map(|address| key(address)).collect();
        tokio::spawn(async move { directory.find(&keys).await.unwrap().iter().flatten().count() })
    });
    let readers: Vec<_> = readers.collect();
    let mut before_the_query = Vec::new();
    for _ in &readers {
        before_the_query.push(stop_at(stops, Failpoint::TokenNoted).await);
    }
    drop(before_the_query);
    let mut all_read = std::pin::pin!(join_all(readers));
    let mut queries = 0;
    loop {
        tokio::select! {
            Some(stop) = stops.recv() => {
                assert_eq!(stop.point, Failpoint::Loaded);
                queries += 1;
            }
            found = &mut all_read => {
                assert!(found.into_iter().all(|found| found.unwrap() > 0));
                return queries;
            }
        }
    }
}

#[tokio::test]
async fn a_crowd_past_the_cache_costs_a_few_queries() {
    let world = World::servers().await;
    let (replica, mut stops) = world.stopping_replica().await;
    let everybody: Vec<String> = (0..300).map(|n| format!("p{n}@example.com")).collect();
    for address in &everybody {
        replica.directory.create(&person(address, 1), Timestamp::now()).await.unwrap();
    }
    replica.link().cut().await;
    let first = tokio::spawn({
        let directory = replica.directory.clone();
        async move { directory.find_one(key("nobody@example.com")).await.unwrap() }
    });
    run_to(&mut stops, Failpoint::Loaded).await.go();
    assert!(first.await.unwrap().is_none() && !replica.directory.uses_cache());
    let one = vec![everybody[..1].to_vec(); 500];
    let distinct = everybody.iter().map(|address| vec![address.clone()]).collect();
    let batches = (0..100).map(|n| everybody[n..n + 100].to_vec()).collect();
    for (asked, most) in [(one, 2), (distinct, 4), (batches, 4)] {
        let queries = queries_of_a_crowd(&replica, &mut stops, asked).await;
        assert!(queries <= most, "{queries} queries");
    }
}

#[tokio::test]
async fn a_redis_that_hangs_does_not_send_a_crowd_to_the_database() {
    let world = World::with_short_redis_deadline().await;
    let (replica, mut stops) = world.stopping_replica().await;
    replica.create(1).await;
    replica.link().hang();
    let readers: Vec<_> = (0..300).map(|_| replica.spawn_read()).collect();
    let mut queries = 0;
    let mut all_read = std::pin::pin!(join_all(readers));
    let found = loop {
        tokio::select! {
            Some(stop) = stops.recv() => queries += usize::from(stop.point == Failpoint::Loaded),
            found = &mut all_read => break found,
        }
    };
    assert!(found.into_iter().all(|version| version.unwrap() == Some(1)));
    assert!(queries < 20, "{queries} queries for 300 readers");
}
