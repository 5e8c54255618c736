use std::fs::OpenOptions;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;

use super::binary::Binary;
use crate::log_buffer::LogBuffer;
use crate::process::{Supervised, clean_command};

#[derive(Clone, Debug)]
#[must_use]
pub struct ServiceSpec {
    /// What it is called in errors.
    pub name: String,
    pub binary: Binary,
    /// The directory of the program, if it is not where [`Binary::path`] looks.
    pub bin_dir: Option<PathBuf>,
    pub args: Vec<String>,
    /// Its environment; a later pair wins over an earlier one. Nothing is inherited but what any program needs.
    pub env: Vec<(String, String)>,
    /// Where its API listens; port 0 (the default) is any free one.
    pub listen: SocketAddr,
    /// Where it listens for gateways, if at all.
    pub public_listen: Option<SocketAddr>,
    /// Where its operations port listens; port 0 (the default) is any free one.
    pub ops_listen: SocketAddr,
    /// A file to which its log is appended; the latest lines are in memory anyway.
    pub log_file: Option<PathBuf>,
    /// Whether people use it. Otherwise it is a fault, by which the test panics at its end, if its log tells an address or a
    /// secret.
    pub used_by_people: bool,
    /// How many files it may open, if not as many as this process.
    pub open_files: Option<u32>,
    /// How long it may take to listen, and then to get ready.
    pub deadline: Duration,
}

/// A process and its log. They are dropped in this order, since the log ends with the process.
pub(super) struct Spawned {
    pub(super) process: Supervised,
    pub(super) log: LogBuffer,
}

impl ServiceSpec {
    /// A service with nothing but defaults.
    pub fn new(binary: Binary) -> ServiceSpec {
        let any_port = (Ipv4Addr::LOCALHOST, 0).into();
        ServiceSpec {
            name: binary.name().to_owned(),
            binary,
            bin_dir: None,
            args: Vec::new(),
            env: Vec::new(),
            listen: any_port,
            public_listen: None,
            ops_listen: any_port,
            log_file: None,
            used_by_people: false,
            open_files: None,
            deadline: Duration::from_secs(30),
        }
    }

    pub fn user_service(pg_dsn: &str, redis: SocketAddr) -> ServiceSpec {
        ServiceSpec::new(Binary::UserService)
            .env("PG_DSN", pg_dsn)
            .env("REDIS_HOST", redis.ip())
            .env("REDIS_PORT", redis.port())
    }

    /// One that asks the user-service at the URL `users`.
    pub fn availability_service(users: &str) -> ServiceSpec {
        ServiceSpec::new(Binary::AvailabilityService).env("USER_SERVICE_BASE", users)
    }

    /// One that asks the availability-service at the URL `availability`.
    pub fn suggestion_service(availability: &str) -> ServiceSpec {
        ServiceSpec::new(Binary::SuggestionService).env("AVAILABILITY_SERVICE_BASE", availability)
    }

    /// One in this role (`api`, `consumer` or `all`) that asks the suggestion-service at the URL `suggestion`.
    pub fn worker_service(
        role: &str,
        pg_dsn: &str,
        amqp_url: &str,
        queue: &str,
        suggestion: &str,
    ) -> ServiceSpec {
        ServiceSpec::new(Binary::WorkerService)
            .name(format!("worker-service-{role}"))
            .arg("--role")
            .arg(role)
            .env("PG_DSN", pg_dsn)
            .env("RABBITMQ_URL", amqp_url)
            .env("QUEUE_NAME", queue)
            .env("SUGGESTION_BASE", suggestion)
    }

    pub fn name(mut self, name: impl Into<String>) -> ServiceSpec {
        self.name = name.into();
        self
    }

    pub fn arg(mut self, arg: impl Into<String>) -> ServiceSpec {
        self.args.push(arg.into());
        self
    }

    pub fn env(mut self, name: impl Into<String>, value: impl ToString) -> ServiceSpec {
        self.env.push((name.into(), value.to_string()));
        self
    }

    pub fn port(mut self, port: u16) -> ServiceSpec {
        self.listen.set_port(port);
        self
    }

    pub(super) fn spawn(&self) -> anyhow::Result<Spawned> {
        let program = self.binary.path_in(self.bin_dir.as_deref())?;
        let mut command = match self.open_files {
            None => clean_command(program),
            Some(files) => {
                let mut command = clean_command("prlimit");
                command.arg(format!("--nofile={files}")).arg(program);
                command
            }
        };
        command.args(&self.args).env("LOG_FORMAT", "json");
        command.env("LISTEN", self.listen.to_string()).env("OPS_LISTEN", self.ops_listen.to_string());
        command.envs(self.public_listen.map(|address| ("PUBLIC_LISTEN", address.to_string())));
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        let file = match &self.log_file {
            Some(path) => {
                let opened = OpenOptions::new().create(true).append(true).open(path);
                Some(opened.with_context(|| format!("cannot write {}", path.display()))?)
            }
            None => None,
        };
        let (reader, writer) = std::io::pipe()?;
        command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
        let process = Supervised::spawn(&self.name, command)?;
        let log = LogBuffer::read(&self.name, reader, file, !self.used_by_people);
        Ok(Spawned { process, log })
    }
}
