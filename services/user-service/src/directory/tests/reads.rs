use futures::future::join_all;
use wire::Timestamp;

use super::{
    failpoint_control::{run_to, stop_at},
    world::World,
};
use crate::{
    directory::{Created, failpoints::Failpoint},
    key::Key,
    test_support::{ADA, key, person, version},
};

#[tokio::test]
async fn a_miss_fills_the_cache_and_a_hit_asks_nobody_else() {
    for world in World::both().await {
        let replica = world.replica().await;
        replica.create(5).await;
        assert_eq!(replica.cached().await, None);
        assert_eq!(replica.read().await, Some(5));
        assert_eq!(replica.cached().await, Some(5));
        assert_eq!(replica.read().await, Some(5));
        assert_eq!((replica.reads("miss"), replica.reads("hit")), (1, 1));
    }
}

#[tokio::test]
async fn nobody_is_cached_as_unknown() {
    for world in World::both().await {
        let replica = world.replica().await;
        assert_eq!(replica.read().await, None);
        replica.create(1).await;
        assert_eq!(replica.read().await, Some(1));
    }
}

#[tokio::test]
async fn misses_at_the_same_time_ask_the_database_once() {
    const READERS: u64 = 40;
    for world in World::both().await {
        let (replica, mut stops) = world.stopping_replica().await;
        replica.create(5).await;
        let reading: Vec<_> = (0..READERS).map(|_| replica.spawn_read()).collect();
        let mut all_missed = Vec::new();
        for _ in 0..READERS {
            all_missed.push(stop_at(&mut stops, Failpoint::TokenNoted).await);
        }
        drop(all_missed);
        let answered = stop_at(&mut stops, Failpoint::Loaded).await;
        while replica.reads("coalesced") < READERS - 1 {
            tokio::task::yield_now().await;
        }
        answered.go();
        for read in join_all(reading).await {
            assert_eq!(read.unwrap(), Some(5));
        }
        assert!(stops.try_recv().is_err(), "there was no second query");
        assert_eq!((replica.reads("miss"), replica.reads("bypass")), (1, 0));
    }
}

#[tokio::test]
async fn a_reader_who_comes_after_a_write_does_not_join_a_query_from_before() {
    for world in World::both().await {
        let (replica, mut stops) = world.stopping_replica().await;
        replica.create(1).await;
        let early = replica.spawn_read();
        let found_old = run_to(&mut stops, Failpoint::Loaded).await;
        world.replica().await.replace(2).await;

        let late = replica.spawn_read();
        stop_at(&mut stops, Failpoint::TokenNoted).await.go();
        found_old.go();
        run_to(&mut stops, Failpoint::Loaded).await.go();
        assert_eq!((late.await.unwrap(), early.await.unwrap()), (Some(2), Some(1)));
        assert_eq!(replica.cached().await, Some(2));
    }
}

#[tokio::test]
async fn several_people_come_in_the_order_asked_wherever_they_are() {
    for world in World::both().await {
        let replica = world.replica().await;
        let addresses = ["a@x.com", "b@x.com", "c@x.com", "d@x.com"];
        for (version, address) in (0..).zip(addresses).filter(|(_, address)| *address != "c@x.com") {
            let created =
                replica.directory.create(&person(address, version), Timestamp::now()).await.unwrap();
            assert!(matches!(created, Created::New(_)));
        }
        replica.directory.find_one(key("b@x.com")).await.unwrap();
        let asked: Vec<Key> = ["d@x.com", "c@x.com", "b@x.com", "d@x.com", "a@x.com"].map(key).to_vec();
        for _ in 0..2 {
            let found = replica.directory.find(&asked).await.unwrap();
            let versions: Vec<_> = found.iter().map(|record| record.as_ref().map(version)).collect();
            assert_eq!(versions, [Some(3), None, Some(1), Some(3), Some(0)]);
        }
        assert_eq!(replica.directory.find(&[]).await.unwrap(), []);
    }
}

#[tokio::test]
async fn creating_twice_is_the_same_or_a_conflict() {
    for world in World::both().await {
        let replica = world.replica().await;
        let create =
            async |version| replica.directory.create(&person(ADA, version), Timestamp::now()).await.unwrap();
        let Created::New(record) = create(1).await else { panic!("nobody is there yet") };
        assert_eq!(create(1).await, Created::Same(record));
        assert_eq!(create(2).await, Created::Other);
        assert_eq!(replica.read().await, Some(1));
    }
}
