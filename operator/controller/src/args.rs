use std::net::SocketAddr;

use clap::{Args as ClapArgs, Parser, Subcommand};
use service_kit::{ProcessArgs, listen_address};
use uuid::Uuid;

use crate::context::NAME;

/// The program's settings.
#[derive(Clone, Debug, Parser)]
#[command(name = NAME, version, about = "Keeps as many workers as a queue needs for no message to wait too long")]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    /// What `run` takes, when no command is named.
    #[command(flatten)]
    pub run: RunArgs,

    /// What to do; `run` if nothing is named.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Look after the QueueScalers of a cluster, as without a command.
    Run(RunArgs),
    /// Print the definition of QueueScaler as YAML, for kubectl apply -f -.
    Crd {
        /// Print the reference of its fields as Markdown instead.
        #[arg(long)]
        markdown: bool,
    },
}

/// The settings of `run`.
#[derive(Clone, Debug, ClapArgs)]
pub struct RunArgs {
    /// Namespace whose QueueScalers are looked after; may be given several times. Without it, the operator's own.
    #[arg(long = "namespace", env = "WATCH_NAMESPACES", value_delimiter = ',', value_parser = dns_name, value_name = "NAME")]
    pub namespaces: Vec<String>,

    /// Name of the Lease that the leading instance holds; it is in the operator's own namespace.
    #[arg(long, env = "LEASE_NAME", default_value = NAME, value_parser = dns_name, value_name = "NAME")]
    pub lease_name: String,

    /// Seconds after which a Lease that is not renewed is taken over.
    #[arg(long, env = "LEASE_SECONDS", default_value_t = 15, value_parser = clap::value_parser!(u32).range(5..=300), value_name = "SECONDS")]
    pub lease_seconds: u32,

    /// Name of this instance in the Lease and in Events, such as the pod's; without it, one that is made up.
    #[arg(long, env = "POD_NAME", value_name = "NAME")]
    pub identity: Option<String>,

    /// Address of /livez, /readyz and /metrics.
    #[arg(long, env = "OPS_LISTEN", default_value = "0.0.0.0:9090", value_parser = listen_address, value_name = "HOST:PORT")]
    pub ops_listen: SocketAddr,

    /// Longest time for the rounds under way to end when the program stops, before the Lease is given back.
    #[arg(long, env = "SHUTDOWN_GRACE_SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u32).range(0..=3_600), value_name = "SECONDS")]
    pub shutdown_grace_seconds: u32,

    /// How to run, what to log, and where traces go.
    #[command(flatten)]
    pub process: ProcessArgs,
}

impl Args {
    /// How to run and what to log; the commands that print write no log.
    pub fn process(&self) -> &ProcessArgs {
        match &self.command {
            Some(Command::Run(run)) => &run.process,
            _ => &self.run.process,
        }
    }
}

impl RunArgs {
    /// Who this instance is.
    pub fn identity(&self) -> String {
        self.identity.clone().unwrap_or_else(|| format!("{NAME}-{}", Uuid::new_v4()))
    }
}

/// A name as Kubernetes wants it: a DNS label.
fn dns_name(text: &str) -> Result<String, String> {
    let letters = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if (1..=63).contains(&text.len()) && letters && !text.starts_with('-') && !text.ends_with('-') {
        Ok(text.to_owned())
    } else {
        Err("a name has 1 to 63 of a-z, 0-9 and -, and neither begins nor ends with -".to_owned())
    }
}
