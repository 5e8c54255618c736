//! What becomes of a service of which more is asked than it can do.

use std::{
    net::IpAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use reqwest::{Client, StatusCode};
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

use crate::{
    measure::RunSettings,
    proc::{halves, processors, stay_on},
    scenario::encoded,
    stack::{Part, Stack, store_people},
};

/// Connections by which is found out what a service can do.
const MODEST: usize = 32;
/// Connections of readers that never pause, and how many come from one address, which gets no more than its share.
const MANY: [usize; 2] = [800, 1_600];
const FROM_ONE_ADDRESS: usize = 400;
/// Times of what a service can do; the first is a service that is not overloaded.
const TIMES: [f64; 3] = [0.5, 2.0, 4.0];
const GROUP: usize = 100;
/// Connections of the client that asks large questions without pause.
const GREEDY: usize = 256;
/// Most requests that are under way from here.
const MOST_UNDER_WAY: usize = 4_096;
/// Between two looks at which requests are due.
const TICK: Duration = Duration::from_millis(2);
/// Between two questions of the client that asks little.
const MODEST_PAUSE: Duration = Duration::from_millis(10);

/// What one load had for answers.
pub(crate) struct Load {
    pub(crate) title: String,
    /// The same for the same load on another build.
    pub(crate) place: usize,
    pub(crate) build: String,
    pub(crate) offered: f64,
    /// Requests per second that were done.
    pub(crate) answered: f64,
    /// Milliseconds, of those that were done.
    pub(crate) p99_ms: f64,
    /// Share of 503.
    pub(crate) refused: f64,
    /// Share of other errors, and of requests without an answer.
    pub(crate) failed: f64,
    /// Replies that say that a store or another service is unavailable, though all are well.
    pub(crate) blamed: usize,
}

/// Puts the same loads on this build and, if there is one, on that in the folder `beside`. The load has processors of its own,
/// or it would be a part of what it measures.
pub(crate) async fn measure(settings: &RunSettings, beside: Option<&Path>) -> anyhow::Result<Vec<Load>> {
    let seconds = Duration::from_secs(settings.seconds);
    let mut loads = Vec::new();
    let all = processors()?;
    let [platform, load] = halves(all);
    for (build, directory) in builds(beside) {
        let before = loads.len();
        stay_on(&platform)?;
        let stack = Stack::start_of(false, None, directory).await?;
        stay_on(&load)?;
        let emails = stack.emails();
        let reads = emails
            .iter()
            .take(GROUP)
            .map(|email| format!("/user-avail/cache-aside?user1email={}", encoded(email)));
        let reads = targets(stack.url(Part::Users)?, reads);
        let question = group(emails);
        let questions = targets(stack.url(Part::Availability)?, [question.clone()].into_iter());
        let mut add = |title: String, counts: Counts| {
            loads.push(counts.load(loads.len() - before, title, build, seconds))
        };

        for connections in [MODEST].into_iter().chain(MANY) {
            let title = format!("cached reads on one user-service, {connections} connections");
            let clients: Vec<Client> =
                (2..).take(connections.div_ceil(FROM_ONE_ADDRESS)).map(client).collect::<Result<_, _>>()?;
            add(title, without_pause(&clients, reads.clone(), connections, seconds).await?);
        }
        let most = without_pause(&[client(1)?], questions.clone(), MODEST, seconds).await?;
        let can = most.answered.len() as f64 / seconds.as_secs_f64();
        add(format!("questions for {GROUP} people, {MODEST} connections"), most);
        for times in TIMES {
            let title = format!("the same at {times} times this rate");
            add(title, at_rate(client(1)?, questions.clone(), can * times, seconds).await?);
        }
        drop(stack);

        stay_on(&platform)?;
        let data = tempfile::tempdir()?;
        let mut spec = ServiceSpec::new(Binary::W2meet).env("DATA_DIR", data.path().display());
        spec.bin_dir = directory.map(Path::to_owned);
        let standalone = ServiceProcess::start(spec).await?;
        stay_on(&load)?;
        let emails = store_people(&standalone.url()).await?;
        let health = targets(&standalone.url(), ["/users/health".to_owned()].into_iter());
        let read = targets(
            &standalone.url(),
            [format!("/users/users/{}", emails.first().map(|email| encoded(email)).unwrap_or_default())]
                .into_iter(),
        );
        let questions = targets(&format!("{}/availability", standalone.url()), [group(&emails)].into_iter());
        for (title, greedy) in [("alone", 0), ("beside it", GREEDY)] {
            let clients = [client(1)?];
            let (greedy, asked, readers) = tokio::join!(
                without_pause(&clients, questions.clone(), greedy, seconds),
                with_pauses(client(2)?, health.clone(), seconds),
                with_pauses(client(2)?, read.clone(), seconds),
            );
            add(format!("one process, health asked by one client {title}"), asked?);
            add(format!("one process, one person read by one client {title}"), readers?);
            let greedy = greedy?;
            if greedy.sent > 0 {
                add(
                    format!("one process, {GROUP} people asked for by another client, {GREEDY} connections"),
                    greedy,
                );
            }
        }
    }
    stay_on(&all)?;
    Ok(loads)
}

/// The names of the builds, and where they are if not with this program.
fn builds(beside: Option<&Path>) -> Vec<(&'static str, Option<&Path>)> {
    let other = beside.map(|directory| ("before", Some(directory)));
    other.into_iter().chain([("now", None)]).collect()
}

fn group(emails: &[String]) -> String {
    let people: Vec<String> =
        emails.iter().take(GROUP).map(|email| format!("userId={}", encoded(email))).collect();
    format!("/availabilities?{}", people.join("&"))
}

fn targets(base: &str, paths: impl Iterator<Item = String>) -> Arc<[String]> {
    paths.map(|path| format!("{base}{path}")).collect()
}

/// A client with an address of its own: `127.0.0.1`, `127.0.0.2`, …
fn client(number: u8) -> anyhow::Result<Client> {
    let address = IpAddr::from([127, 0, 0, number]);
    let client = Client::builder().local_address(address).tcp_nodelay(true).timeout(Duration::from_secs(30));
    Ok(client.build()?)
}

/// What was sent, and what came back.
#[derive(Default)]
struct Counts {
    sent: usize,
    answered: Vec<Duration>,
    refused: usize,
    failed: usize,
    blamed: usize,
}

impl Counts {
    /// Sends a request and notes what comes back.
    async fn ask(&mut self, client: &Client, url: &str) {
        self.sent += 1;
        let started = Instant::now();
        let answer = async {
            let response = client.get(url).send().await?;
            Ok::<_, reqwest::Error>((response.status(), response.bytes().await?))
        };
        match answer.await {
            Ok((status, _)) if status.is_success() => self.answered.push(started.elapsed()),
            Ok((status, body)) => {
                let counted = if status == StatusCode::SERVICE_UNAVAILABLE {
                    &mut self.refused
                } else {
                    &mut self.failed
                };
                *counted += 1;
                let text = String::from_utf8_lossy(&body);
                self.blamed +=
                    usize::from(text.contains("Database unavailable") || text.contains("is unavailable"));
            }
            Err(_unanswered) => self.failed += 1,
        }
    }

    fn add(&mut self, other: Counts) {
        self.sent += other.sent;
        self.answered.extend(other.answered);
        self.refused += other.refused;
        self.failed += other.failed;
        self.blamed += other.blamed;
    }

    fn load(mut self, place: usize, title: String, build: &str, time: Duration) -> Load {
        self.answered.sort_unstable();
        let p99 = self.answered.get(self.answered.len() * 99 / 100).copied().unwrap_or_default();
        let share = |number: usize| number as f64 / self.sent.max(1) as f64;
        Load {
            title,
            place,
            build: build.to_owned(),
            offered: self.sent as f64 / time.as_secs_f64(),
            answered: self.answered.len() as f64 / time.as_secs_f64(),
            p99_ms: p99.as_secs_f64() * 1e3,
            refused: share(self.refused),
            failed: share(self.failed),
            blamed: self.blamed,
        }
    }
}

async fn total(mut asking: JoinSet<Counts>) -> anyhow::Result<Counts> {
    let mut all = Counts::default();
    while let Some(counts) = asking.join_next().await {
        all.add(counts.context("a client failed")?);
    }
    Ok(all)
}

/// Each of the connections asks as soon as it has its answer.
async fn without_pause(
    clients: &[Client],
    urls: Arc<[String]>,
    connections: usize,
    time: Duration,
) -> anyhow::Result<Counts> {
    let until = Instant::now() + time;
    let mut asking = JoinSet::new();
    for (number, client) in (0..connections).zip(clients.iter().cycle()) {
        let (client, urls) = (client.clone(), urls.clone());
        asking.spawn(async move {
            let mut counts = Counts::default();
            for url in urls.iter().cycle().skip(number % urls.len()) {
                if Instant::now() >= until {
                    break;
                }
                counts.ask(&client, url).await;
            }
            counts
        });
    }
    total(asking).await
}

/// One question after the other, with a pause after each.
async fn with_pauses(client: Client, urls: Arc<[String]>, time: Duration) -> anyhow::Result<Counts> {
    let until = Instant::now() + time;
    let mut counts = Counts::default();
    for url in urls.iter().cycle() {
        if Instant::now() >= until {
            break;
        }
        counts.ask(&client, url).await;
        sleep(MODEST_PAUSE).await;
    }
    Ok(counts)
}

/// So many questions a second, whether or not the ones before have their answers.
async fn at_rate(client: Client, urls: Arc<[String]>, rate: f64, time: Duration) -> anyhow::Result<Counts> {
    let started = Instant::now();
    let under_way = Arc::new(Semaphore::new(MOST_UNDER_WAY));
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let (mut asking, mut due) = (JoinSet::new(), urls.iter().cycle());
    let mut sent = 0.0;
    while started.elapsed() < time {
        ticks.tick().await;
        while sent < started.elapsed().as_secs_f64() * rate {
            sent += 1.0;
            // Nobody asks more at a time than so many connections can.
            let (Ok(place), Some(url)) = (under_way.clone().try_acquire_owned(), due.next()) else {
                continue;
            };
            let (client, url) = (client.clone(), url.clone());
            asking.spawn(async move {
                let _place = place;
                let mut counts = Counts::default();
                counts.ask(&client, &url).await;
                counts
            });
        }
    }
    total(asking).await
}
