//! How long each program takes to get ready, and how much memory it has then.

use std::time::{Duration, Instant};

use anyhow::ensure;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::time::sleep;

use crate::{measure::median, proc, stack::Stack};

const STARTS: usize = 5;
/// How long a program is left alone before its memory is looked at.
const SETTLE: Duration = Duration::from_secs(1);
/// Pause between two questions whether it is ready.
const LOOK: Duration = Duration::from_millis(1);
const DEADLINE: Duration = Duration::from_secs(10);

/// A program's medians.
pub(crate) struct Start {
    pub(crate) name: String,
    /// From the start of the process to the first 200 of `/readyz`.
    pub(crate) ready_ms: f64,
    /// Resident memory while nothing is asked of it.
    pub(crate) idle_mib: f64,
}

/// Starts every program on the stores of the stack, and the standalone one on a new directory each time.
pub(crate) async fn measure(stack: &Stack) -> anyhow::Result<Vec<Start>> {
    let database = stack.new_database().await?;
    // The tables are made once, by whoever comes first; a restart finds them there.
    ServiceProcess::start(stack.worker_service("all", &database, "starts")?).await?;
    let mut found = Vec::new();
    for spec in [
        stack.user_service(),
        stack.availability_service()?,
        stack.suggestion_service()?,
        stack.worker_service("api", &database, "starts")?.name("worker-service --role api"),
        stack.worker_service("consumer", &database, "starts")?.name("worker-service --role consumer"),
    ] {
        found.push(median_start(&spec, None).await?);
    }
    let standalone = ServiceSpec::new(Binary::W2meet).name("w2meet, new data directory");
    found.push(median_start(&standalone, Some("DATA_DIR")).await?);
    Ok(found)
}

/// `fresh` names the variable that gets the path of a new directory at each start.
async fn median_start(spec: &ServiceSpec, fresh: Option<&str>) -> anyhow::Result<Start> {
    let http = crate::http_client()?;
    let (mut times, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let directory = tempfile::tempdir()?;
        let mut spec = spec.clone();
        if let Some(variable) = fresh {
            spec = spec.env(variable, directory.path().display());
        }
        let started = Instant::now();
        let service = ServiceProcess::start_unready(spec).await?;
        let readyz = format!("http://{}/readyz", service.ops());
        while http.get(&readyz).send().await?.status() != 200 {
            ensure!(started.elapsed() < DEADLINE, "{} is not ready after {DEADLINE:?}", service.name());
            sleep(LOOK).await;
        }
        times.push(started.elapsed().as_secs_f64() * 1_000.0);
        sleep(SETTLE).await;
        memory.push(proc::resident_mib(service.pid())?);
    }
    Ok(Start { name: spec.name.clone(), ready_ms: median(times)?, idle_mib: median(memory)? })
}
