//! Programs that run with nothing but their image, as its user, in containers that buildah makes without a daemon. Their
//! network is this machine's.

use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use axum::{Router, routing::get};
use behaviour::{Api, eventually, people};
use serde_json::json;
use tempfile::TempDir;
use testkit::{Supervised, free_port};
use tokio::net::TcpListener;

use crate::build::{archive, images};

const READY: Duration = Duration::from_secs(20);

/// A container, which is gone when this is dropped.
struct Container {
    name: String,
    storage: TempDir,
    program: String,
}

impl Container {
    /// A container of the image. It knows the host `name.test` as this machine.
    fn of(image: &str) -> anyhow::Result<Container> {
        let storage = tempfile::tempdir()?;
        let mut from = buildah(&storage);
        from.args(["from", "--quiet", "--isolation", "chroot", "--add-host", "name.test:127.0.0.1"]);
        let made = from.arg(format!("oci-archive:{}", archive(image)?.display())).output()?;
        ensure!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let name = String::from_utf8(made.stdout)?.trim().to_owned();
        Ok(Container { name, storage, program: format!("/{image}") })
    }

    /// Its program with these arguments and variables.
    fn command(&self, args: &[&str], env: &[(&str, &str)]) -> Command {
        let mut run = buildah(&self.storage);
        run.args(["run", "--isolation", "chroot"]);
        for (name, value) in env {
            run.arg("--env").arg(format!("{name}={value}"));
        }
        run.arg(&self.name).arg("--").arg(&self.program).args(args).stdin(Stdio::null());
        run
    }

    fn start(&self, port: u16, env: &[(&str, &str)]) -> anyhow::Result<Supervised> {
        let listen = format!("127.0.0.1:{port}");
        let env = [&[("LISTEN", listen.as_str()), ("OPS_LISTEN", "127.0.0.1:0")], env].concat();
        Supervised::spawn(&self.program, self.command(&[], &env))
    }
}

fn buildah(storage: &TempDir) -> Command {
    let mut command = Command::new("buildah");
    command.arg("--root").arg(storage.path().join("images")).arg("--runroot").arg(storage.path().join("run"));
    command.args(["--storage-driver", "vfs"]);
    command
}

#[test]
fn every_program_starts_in_its_image() {
    for name in images() {
        let done = Container::of(&name).unwrap().command(&["--version"], &[]).output().unwrap();
        let text = String::from_utf8_lossy(&done.stdout);
        assert_eq!(text.trim(), format!("{name} {}", env!("CARGO_PKG_VERSION")), "{done:?}");
    }
}

/// The client for HTTP reads the roots of TLS when it is made, so a service that starts has found them.
#[tokio::test]
async fn a_service_finds_another_by_its_name() {
    let peer = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://name.test:{}", peer.local_addr().unwrap().port());
    let healthy = Router::new().fallback(get(async || "{}"));
    let _peer = tokio::spawn(async { axum::serve(peer, healthy).await });

    let container = Container::of("availability-service").unwrap();
    let port = free_port().unwrap();
    let _service = container.start(port, &[("USER_SERVICE_BASE", &address)]).unwrap();
    let api = Api::new(format!("http://127.0.0.1:{port}")).unwrap();
    let health = eventually("user-service is found", READY, async || {
        Ok(api.get("/health").await?.ensure_status(200)?.json())
    });
    assert_eq!(health.await.unwrap()["dependencies"]["user-service"]["status"], "healthy");
}

#[tokio::test]
async fn the_whole_platform_runs_in_one_container_and_stores_people() {
    let container = Container::of("w2meet").unwrap();
    let port = free_port().unwrap();
    let _platform = container.start(port, &[]).unwrap();
    let api = Api::new(format!("http://127.0.0.1:{port}")).unwrap();
    let create = async || people::create(&api, json!({"monday": [9]}), "first").await.context("not yet");
    let email = eventually("the platform answers", READY, create).await.unwrap();
    api.get(&people::cached_path(&email)).await.unwrap().is(200);
}
