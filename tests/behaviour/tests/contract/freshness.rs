//! What was written is what the very next read sees, on every replica, also when everybody reads and writes at once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use behaviour::{Stage, people};
use futures::future::{join_all, try_join_all};
use serde_json::{Value, json};

behaviour::in_every_form![
    an_update_is_seen_by_the_very_next_read,
    a_deletion_is_seen_by_the_very_next_read,
    no_read_that_begins_after_a_write_sees_less_than_it,
    twenty_creations_of_one_person_make_one,
    twenty_creations_with_different_content_leave_the_winners,
    readers_and_a_deletion_leave_nothing_behind,
];

async fn an_update_is_seen_by_the_very_next_read(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, people::numbered_week(0), "first").await?;
    for round in 1..60 {
        let body = people::body(&email, &people::numbered_week(round), "first");
        let written = stage.api.put(&people::path(&email), &body).await?.is(200).json();
        // More reads than there are replicas, so that each of them has one that may fill the cache and one after it.
        for path in [people::cached_path(&email), people::path(&email)].iter().cycle().take(6) {
            assert_eq!(stage.api.get(path).await?.is(200).json(), written, "round {round}");
        }
    }
    Ok(())
}

async fn a_deletion_is_seen_by_the_very_next_read(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("flicker");
    for round in 0..30 {
        let body = people::body(&email, &people::numbered_week(round), "first");
        let created = stage.api.post("/users/users", &body).await?.is(201).json();
        for _ in 0..3 {
            assert_eq!(stage.api.get(&people::cached_path(&email)).await?.is(200).json(), created);
        }
        stage.api.delete(&people::path(&email)).await?.is(204);
        for _ in 0..3 {
            stage.api.get(&people::cached_path(&email)).await?.is(404);
            stage.api.get(&people::path(&email)).await?.is(404);
        }
    }
    Ok(())
}

/// One writer counts up; every reader remembers what was acknowledged before it asked.
async fn no_read_that_begins_after_a_write_sees_less_than_it(stage: &Stage) -> anyhow::Result<()> {
    let email = people::create(&stage.api, people::numbered_week(0), "first").await?;
    let (acknowledged, done) = (AtomicUsize::new(0), AtomicBool::new(false));
    let writer = async {
        for number in 1..120 {
            let body = people::body(&email, &people::numbered_week(number), "first");
            stage.api.put(&people::path(&email), &body).await?.is(200);
            acknowledged.store(number, Ordering::SeqCst);
        }
        done.store(true, Ordering::SeqCst);
        anyhow::Ok(())
    };
    let reader = async || {
        while !done.load(Ordering::SeqCst) {
            let floor = acknowledged.load(Ordering::SeqCst);
            let read = stage.api.get(&people::cached_path(&email)).await?.is(200).json();
            let number = people::number_of(&read["availabilities"]).unwrap();
            assert!(number >= floor, "{number} was read after {floor} had been acknowledged");
        }
        anyhow::Ok(())
    };
    let readers = try_join_all((0..6).map(|_| reader()));
    futures::try_join!(writer, readers)?;
    Ok(())
}

async fn twenty_creations_of_one_person_make_one(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("twenty");
    let body = people::body(&email, &json!({"monday": [9]}), "first");
    let replies = try_join_all((0..20).map(|_| stage.api.post("/users/users", &body))).await?;
    let stored = stage.api.get(&people::path(&email)).await?.is(200).json();
    let mut statuses: Vec<u16> = replies.iter().map(|reply| reply.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200; 19], vec![201]].concat());
    assert!(replies.iter().all(|reply| reply.json() == stored));
    Ok(())
}

async fn twenty_creations_with_different_content_leave_the_winners(stage: &Stage) -> anyhow::Result<()> {
    let email = people::fresh_address("race");
    let bodies: Vec<Value> =
        (0..20).map(|number| people::body(&email, &people::numbered_week(number), "first")).collect();
    let replies = try_join_all(bodies.iter().map(|body| stage.api.post("/users/users", body))).await?;
    let winners: Vec<Value> =
        replies.iter().filter(|reply| reply.status == 201).map(|reply| reply.json()).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(replies.iter().filter(|reply| reply.status == 409).count(), 19);
    for _ in 0..4 {
        assert_eq!(stage.api.get(&people::path(&email)).await?.is(200).json(), winners[0]);
        assert_eq!(stage.api.get(&people::cached_path(&email)).await?.is(200).json(), winners[0]);
    }
    Ok(())
}

async fn readers_and_a_deletion_leave_nothing_behind(stage: &Stage) -> anyhow::Result<()> {
    for _ in 0..15 {
        let email = people::create(&stage.api, json!({"monday": [9]}), "first").await?;
        let (path, cached) = (people::path(&email), people::cached_path(&email));
        let reads = join_all((0..8).map(|_| stage.api.get(&cached)));
        let (reads, deleted) = futures::join!(reads, stage.api.delete(&path));
        deleted?.is(204);
        for read in reads {
            assert!(matches!(read?.status, 200 | 404));
        }
        for _ in 0..4 {
            stage.api.get(&cached).await?.is(404);
        }
    }
    Ok(())
}
