use std::path::Path;

use anyhow::Context;
use futures::future::{OptionFuture, try_join_all};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};

use super::addresses::Addresses;
use super::distributed_options::DistributedOptions;
use super::services::Settings;
use crate::gateway::Site;
use crate::servers::{Nginx, Redis, ServerFiles};
use crate::service_process::{ServiceProcess, ServiceSpec};
use crate::shared;

/// The platform as nine processes: seven services, an nginx as the gateway and one as the balancer between services.
///
/// The balancer is a process of its own because it has to outlive the gateway in an orderly stop: jobs that run still
/// ask the other services.
pub struct Distributed {
    pub gateway: Nginx,
    /// What the services reach each other's replicas through.
    pub balancer: Nginx,
    /// The consumer of jobs, unless it was to be left out.
    pub worker_consumer: Option<ServiceProcess>,
    pub worker_api: ServiceProcess,
    pub suggestion: ServiceProcess,
    pub availability: [ServiceProcess; 2],
    pub users: [ServiceProcess; 2],
    /// The cache, unless it was given.
    pub redis: Option<Redis>,
    amqp_url: String,
    queue_name: String,
    consumer_spec: ServiceSpec,
}

impl Distributed {
    pub(super) async fn start(options: DistributedOptions) -> anyhow::Result<Distributed> {
        let directory = options.directory.as_deref();
        let redis = match options.redis {
            Some(_) => None,
            None => Some(Redis::start().await?),
        };
        let cache = redis.as_ref().map(Redis::address).or(options.redis).context("there is no Redis")?;
        let pg_dsn = match options.pg_dsn {
            Some(dsn) => dsn,
            None => shared::postgres_database().await?,
        };
        let settings = Settings {
            pg_dsn,
            redis: cache,
            amqp_url: options.amqp_url.map_or_else(shared::amqp_url, Ok)?,
            queue_name: options.queue_name.unwrap_or_else(|| shared::unique_name("meeting_jobs")),
            env: options.env,
            log_directory: log_directory(directory)?,
            used_by_people: options.used_by_people,
        };
        let at = Addresses::choose(options.gateway_port)?;
        let specs = settings.specs(&at)?;
        // The services ask each other whether they are ready, so the balancer has to be there first.
        let balancer =
            Nginx::start_in(nginx_files(directory, "balancer"), &Site::balancers(&at.balancer_routes()?))
                .await?;
        let (users, availability, suggestion, worker_api, worker_consumer) = tokio::try_join!(
            start_both(specs.users),
            start_both(specs.availability),
            ServiceProcess::start(specs.suggestion),
            ServiceProcess::start(specs.worker_api),
            start_if(!options.without_consumer, specs.worker_consumer.clone()),
        )?;
        let gateway = Nginx::start_in(
            nginx_files(directory, "gateway"),
            &Site::gateway(at.gateway, &at.gateway_routes()?),
        )
        .await?;
        let Settings { amqp_url, queue_name, .. } = settings;
        Ok(Distributed {
            gateway,
            balancer,
            worker_consumer,
            worker_api,
            suggestion,
            availability,
            users,
            redis,
            amqp_url,
            queue_name,
            consumer_spec: specs.worker_consumer,
        })
    }

    /// The one public entry, `http://127.0.0.1:PORT`.
    pub fn gateway_url(&self) -> String {
        self.gateway.url()
    }

    pub fn amqp_url(&self) -> &str {
        &self.amqp_url
    }

    pub fn queue_name(&self) -> &str {
        &self.queue_name
    }

    pub fn consumer(&mut self) -> anyhow::Result<&mut ServiceProcess> {
        self.worker_consumer.as_mut().context("the platform was started without a consumer")
    }

    pub fn consumer_spec(&self) -> &ServiceSpec {
        &self.consumer_spec
    }

    /// All service processes, those first that ask the others.
    pub fn services(&self) -> Vec<&ServiceProcess> {
        let ([availability_1, availability_2], [user_1, user_2]) = (&self.availability, &self.users);
        let others = [&self.worker_api, &self.suggestion, availability_1, availability_2, user_1, user_2];
        self.worker_consumer.iter().chain(others).collect()
    }

    /// Returns the name of the first of its processes that ends, for whatever reason, but for those that are down already.
    pub async fn first_to_end(&self, is_down: &impl Fn(&str) -> bool) -> anyhow::Result<String> {
        let up = self.services().into_iter().filter(|service| !is_down(service.name()));
        let mut services: FuturesUnordered<_> =
            up.map(async |service| service.ended().await.map(|()| service.name().to_owned())).collect();
        tokio::select! {
            Some(name) = services.next() => name,
            ended = self.gateway.ended(), if !is_down("gateway") => ended.map(|()| "gateway".to_owned()),
            ended = self.balancer.ended(), if !is_down("balancer") => ended.map(|()| "balancer".to_owned()),
            else => std::future::pending().await,
        }
    }

    /// Starts the process of this name again where it was; a service may have to wait for others until it is ready.
    pub async fn restart(&mut self, name: &str) -> anyhow::Result<()> {
        match name {
            "gateway" => return self.gateway.restart().await,
            "balancer" => return self.balancer.restart().await,
            _ => (),
        }
        let others = [&mut self.worker_api, &mut self.suggestion];
        let replicas = self.availability.iter_mut().chain(&mut self.users);
        let mut services = self.worker_consumer.iter_mut().chain(others).chain(replicas);
        let service = services.find(|service| service.name() == name);
        service.with_context(|| format!("there is no {name}"))?.restart_unready().await
    }

    /// Stops it in order: the gateway, then each service with its drain before those that it asks, then the balancer
    /// and the Redis that is its own.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.gateway.stop().await?;
        let consumer = self.worker_consumer.as_mut().map(ServiceProcess::stop);
        tokio::try_join!(OptionFuture::from(consumer).map(Option::transpose), self.worker_api.stop())?;
        self.suggestion.stop().await?;
        stop_both(&mut self.availability).await?;
        stop_both(&mut self.users).await?;
        self.balancer.stop().await?;
        match &mut self.redis {
            Some(redis) => redis.stop().await,
            None => Ok(()),
        }
    }
}

async fn start_if(wanted: bool, spec: ServiceSpec) -> anyhow::Result<Option<ServiceProcess>> {
    if wanted { ServiceProcess::start(spec).await.map(Some) } else { Ok(None) }
}

async fn start_both([first, second]: [ServiceSpec; 2]) -> anyhow::Result<[ServiceProcess; 2]> {
    let (first, second) = tokio::try_join!(ServiceProcess::start(first), ServiceProcess::start(second))?;
    Ok([first, second])
}

async fn stop_both(replicas: &mut [ServiceProcess; 2]) -> anyhow::Result<()> {
    try_join_all(replicas.iter_mut().map(ServiceProcess::stop)).await?;
    Ok(())
}

fn log_directory(directory: Option<&Path>) -> anyhow::Result<Option<std::path::PathBuf>> {
    let Some(directory) = directory else { return Ok(None) };
    let logs = directory.join("logs");
    std::fs::create_dir_all(&logs).with_context(|| format!("cannot make {}", logs.display()))?;
    Ok(Some(logs))
}

fn nginx_files(directory: Option<&Path>, name: &str) -> ServerFiles {
    ServerFiles {
        directory: directory.map(|directory| directory.join(name)),
        log: directory.map(|directory| directory.join("logs").join(format!("{name}.log"))),
    }
}
