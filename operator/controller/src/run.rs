use std::{
    io::{Write, stdout},
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use async_trait::async_trait;
use futures::future::join_all;
use kube::Client;
use service_kit::{Dependency, Probe, RequestContext, ServiceContext, serve_ops};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{
    args::{Args, Command, RunArgs},
    context::Context,
    lease::{Elector, LeaderTerm, LeaseSettings},
    metrics::Metrics,
    resource::{crd, reference_page},
    scaler_loops::watch_namespace,
    yaml::to_yaml,
};

/// Does what the arguments say.
pub async fn run(args: Args, service: ServiceContext) -> anyhow::Result<()> {
    match args.command {
        None => operate(args.run, service).await,
        Some(Command::Run(run)) => operate(run, service).await,
        Some(Command::Crd { markdown: false }) => print(&to_yaml(&crd()?)?),
        Some(Command::Crd { markdown: true }) => print(&reference_page()?),
    }
}

fn print(text: &str) -> anyhow::Result<()> {
    stdout().write_all(text.as_bytes()).context("cannot write to standard output")
}

async fn operate(args: RunArgs, service: ServiceContext) -> anyhow::Result<()> {
    let client = Client::try_default().await.context("no cluster is configured; is KUBECONFIG right?")?;
    operate_with(client, args, service).await
}

/// Looks after the QueueScalers that `client` can see, whenever this instance leads, until the service says stop. The Lease is
/// given back after the last round has ended, and the second port closes after that.
pub async fn operate_with(client: Client, args: RunArgs, service: ServiceContext) -> anyhow::Result<()> {
    let metrics = Metrics::register(&service.registry)?;
    let identity = args.identity();
    let own = client.default_namespace().to_owned();
    let namespaces = if args.namespaces.is_empty() { vec![own.clone()] } else { args.namespaces.clone() };
    let elector = Elector::new(client.clone(), settings(&args, own, &identity));
    let answers = ApiServerProbe { last: elector.answered(), limit: lease_duration(&args) * 2 };

    let grace = Duration::from_secs(args.shutdown_grace_seconds.into());
    let ended = CancellationToken::new();
    let ops = serve_ops(args.ops_listen, &service, Arc::new(answers), ended.clone());
    let leading = async {
        elector
            .lead(service.stopping.clone(), async |term: LeaderTerm| {
                metrics.leader.set(1);
                let _clear = ClearLeaderGauge(&metrics);
                let context = match Context::new(client.clone(), &identity, term, metrics.clone(), grace) {
                    Ok(context) => context,
                    Err(error) => return service.fail(error.as_ref()),
                };
                let watched = namespaces.iter().map(|namespace| {
                    watch_namespace(context.clone(), namespace.clone(), service.stopping.clone())
                });
                join_all(watched).await;
            })
            .await;
        ended.cancel();
        Ok(())
    };
    tokio::try_join!(ops, leading).map(drop)
}

/// Says that this instance does not lead any more, however the lead ends.
struct ClearLeaderGauge<'a>(&'a Metrics);

impl Drop for ClearLeaderGauge<'_> {
    fn drop(&mut self) {
        self.0.leader.set(0);
    }
}

fn lease_duration(args: &RunArgs) -> Duration {
    Duration::from_secs(args.lease_seconds.into())
}

/// Two thirds of the duration to renew in, and a handful of attempts within them.
fn settings(args: &RunArgs, namespace: String, identity: &str) -> LeaseSettings {
    let duration = lease_duration(args);
    LeaseSettings {
        namespace,
        name: args.lease_name.clone(),
        identity: identity.to_owned(),
        duration,
        renew_deadline: duration * 2 / 3,
        retry: duration / 8,
    }
}

/// Ready is who the API server answers, leading or waiting to lead.
struct ApiServerProbe {
    last: watch::Receiver<Option<Instant>>,
    limit: Duration,
}

#[async_trait]
impl Probe for ApiServerProbe {
    async fn dependencies(&self, _ctx: &RequestContext) -> Vec<Dependency> {
        let answer = self.ready().await.map(|()| Duration::ZERO);
        vec![Dependency { name: "kubernetes", essential: true, answer }]
    }

    async fn ready(&self) -> Result<(), String> {
        match *self.last.borrow() {
            Some(last) if last.elapsed() < self.limit => Ok(()),
            Some(last) => Err(format!("the API server has not answered for {} s", last.elapsed().as_secs())),
            None => Err("the API server has not answered yet".to_owned()),
        }
    }
}
