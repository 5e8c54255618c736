//! What a cluster's node does with an archive: containerd takes it as `kind load image-archive` hands it over.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use behaviour::eventually;
use testkit::Supervised;

use crate::build::{archive, as_root, images};

const READY: Duration = Duration::from_secs(20);

struct Containerd {
    folder: tempfile::TempDir,
    _process: Supervised,
}

impl Containerd {
    async fn start() -> anyhow::Result<Containerd> {
        let folder = tempfile::tempdir()?;
        let at = folder.path().display();
        let config = format!(
            "version = 2\nroot = \"{at}/root\"\nstate = \"{at}/state\"\n\
             disabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n\
             [grpc]\naddress = \"{at}/socket\"\n[ttrpc]\naddress = \"{at}/ttrpc\"\n[debug]\naddress = \"{at}/debug\"\n"
        );
        fs::write(folder.path().join("config.toml"), config)?;
        let log = fs::File::create(folder.path().join("log"))?;
        let mut command = as_root("containerd");
        command.arg("--config").arg(folder.path().join("config.toml"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let process = Supervised::spawn("containerd", command)
            .context("containerd is needed; on Debian: apt-get install containerd")?;
        let containerd = Containerd { folder, _process: process };
        let answers = async || containerd.ctr(&["version"]).map(|_| ());
        eventually("containerd answers", READY, answers).await.with_context(|| containerd.log())?;
        Ok(containerd)
    }

    /// What `ctr` prints for these arguments, in the namespace where Kubernetes looks for images.
    fn ctr(&self, args: &[&str]) -> anyhow::Result<String> {
        let socket = self.folder.path().join("socket");
        let done = Command::new("ctr")
            .arg("--address")
            .arg(socket)
            .args(["--namespace", "k8s.io"])
            .args(args)
            .output()?;
        ensure!(done.status.success(), "ctr {args:?}: {}", String::from_utf8_lossy(&done.stderr));
        Ok(String::from_utf8(done.stdout)?)
    }

    fn import(&self, archive: &Path) -> anyhow::Result<String> {
        let archive = archive.to_str().context("the archive's name is not UTF-8")?;
        self.ctr(&["images", "import", "--all-platforms", "--digests", "--snapshotter", "native", archive])
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

#[tokio::test]
async fn a_node_takes_the_archives_under_the_names_that_manifests_use() {
    let containerd = Containerd::start().await.unwrap();
    for image in images() {
        containerd.import(&archive(&image).unwrap()).unwrap();
        let known = containerd.ctr(&["images", "list", "--quiet"]).unwrap();
        // What `image: w2meet/user-service:0.1.0` means to a kubelet.
        let name = format!("docker.io/w2meet/{image}:{}", env!("CARGO_PKG_VERSION"));
        assert!(known.lines().any(|line| line == name), "{name} is not among {known}");
    }
}
