use std::collections::VecDeque;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use futures::future::{join_all, select_all};
use reqwest::Client;
use scaling::Workers;
use testkit::{ServiceProcess, ServiceSpec};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::event::Event;

/// The metric of a worker that says how many jobs it is at.
const ACTIVE_JOBS: &str = "messaging_process_active";
/// A worker on this machine that needs longer to say so counts as busy.
const DEADLINE: Duration = Duration::from_secs(1);

/// So many processes of one kind as are asked for. They end with this, whatever way it ends.
pub struct Pool {
    template: ServiceSpec,
    client: Client,
    replicas: u32,
    number: u32,
    ready: Vec<Worker>,
    /// How long the last one took to start.
    startup: Option<Duration>,
    starting: JoinSet<anyhow::Result<(ServiceProcess, Duration)>>,
    leaving: JoinSet<anyhow::Result<(String, Duration)>>,
    events: VecDeque<Event>,
}

struct Worker {
    process: ServiceProcess,
    /// Jobs that it was at when it was asked last.
    busy: Option<u64>,
}

impl Pool {
    /// An empty pool. Its processes are started like `template`, with a number behind its name, on free ports.
    pub fn new(template: ServiceSpec) -> anyhow::Result<Pool> {
        tls_provider::install();
        Ok(Pool {
            template,
            client: Client::builder().timeout(DEADLINE).no_proxy().build()?,
            replicas: 0,
            number: 0,
            ready: Vec::new(),
            startup: None,
            starting: JoinSet::new(),
            leaving: JoinSet::new(),
            events: VecDeque::new(),
        })
    }

    /// The workers as they are now. For those that have died others are started, as a cluster would do it.
    pub async fn workers(&mut self) -> Workers {
        self.start_missing();
        self.ask().await;
        Workers {
            replicas: self.replicas,
            ready: count(self.ready.len()),
            busy: self.ready.iter().map(|worker| worker.busy).sum(),
            startup: self.startup,
            rollout: false,
            conflict: None,
        }
    }

    /// From now on there are to be so many. Those that have the least to do leave first, once they have finished it.
    pub async fn scale(&mut self, replicas: u32) {
        self.replicas = replicas;
        self.start_missing();
        self.stop_surplus().await;
    }

    /// Waits for the next event, for ever if need be. It may be dropped.
    pub async fn next_event(&mut self) -> Event {
        if let Some(event) = self.events.pop_front() {
            return event;
        }
        tokio::select! {
            Some(started) = self.starting.join_next() => match flat(started) {
                Ok((process, after)) => {
                    let (name, pid) = (process.name().to_owned(), process.pid());
                    self.ready.push(Worker { process, busy: None });
                    self.startup = Some(after);
                    Event::Ready { name, pid, after }
                }
                Err(error) => Event::NotStarted { reason: format!("{error:#}").trim_end().to_owned() },
            },
            Some(left) = self.leaving.join_next() => match flat(left) {
                Ok((name, after)) => Event::Left { name, after },
                Err(error) => Event::Died { name: format!("{error:#}") },
            },
            dead = first_dead(&self.ready) => {
                Event::Died { name: self.ready.remove(dead).process.name().to_owned() }
            }
        }
    }

    /// Whether there is no process left.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.starting.is_empty() && self.leaving.is_empty()
    }

    /// Tells everybody to leave and waits until all have.
    pub async fn stop(&mut self) {
        self.replicas = 0;
        while !self.is_empty() {
            self.stop_surplus().await;
            self.next_event().await;
        }
    }

    fn start_missing(&mut self) {
        for _ in count(self.ready.len() + self.starting.len())..self.replicas {
            self.number += 1;
            let spec = numbered(&self.template, self.number);
            let begin = Instant::now();
            self.starting.spawn(async move { Ok((ServiceProcess::start(spec).await?, begin.elapsed())) });
        }
    }

    async fn stop_surplus(&mut self) {
        if self.ready.len() + self.starting.len() <= self.replicas as usize {
            return;
        }
        // Just before, so that it is as true as can be; who does not tell counts as busy.
        self.ask().await;
        self.ready.sort_by_key(|worker| std::cmp::Reverse(worker.busy.unwrap_or(u64::MAX)));
        while self.ready.len() + self.starting.len() > self.replicas as usize {
            // What is starting is not ours to stop yet: it leaves at the next step, if it is still too much then.
            let Some(Worker { mut process, busy }) = self.ready.pop() else { return };
            let name = process.name().to_owned();
            self.events.push_back(Event::Leaving { name: name.clone(), busy });
            let begin = Instant::now();
            self.leaving.spawn(async move {
                process.stop().await?;
                Ok((name, begin.elapsed()))
            });
        }
    }

    /// Asks all of them how much they are at.
    async fn ask(&mut self) {
        let client = &self.client;
        join_all(self.ready.iter_mut().map(async |worker| {
            worker.busy = active_jobs(client, worker.process.ops()).await;
        }))
        .await;
    }
}

/// Jobs that the worker with this operations port is at; `None` when it does not tell.
async fn active_jobs(client: &Client, operations: SocketAddr) -> Option<u64> {
    let answer = client.get(format!("http://{operations}/metrics")).send().await.ok()?;
    prometheus_text::sum(&answer.error_for_status().ok()?.text().await.ok()?, ACTIVE_JOBS)
}

/// The place of the first that ends although nobody has stopped it.
async fn first_dead(ready: &[Worker]) -> usize {
    if ready.is_empty() {
        return pending().await;
    }
    // One that cannot be watched is as good as dead.
    let (_ended, place, _others) =
        select_all(ready.iter().map(|worker| Box::pin(worker.process.ended()))).await;
    place
}

fn numbered(template: &ServiceSpec, number: u32) -> ServiceSpec {
    let anywhere: SocketAddr = (Ipv4Addr::LOCALHOST, 0).into();
    let name = format!("{}-{number}", template.name);
    let log_file = template.log_file.as_ref().map(|file| file.with_file_name(format!("{name}.log")));
    ServiceSpec { name, log_file, listen: anywhere, ops_listen: anywhere, ..template.clone() }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// A task that panicked is a failure like any other.
fn flat<T>(joined: Result<anyhow::Result<T>, tokio::task::JoinError>) -> anyhow::Result<T> {
    joined?
}
