//! Clients that change people on one replica and read them on another.

use std::time::{Duration, Instant};

use anyhow::Context;

use crate::{Api, Clients, Progress, people};

/// What clients have seen, all together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Changes that were acknowledged.
    pub changes: usize,
    /// Reads that began after a change was acknowledged, and were answered.
    pub reads: usize,
    /// Of those, reads that gave something older than the change.
    pub stale: usize,
    /// Requests that were answered by anything but 200.
    pub refused: usize,
    pub longest_change: Duration,
    pub longest_read: Duration,
}

impl Seen {
    fn and(self, other: Seen) -> Seen {
        Seen {
            changes: self.changes + other.changes,
            reads: self.reads + other.reads,
            stale: self.stale + other.stale,
            refused: self.refused + other.refused,
            longest_change: self.longest_change.max(other.longest_change),
            longest_read: self.longest_read.max(other.longest_read),
        }
    }
}

/// Clients of which each changes a person of its own on one replica, and reads them on the other as soon as the change is
/// acknowledged and once more, when the cache may have them; then the other way round.
#[derive(Debug)]
pub struct CrosswiseClients(Clients<Seen>);

impl CrosswiseClients {
    pub async fn start(replicas: [Api; 2], count: usize) -> anyhow::Result<CrosswiseClients> {
        let mut clients = Clients::new();
        for _ in 0..count {
            let email = people::fresh_address("crosswise");
            let body = people::body(&email, &people::numbered_week(0), "first");
            replicas[0].post("/users", &body).await?.ensure_status(201)?;
            clients.spawn(work(replicas.clone(), email, clients.progress()));
        }
        Ok(CrosswiseClients(clients))
    }

    /// Waits until each client has done this many rounds more, on average.
    pub async fn go_on(&mut self, rounds: usize) -> anyhow::Result<()> {
        self.0.go_on(rounds * self.0.len()).await
    }

    /// Stops them; what they have seen.
    pub async fn stop(self) -> anyhow::Result<Seen> {
        Ok(self.0.stop().await?.into_iter().fold(Seen::default(), Seen::and))
    }
}

async fn work(replicas: [Api; 2], email: String, progress: Progress) -> anyhow::Result<Seen> {
    let (path, cached) = (people::path(&email), people::cached_path(&email));
    let [path, cached] = [path, cached].map(|path| path.replacen("/users", "", 1));
    let (mut seen, mut acknowledged) = (Seen::default(), 0);
    for number in 1.. {
        if progress.is_stopped() {
            break;
        }
        let [writer, reader] = [number % 2, (number + 1) % 2].map(|replica| &replicas[replica]);
        let start = Instant::now();
        let reply = writer.put(&path, &people::body(&email, &people::numbered_week(number), "first")).await?;
        seen.longest_change = seen.longest_change.max(start.elapsed());
        match reply.status {
            200 => (seen.changes, acknowledged) = (seen.changes + 1, number),
            _ => seen.refused += 1,
        }
        for _ in 0..2 {
            let start = Instant::now();
            let reply = reader.get(&cached).await?;
            seen.longest_read = seen.longest_read.max(start.elapsed());
            if reply.status != 200 {
                seen.refused += 1;
                continue;
            }
            seen.reads += 1;
            let number = people::number_of(&reply.json()["availabilities"]).context("no number")?;
            seen.stale += usize::from(number < acknowledged);
        }
        progress.count_step();
    }
    Ok(seen)
}
