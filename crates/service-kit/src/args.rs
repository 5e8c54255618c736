use std::{net::SocketAddr, num::NonZeroU32, time::Duration};

use anyhow::ensure;
use clap::{Args, ValueEnum};
use tracing::warn;
use wire::BaseUrl;

use crate::{
    Access, LimitArgs, Network, Origin, RateArgs, ServiceSecret, TlsArgs,
    command_line::{allowed_host, listen_address, log_filter},
};

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One flat JSON object a line.
    Json,
    /// For people.
    Text,
}

/// How a program runs, what it logs, and where its traces go.
#[derive(Args, Clone, Debug)]
pub struct ProcessArgs {
    /// Threads that serve. One serves with the least CPU, since nobody has to be woken; more replicas do more.
    #[arg(long, env = "THREADS", default_value = "1", value_parser = clap::value_parser!(u16).range(1..=1024), value_name = "THREADS")]
    pub threads: u16,

    /// What to log: error, warn, info, debug or trace, or a filter such as info,sqlx=debug.
    #[arg(long, env = "LOG_LEVEL", default_value = "info", value_parser = log_filter, value_name = "FILTER")]
    pub log_level: String,

    /// How log lines look.
    #[arg(long, env = "LOG_FORMAT", value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// Base URL of an OpenTelemetry collector (OTLP over HTTP); without it nothing is traced.
    #[arg(long, env = "OTEL_EXPORTER_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<BaseUrl>,

    /// Share of the traces begun here that are exported, 0 to 1; those that callers began go by the callers' choice.
    #[arg(long, env = "OTEL_TRACES_SAMPLER_ARG", default_value_t = 1.0, value_parser = ratio, value_name = "RATIO")]
    pub trace_ratio: f64,

    /// Most traces a second that are begun here and exported, whatever the ratio.
    #[arg(long, env = "TRACE_LIMIT", default_value = "100", value_name = "TRACES")]
    pub trace_limit: NonZeroU32,
}

fn ratio(text: &str) -> Result<f64, String> {
    let ratio = text.parse::<f64>().ok().filter(|ratio| (0.0..=1.0).contains(ratio));
    ratio.ok_or_else(|| "give a number from 0 to 1".to_owned())
}

/// The settings that every service has.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// Address of the API, such as localhost:8000, or a port alone; port 0 takes a free one.
    #[arg(long, env = "LISTEN", default_value = "0.0.0.0:8000", value_parser = listen_address, value_name = "HOST:PORT")]
    pub listen: SocketAddr,

    /// Address of what a gateway may pass on: the API under the service's prefix alone. Without it only the API's port,
    /// where the paths without prefix answer too, is open.
    #[arg(long, env = "PUBLIC_LISTEN", value_parser = listen_address, value_name = "HOST:PORT")]
    pub public_listen: Option<SocketAddr>,

    /// Address of /livez, /readyz and /metrics, which are not for the public.
    #[arg(long, env = "OPS_LISTEN", default_value = "0.0.0.0:9090", value_parser = listen_address, value_name = "HOST:PORT")]
    pub ops_listen: SocketAddr,

    /// The certificate by which the API is served.
    #[command(flatten)]
    pub tls: TlsArgs,

    /// Who may use the API. On loopback alone it is open; where others than this machine reach it, it has to be said.
    #[arg(long, env = "ACCESS", value_enum)]
    pub access: Option<Access>,

    /// The secret by which the services know each other, or file:/path to it: at least 32 letters and digits. Of several lines
    /// the first is sent and each is taken, so that it can be changed. Without it whoever reaches --listen may do everything.
    #[arg(long, env = "SERVICE_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub service_secret: Option<ServiceSecret>,

    /// A request that takes longer is answered with 503.
    #[arg(long, env = "REQUEST_TIMEOUT_MS", default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..=600_000), value_name = "MILLISECONDS")]
    pub request_timeout_ms: u64,

    /// Networks of proxies whose X-Forwarded-For is believed, separated by commas; from anybody else it is ignored.
    #[arg(long, env = "TRUSTED_PROXIES", value_delimiter = ',', value_name = "NETWORKS")]
    pub trusted_proxies: Vec<Network>,

    /// Names that requests may be for where the process listens on loopback, besides localhost and its addresses.
    #[arg(long, env = "ALLOWED_HOSTS", value_parser = allowed_host, value_delimiter = ',', value_name = "HOSTS")]
    pub allowed_hosts: Vec<String>,

    /// Origins of pages of other sites that may use the API, such as https://app.example.com, separated by commas. They get no
    /// cookies: such a page needs access tokens where access is not open.
    #[arg(long, env = "CORS_ORIGINS", value_delimiter = ',', value_name = "ORIGINS")]
    pub cors_origins: Vec<Origin>,

    /// Show everybody how the platform is doing: the page `/status`, and how much work waits.
    #[arg(long, env = "STATUS_PAGE")]
    pub status_page: bool,

    /// Of the requests that are neither slow nor fail, one in so many has a log line; 0 gives them none.
    #[arg(long, env = "LOG_ONE_IN", default_value_t = 1, value_name = "REQUESTS")]
    pub log_one_in: u64,

    /// A request that takes as long always has a log line.
    #[arg(long, env = "LOG_SLOW_MS", default_value_t = 1_000, value_name = "MILLISECONDS")]
    pub log_slow_ms: u64,

    /// Time between /readyz turning false and the API's port closing, for load balancers to notice.
    #[arg(long, env = "DRAIN_DELAY_MS", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=600_000), value_name = "MILLISECONDS")]
    pub drain_delay_ms: u64,

    /// Hard limit of a shutdown, counted from the end of the drain delay.
    #[arg(long, env = "SHUTDOWN_GRACE_SECONDS", default_value_t = 25, value_parser = clap::value_parser!(u64).range(0..=3_600), value_name = "SECONDS")]
    pub shutdown_grace_seconds: u64,

    /// How much is taken on at a time.
    #[command(flatten)]
    pub limits: LimitArgs,

    /// How often somebody may ask.
    #[command(flatten)]
    pub rates: RateArgs,

    /// How to run, what to log, and where traces go.
    #[command(flatten)]
    pub process: ProcessArgs,
}

impl AsRef<ProcessArgs> for ServeArgs {
    fn as_ref(&self) -> &ProcessArgs {
        &self.process
    }
}

impl AsRef<ProcessArgs> for ProcessArgs {
    fn as_ref(&self) -> &ProcessArgs {
        self
    }
}

impl ServeArgs {
    /// Who may use the API.
    ///
    /// # Errors
    /// When nothing says so although others than this machine reach it.
    pub fn access(&self) -> anyhow::Result<Access> {
        Access::of(self.access, &self.api_addresses())
    }

    /// Looks whether these settings say who may use the API, and keep the port for services from others.
    ///
    /// # Errors
    /// When nothing says so, or the setting would hold on no port.
    pub fn check_access(&self) -> anyhow::Result<()> {
        ensure!(
            !self.is_service_port_open()? || self.public_listen.is_some(),
            "whoever reaches {} may do everything, whatever ACCESS says: set --public-listen (or PUBLIC_LISTEN) for gateways, \
             and --service-secret (or SERVICE_SECRET) to keep this port to the other services",
            self.listen
        );
        Ok(())
    }

    /// Writes to the log when whoever reaches the port for services may do everything in spite of the setting of access.
    pub(crate) fn warn_if_service_port_is_open(&self) -> anyhow::Result<()> {
        if self.is_service_port_open()? {
            warn!(
                address = %self.listen,
                "whoever reaches this port may do everything: SERVICE_SECRET keeps it to the other services"
            );
        }
        Ok(())
    }

    fn is_service_port_open(&self) -> anyhow::Result<bool> {
        let is_on_loopback = self.listen.ip().to_canonical().is_loopback();
        Ok(self.access()? != Access::Open && self.service_secret.is_none() && !is_on_loopback)
    }

    /// Where the API is reached.
    pub(crate) fn api_addresses(&self) -> Vec<SocketAddr> {
        [self.listen].into_iter().chain(self.public_listen).collect()
    }

    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    pub fn drain_delay(&self) -> Duration {
        Duration::from_millis(self.drain_delay_ms)
    }

    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_seconds)
    }
}
