//! Clients that change and read the same people on several replicas, and what they saw.

use std::time::Instant;

use anyhow::{Context, ensure};

use crate::{
    Api, Clients, Progress,
    history::{Action, Operation, is_linearizable},
    people,
};

/// What one client did.
#[derive(Debug, Default)]
struct Requests {
    /// Of which of the people, and what.
    done: Vec<(usize, Operation)>,
    refused_reads: usize,
}

/// Clients that all change and read the same people, each request on the next replica.
#[derive(Debug)]
pub struct ContendedClients {
    clients: Clients<Requests>,
    people: usize,
}

/// How much was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// Changes that were acknowledged.
    pub changes: usize,
    /// Changes of which nobody knows.
    pub unknown: usize,
    /// Reads that were answered.
    pub reads: usize,
    /// Reads that were not, as somebody was unavailable.
    pub refused_reads: usize,
}

impl ContendedClients {
    /// So many clients of so many people, who are made first.
    pub async fn start(replicas: &[Api], count: usize, people: usize) -> anyhow::Result<ContendedClients> {
        let mut emails = Vec::new();
        for _ in 0..people {
            let email = people::fresh_address("contended");
            let body = people::body(&email, &people::numbered_week(0), "first");
            replicas[0].post("/users", &body).await?.ensure_status(201)?;
            emails.push(email);
        }
        let (mut clients, start) = (Clients::new(), Instant::now());
        for client in 0..count {
            let numbers = (client + 1..).step_by(count);
            clients.spawn(work(replicas.to_vec(), emails.clone(), numbers, start, clients.progress()));
        }
        Ok(ContendedClients { clients, people })
    }

    /// Waits until each client has done this many rounds more, on average.
    pub async fn go_on(&mut self, rounds: usize) -> anyhow::Result<()> {
        self.clients.go_on(rounds * self.clients.len()).await
    }

    /// Stops them; how much they did, after a look whether what they saw of each person can have happened.
    ///
    /// # Errors
    /// It cannot: a read was old, or two replicas showed changes in different orders.
    pub async fn stop_and_check(self) -> anyhow::Result<Done> {
        let clients = self.clients.stop().await?;
        let refused_reads = clients.iter().map(|client| client.refused_reads).sum();
        let requests: Vec<_> = clients.into_iter().flat_map(|client| client.done).collect();
        for person in 0..self.people {
            let of_person = requests.iter().filter(|(of, _)| *of == person);
            let history: Vec<Operation> = of_person.map(|(_, operation)| *operation).collect();
            ensure!(is_linearizable(0, &history), "this cannot have happened: {history:?}");
        }
        let count = |wanted: fn(&Operation) -> bool| requests.iter().filter(|(_, one)| wanted(one)).count();
        Ok(Done {
            changes: count(|one| matches!(one.action, Action::Write(_)) && one.returned.is_some()),
            unknown: count(|one| one.returned.is_none()),
            reads: count(|one| matches!(one.action, Action::Read(_))),
            refused_reads,
        })
    }
}

/// Changes a person to each of the numbers, which nobody else has, and reads two afterwards.
async fn work(
    replicas: Vec<Api>,
    emails: Vec<String>,
    numbers: impl Iterator<Item = usize>,
    start: Instant,
    progress: Progress,
) -> anyhow::Result<Requests> {
    let mut requests = Requests::default();
    for (round, number) in numbers.enumerate() {
        if progress.is_stopped() {
            break;
        }
        let replica = |request: usize| &replicas[(number + round + request) % replicas.len()];
        let person = |request: usize| (number + request / 2) % emails.len();
        let called = start.elapsed();
        let returned = change(replica(0), &emails[person(0)], number).await.then(|| start.elapsed());
        requests.done.push((person(0), Operation { action: Action::Write(number), called, returned }));
        for request in 1..3 {
            let called = start.elapsed();
            let Some(found) = read(replica(request), &emails[person(request)]).await? else {
                requests.refused_reads += 1;
                continue;
            };
            let returned = Some(start.elapsed());
            requests
                .done
                .push((person(request), Operation { action: Action::Read(found), called, returned }));
        }
        progress.count_step();
    }
    Ok(requests)
}

/// Whether the change was acknowledged; where not, it may have been made all the same.
async fn change(replica: &Api, email: &str, number: usize) -> bool {
    let path = people::path(email).replacen("/users", "", 1);
    let body = people::body(email, &people::numbered_week(number), "first");
    replica.put(&path, &body).await.is_ok_and(|reply| reply.status == 200)
}

/// What the replica shows, if it is available.
async fn read(replica: &Api, email: &str) -> anyhow::Result<Option<usize>> {
    let path = people::cached_path(email).replacen("/users", "", 1);
    let Ok(reply) = replica.get(&path).await else { return Ok(None) };
    if reply.status != 200 {
        ensure!(reply.status == 503, "{}", reply.text());
        return Ok(None);
    }
    Ok(Some(people::number_of(&reply.json()["availabilities"]).context("no number")?))
}
