use std::sync::{LazyLock, OnceLock};

use anyhow::{Context, anyhow};
use testkit::{Form, Platform, ServiceProcess};
use tokio::runtime::Runtime;

use crate::Api;

/// The runtime of all cases: pooled connections are of use only on the runtime where they were opened.
static RUNTIME: LazyLock<std::io::Result<Runtime>> = LazyLock::new(Runtime::new);
static STANDALONE: OnceLock<Result<Stage, String>> = OnceLock::new();
static DISTRIBUTED: OnceLock<Result<Stage, String>> = OnceLock::new();

/// The variable with the public entry of a platform that somebody else runs, such as `http://localhost:8080`.
pub const URL_VARIABLE: &str = "W2MEET_URL";

/// A running platform that all cases of a test program share. Each case has people and jobs of its own there.
pub struct Stage {
    pub api: Api,
    /// What runs behind it, unless somebody else runs it.
    pub platform: Option<Platform>,
}

/// One of the four services as the gateway shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceFacts {
    pub name: &'static str,
    pub prefix: &'static str,
    /// One of its own paths, and what it is called with.
    pub path: &'static str,
    /// A method that this path does not have.
    pub wrong_method: &'static str,
    /// The status for input that is not valid.
    pub invalid: u16,
    /// What its health depends on.
    pub dependencies: &'static [&'static str],
}

pub const SERVICES: [ServiceFacts; 4] = [
    ServiceFacts {
        name: "user-service",
        prefix: "/users",
        path: "/users",
        wrong_method: "PATCH",
        invalid: 400,
        dependencies: &["postgresql", "redis"],
    },
    ServiceFacts {
        name: "availability-service",
        prefix: "/availability",
        path: "/availabilities",
        wrong_method: "PATCH",
        invalid: 400,
        dependencies: &["user-service"],
    },
    ServiceFacts {
        name: "suggestion-service",
        prefix: "/suggestion",
        path: "/suggestions",
        wrong_method: "DELETE",
        invalid: 400,
        dependencies: &["availability-service"],
    },
    ServiceFacts {
        name: "worker-service",
        prefix: "/worker",
        path: "/tasks",
        wrong_method: "PUT",
        invalid: 422,
        dependencies: &["postgresql", "rabbitmq"],
    },
];

impl Stage {
    async fn set(form: Form) -> anyhow::Result<Stage> {
        let platform = form.start().await?;
        Ok(Stage { api: Api::new(platform.gateway_url())?, platform: Some(platform) })
    }

    /// The platform that somebody else runs.
    pub fn elsewhere() -> anyhow::Result<Stage> {
        let url = std::env::var_os(URL_VARIABLE)
            .and_then(|url| url.into_string().ok())
            .with_context(|| format!("{URL_VARIABLE} has to be the URL of a platform's gateway"))?;
        Ok(Stage { api: Api::new(url.trim_end_matches('/'))?, platform: None })
    }

    /// Each process behind the gateway, as far as they are ours.
    pub fn processes(&self) -> Vec<Process> {
        let process = |services: Vec<ServiceFacts>, process: &ServiceProcess| Process {
            name: process.name().to_owned(),
            services,
            api: self.api.at(process.url()),
            ops: self.api.at(format!("http://{}", process.ops())),
        };
        match &self.platform {
            None => Vec::new(),
            Some(Platform::Standalone(platform)) => vec![process(SERVICES.to_vec(), &platform.process)],
            Some(Platform::Distributed(platform)) => {
                let facts =
                    |name: &str| SERVICES.into_iter().filter(|facts| name.starts_with(facts.name)).collect();
                platform.services().into_iter().map(|one| process(facts(one.name()), one)).collect()
            }
        }
    }
}

/// A process behind the gateway.
#[derive(Clone, Debug)]
pub struct Process {
    /// What it is called, such as `user-service-1`.
    pub name: String,
    pub services: Vec<ServiceFacts>,
    pub api: Api,
    /// Its port for probes and metrics.
    pub ops: Api,
}

/// Runs a case on the platform of this form, which is started when its first case comes and ends with the program. No
/// service may have written an address or a secret to its log by then.
pub fn run(form: Form, case: impl AsyncFnOnce(&Stage) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let runtime = RUNTIME.as_ref().map_err(|error| anyhow!("no runtime: {error}"))?;
    let stage = match form {
        Form::Standalone => &STANDALONE,
        Form::Distributed => &DISTRIBUTED,
    };
    let set = || runtime.block_on(Stage::set(form)).map_err(|error| format!("{error:#}"));
    let stage = stage.get_or_init(set).as_ref();
    let stage = stage.map_err(|error| anyhow!("the {form:?} platform did not start: {error}"))?;
    runtime.block_on(case(stage))?;
    let mut services = stage.platform.iter().flat_map(Platform::services);
    services.try_for_each(ServiceProcess::tells_no_secret)
}

/// Runs a case on the platform that somebody else runs.
pub fn run_elsewhere(case: impl AsyncFnOnce(&Stage) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let runtime = RUNTIME.as_ref().map_err(|error| anyhow!("no runtime: {error}"))?;
    let stage = Stage::elsewhere()?;
    runtime.block_on(case(&stage))
}

/// Makes a test for each of these cases (`async fn(&Stage) -> anyhow::Result<()>`) in each form of the platform, and
/// with the feature `cluster` also on the platform that somebody else runs.
#[macro_export]
macro_rules! in_every_form {
    [$($case:ident),* $(,)?] => {
        $crate::in_both_forms![$($case),*];
        #[cfg(feature = "cluster")]
        mod cluster {
            $(#[test]
            fn $case() -> anyhow::Result<()> {
                $crate::run_elsewhere(super::$case)
            })*
        }
    };
}

/// The same for cases that look at processes and logs, and so only where these are ours.
#[macro_export]
macro_rules! in_both_forms {
    [$($case:ident),* $(,)?] => {
        mod standalone {
            $(#[test]
            fn $case() -> anyhow::Result<()> {
                $crate::run($crate::Form::Standalone, super::$case)
            })*
        }
        mod distributed {
            $(#[test]
            fn $case() -> anyhow::Result<()> {
                $crate::run($crate::Form::Distributed, super::$case)
            })*
        }
    };
}
