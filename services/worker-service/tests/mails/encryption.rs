//! Encryption and login, at mail servers of another make: `encryption.py`. `scripts/install-mail-tools.sh` installs what it needs.

use std::{path::Path, process::Stdio, time::Duration};

use serde_json::{Value, json};
use tempfile::TempDir;
use testkit::{Binary, ServiceProcess, ServiceSpec};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

use crate::{UserStub, now, support::soon};

/// Longest wait for a line of the log.
const LIMIT: Duration = Duration::from_secs(30);

struct Servers {
    folder: TempDir,
    ports: Value,
    events: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Servers {
    async fn start() -> Servers {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = here.join("../../.venv/mail/bin/python");
        assert!(python.exists(), "scripts/install-mail-tools.sh installs what is missing");
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(python);
        command.arg(here.join("tests/mails/encryption.py")).arg(folder.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut events = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = soon(events.next_line()).await.unwrap().expect("it ended at its start");
        let ports = serde_json::from_str::<Value>(&first).unwrap()["ports"].clone();
        Servers { folder, ports, events, _process: process }
    }

    async fn event(&mut self) -> Value {
        serde_json::from_str(&soon(self.events.next_line()).await.unwrap().unwrap()).unwrap()
    }

    /// A worker that sends one mail to a server, and trusts its authority or not.
    async fn worker(&self, scheme: &str, server: &str, trusts: bool) -> (ServiceProcess, UserStub, TempDir) {
        let (data, users) = (tempfile::tempdir().unwrap(), UserStub::with_mails(&["1"], &now()));
        let url = format!("{scheme}localhost:{}", self.ports[server]);
        let spec = ServiceSpec::new(Binary::WorkerService)
            .env("DATA_DIR", data.path().display())
            .env("USER_SERVICE_BASE", users.serve().await)
            .env("SMTP_URL", url)
            .env("RETRY_BASE_MS", 10);
        let ca = self.folder.path().join("ca.pem");
        let spec = if trusts { spec.env("SSL_CERT_FILE", ca.display()) } else { spec };
        (ServiceProcess::start(spec).await.unwrap(), users, data)
    }
}

#[tokio::test]
async fn mails_go_out_encrypted_and_logged_in_or_not_at_all() {
    let mut servers = Servers::start().await;
    for (scheme, server, starttls) in
        [("smtps://ada:s%3Acret@", "smtps", false), ("smtp://ada:s%3Acret@", "starttls", true)]
    {
        let _worker = servers.worker(scheme, server, true).await;
        assert_eq!(servers.event().await, json!({"server": server, "event": "login", "good": true}));
        assert_eq!(servers.event().await, json!({"server": server, "event": "MAIL"}));
        let taken = json!({"server": server, "event": "taken", "starttls": starttls, "login": true});
        assert_eq!(servers.event().await, taken);
    }
    // Whoever these servers do not suit tells them nothing: the next event is another case's.
    for (scheme, server, trusts, why) in [
        ("smtp://ada:s%3Acret@", "plain", true, "does not offer the encryption"),
        ("smtps://ada:s%3Acret@", "smtps", false, "could not be reached"),
        ("smtp://ada:s%3Acret@", "starttls", false, "could not be reached"),
    ] {
        let (worker, users, _data) = servers.worker(scheme, server, trusts).await;
        worker.wait_for_log(why, LIMIT).await.unwrap();
        assert!(users.outcomes().is_empty());
    }
    let (worker, users, _data) = servers.worker("smtp://ada:wrong@", "starttls", true).await;
    for _ in 0..2 {
        assert_eq!(servers.event().await, json!({"server": "starttls", "event": "login", "good": false}));
    }
    let refused = "the mail server answered 535";
    worker.wait_for_log(refused, LIMIT).await.unwrap();
    assert!(users.outcomes().is_empty(), "it is tried again");
}
