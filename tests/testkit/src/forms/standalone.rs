use std::path::PathBuf;

use anyhow::Context;
use tempfile::TempDir;

use crate::ports::free_port;
use crate::process::remove_directory_at_exit;
use crate::service_process::{Binary, ServiceProcess, ServiceSpec};

/// What differs from an empty platform in one process.
#[derive(Clone, Debug, Default)]
pub struct StandaloneOptions {
    /// Where the embedded stores are; a temporary directory if `None`.
    pub data_dir: Option<PathBuf>,
    /// More environment, which wins over what would be there without it.
    pub env: Vec<(String, String)>,
    pub args: Vec<String>,
    /// Where it listens; any free port if `None`.
    pub port: Option<u16>,
}

pub struct Standalone {
    pub process: ServiceProcess,
    _temporary: Option<TempDir>,
}

impl Standalone {
    pub(super) async fn start(options: StandaloneOptions) -> anyhow::Result<Standalone> {
        let (data_dir, temporary) = match options.data_dir {
            Some(directory) => (directory, None),
            None => {
                let temporary = tempfile::Builder::new().prefix("w2meet-data-").tempdir()?;
                remove_directory_at_exit(temporary.path())?;
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let text = data_dir.to_str().context("the data directory's name is not UTF-8")?;
        let mut spec = ServiceSpec::new(Binary::W2meet).env("DATA_DIR", text);
        spec = spec.port(options.port.map_or_else(free_port, Ok)?);
        spec = spec.env("CALENDAR_NETWORKS", super::CALENDAR_NETWORKS);
        spec.ops_listen.set_port(free_port()?);
        spec.env.extend(options.env);
        spec.args.extend(options.args);
        let process = ServiceProcess::start(spec).await?;
        Ok(Standalone { process, _temporary: temporary })
    }

    /// The one public entry, `http://127.0.0.1:PORT`.
    pub fn gateway_url(&self) -> String {
        self.process.url()
    }

    pub async fn stop(&mut self) -> anyhow::Result<()> {
        self.process.stop().await?;
        Ok(())
    }
}
