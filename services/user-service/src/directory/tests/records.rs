//! Whose record it is, and which state of it a client has seen.

use futures::future::join_all;
use service_kit::EntityTags;
use wire::{CaseId, Timestamp};

use super::world::World;
use crate::{
    conditions::Conditions,
    directory::DirectoryError,
    record::Record,
    test_support::{ADA, key, person, version},
};

fn if_match(record: &Record) -> Conditions {
    Conditions { if_match: EntityTags::parse(&record.entity_tag()), if_none_match: None }
}

#[tokio::test]
async fn the_entity_tag_is_the_same_from_the_database_and_from_the_cache() {
    for world in World::both().await {
        let replica = world.replica().await;
        replica.create(1).await;
        let read = async || replica.directory.find_one(key(ADA)).await.unwrap().unwrap();
        let (stored, cached) = (read().await, read().await);
        assert_eq!((replica.reads("miss"), replica.reads("hit")), (1, 1));
        assert_eq!(stored.entity_tag(), cached.entity_tag());
        let replaced = replica
            .directory
            .replace(&person(ADA, 2), if_match(&cached), CaseId::fresh())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(replaced.entity_tag(), read().await.entity_tag());
        assert_ne!(replaced.entity_tag(), stored.entity_tag());
    }
}

#[tokio::test]
async fn of_many_changes_of_what_all_have_seen_one_is_made() {
    for world in World::both().await {
        let replica = world.replica().await;
        replica.create(1).await;
        let seen = replica.directory.find_one(key(ADA)).await.unwrap().unwrap();
        let writers = (2..12).map(async |version| {
            let conditions = if_match(&seen);
            match version {
                11 => replica
                    .directory
                    .remove(key(ADA), conditions, CaseId::fresh(), Timestamp::now())
                    .await
                    .map(|_| None),
                _ => replica.directory.replace(&person(ADA, version), conditions, CaseId::fresh()).await,
            }
        });
        let (made, refused): (Vec<_>, Vec<_>) =
            join_all(writers).await.into_iter().partition(|outcome| matches!(outcome, Ok(Some(_))));
        let left = replica.read().await;
        assert_eq!(made.iter().flatten().flatten().map(version).next(), left);
        let only_once = |outcome| matches!(outcome, Err(DirectoryError::PreconditionFailed) | Ok(None));
        assert!(refused.into_iter().all(only_once));
        assert!(made.len() == 1 || left.is_none(), "or the removal was first");
    }
}

#[tokio::test]
async fn what_the_version_before_cached_of_somebody_else_is_not_served() {
    let mut world = World::servers().await;
    let replica = world.replica().await;
    let (other, asked) = ("straße@example.com", "strasse@example.com");
    let now = wire::Timestamp::now();
    replica.directory.create(&person(other, 1), now).await.unwrap();
    let record = replica.directory.find_one(key(other)).await.unwrap().unwrap();
    let mut redis =
        redis::Client::open(world.redis().url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let name = format!("cache_aside_{}", other.to_uppercase());
    let () =
        redis::cmd("SET").arg(name).arg(record.as_bytes().as_ref()).query_async(&mut redis).await.unwrap();
    assert_eq!(replica.find(asked).await.unwrap(), None);
    replica.directory.create(&person(asked, 2), now).await.unwrap();
    assert_eq!(replica.find(asked).await.unwrap(), Some(2));
}
