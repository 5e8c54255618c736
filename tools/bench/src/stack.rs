//! What is measured: the services as processes, on real stores.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, ensure};
use futures::stream;
use people::{
    generate,
    import::{Entry, Place, Progress, Target, import},
};
use sqlx::{Connection, PgConnection};
use testkit::{
    ServiceProcess, ServiceSpec,
    servers::{Postgres, RabbitMq, Redis},
};

use crate::proc;

/// People who are stored before anything is measured.
const PEOPLE: usize = 1_000;

/// A service or a store, whose CPU time is counted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Postgres,
    Redis,
    RabbitMq,
    Users,
    Availability,
    Suggestion,
    WorkerApi,
}

/// The running services and their stores; without RabbitMQ and the worker where nobody needs them.
pub(crate) struct Stack {
    roots: HashMap<Part, Vec<u32>>,
    urls: HashMap<Part, String>,
    /// In the order of their start: what a service needs comes before it.
    services: Vec<ServiceProcess>,
    broker: Option<RabbitMq>,
    redis: Redis,
    postgres: Postgres,
    database: String,
    emails: Vec<String>,
    traces: Option<Traces>,
    /// Where the programs are, if not with this one.
    directory: Option<PathBuf>,
}

/// Where traces go, and which.
#[derive(Clone, Debug)]
pub(crate) struct Traces {
    /// Base URL of a collector.
    pub(crate) endpoint: String,
    /// Share of them that is exported, 0 to 1.
    pub(crate) ratio: f64,
    /// Most of them a second, if not as by default.
    pub(crate) limit: Option<u32>,
}

impl Stack {
    /// Starts everything and stores some people.
    pub(crate) async fn start(with_jobs: bool) -> anyhow::Result<Stack> {
        Stack::start_of(with_jobs, None, None).await
    }

    /// The same, with services that export traces, or with those of another build in `directory`.
    pub(crate) async fn start_of(
        with_jobs: bool,
        traces: Option<Traces>,
        directory: Option<&Path>,
    ) -> anyhow::Result<Stack> {
        let mut roots = HashMap::new();
        // The first server brings along the process that watches over all of them; it costs nothing.
        let postgres = started(&mut roots, Part::Postgres, Postgres::start()).await?;
        let redis = started(&mut roots, Part::Redis, Redis::start()).await?;
        let broker = match with_jobs {
            true => Some(started(&mut roots, Part::RabbitMq, RabbitMq::start()).await?),
            false => None,
        };
        let database = postgres.create_database().await?;
        let mut stack = Stack {
            roots,
            urls: HashMap::new(),
            services: Vec::new(),
            broker,
            redis,
            postgres,
            database,
            emails: Vec::new(),
            traces,
            directory: directory.map(Path::to_owned),
        };
        stack.start_services(with_jobs).await?;
        stack.emails = store_people(stack.url(Part::Users)?).await?;
        Ok(stack)
    }

    async fn start_services(&mut self, with_jobs: bool) -> anyhow::Result<()> {
        self.serve(Part::Users, self.user_service()).await?;
        self.serve(Part::Availability, self.availability_service()?).await?;
        self.serve(Part::Suggestion, self.suggestion_service()?).await?;
        if with_jobs {
            let worker = self.worker_service("api", &self.database, "meeting_jobs")?;
            self.serve(Part::WorkerApi, worker).await?;
        }
        Ok(())
    }

    async fn serve(&mut self, part: Part, spec: ServiceSpec) -> anyhow::Result<()> {
        let spec = match &self.traces {
            None => spec,
            Some(Traces { endpoint, ratio, limit }) => {
                let spec =
                    spec.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint).env("OTEL_TRACES_SAMPLER_ARG", ratio);
                limit.iter().fold(spec, |spec, limit| spec.env("TRACE_LIMIT", limit))
            }
        };
        let spec = ServiceSpec { bin_dir: self.directory.clone(), ..spec };
        let service = ServiceProcess::start(spec).await?;
        self.roots.insert(part, vec![service.pid()]);
        self.urls.insert(part, service.url());
        self.services.push(service);
        Ok(())
    }

    /// Changes what is stored of a poll, past the services.
    pub(crate) async fn execute(
        &self,
        statement: &'static str,
        poll: &str,
        from: i64,
        to: i64,
    ) -> anyhow::Result<()> {
        let mut connection = PgConnection::connect(&self.database).await?;
        sqlx::query(statement).bind(poll).bind(from).bind(to).execute(&mut connection).await?;
        Ok(connection.close().await?)
    }

    pub(crate) fn emails(&self) -> &[String] {
        &self.emails
    }

    pub(crate) fn url(&self, part: Part) -> anyhow::Result<&str> {
        self.urls.get(&part).map(String::as_str).with_context(|| format!("{part:?} does not run"))
    }

    /// The processes of these parts, which all of their other processes descend from.
    pub(crate) fn roots(&self, parts: &[Part]) -> Vec<u32> {
        parts.iter().filter_map(|part| self.roots.get(part)).flatten().copied().collect()
    }

    /// A new database beside the one that the services use.
    pub(crate) async fn new_database(&self) -> anyhow::Result<String> {
        self.postgres.create_database().await
    }

    pub(crate) fn redis_url(&self) -> String {
        self.redis.url()
    }

    pub(crate) fn broker_url(&self) -> anyhow::Result<String> {
        Ok(self.broker.as_ref().context("RabbitMQ does not run")?.url())
    }

    /// A user-service on the stores of this stack, which makes as many polls as are measured.
    pub(crate) fn user_service(&self) -> ServiceSpec {
        ServiceSpec::user_service(&self.database, self.redis.address()).env("POLLS_PER_HOUR", 0)
    }

    /// An availability-service that asks the user-service of this stack.
    pub(crate) fn availability_service(&self) -> anyhow::Result<ServiceSpec> {
        Ok(ServiceSpec::availability_service(self.url(Part::Users)?))
    }

    /// A suggestion-service that asks the availability-service of this stack.
    pub(crate) fn suggestion_service(&self) -> anyhow::Result<ServiceSpec> {
        Ok(ServiceSpec::suggestion_service(self.url(Part::Availability)?))
    }

    /// A worker-service of a role, on a database and a queue, that asks the suggestion-service of this stack.
    pub(crate) fn worker_service(
        &self,
        role: &str,
        database: &str,
        queue: &str,
    ) -> anyhow::Result<ServiceSpec> {
        let broker = self.broker_url()?;
        Ok(ServiceSpec::worker_service(role, database, &broker, queue, self.url(Part::Suggestion)?))
    }
}

/// Stores some people through the user-service or the gateway at `url`, and gives their addresses.
pub(crate) async fn store_people(url: &str) -> anyhow::Result<Vec<String>> {
    let everybody: Vec<_> = generate::people(7).take(PEOPLE).collect();
    let mut lines = Vec::new();
    for (number, person) in (1..).zip(&everybody) {
        // As in the measurements before this one, everybody has their hours and no schedule.
        let mut body = serde_json::to_value(person)?;
        body.as_object_mut().and_then(|members| members.remove("schedule"));
        lines.push(Ok(Entry { place: Place::Element(number), body: body.to_string().into_bytes() }));
    }
    let target = Target {
        url: url.parse()?,
        concurrency: NonZeroUsize::MIN.saturating_add(15),
        deadline: Duration::from_secs(30),
        replace: false,
        imported_polls: None,
    };
    let summary = import(stream::iter(lines), target, &Progress::hidden()).await?;
    ensure!(summary.refused.is_empty(), "people were refused: {:?}", summary.refused);
    Ok(everybody.into_iter().map(|person| person.email).collect())
}

/// Awaits the start of a server and notes which children this process has got by it.
async fn started<S>(
    roots: &mut HashMap<Part, Vec<u32>>,
    part: Part,
    start: impl Future<Output = anyhow::Result<S>>,
) -> anyhow::Result<S> {
    let before = proc::children()?;
    let server = start.await?;
    let new = proc::children()?.into_iter().filter(|pid| !before.contains(pid)).collect();
    roots.insert(part, new);
    Ok(server)
}
