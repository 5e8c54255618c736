//! The web page in a real browser, behind the one process and behind nginx. `scripts/install-page-tools.sh` installs what
//! this needs; the tests themselves are in `tests/page`.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use behaviour::{Form, run};
use testkit::StandaloneOptions;
use tokio::{process::Command, time::timeout};

/// Longest time for all tests in one form; the usual is a fifth of it.
const LIMIT: Duration = Duration::from_secs(900);

/// Runs tests of `tests/page`, those that `chosen` names, against the platform.
async fn tests_of_the_page(gateway: &str, chosen: &[&str]) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let pytest = root.join(".venv/page/bin/pytest");
    ensure!(pytest.exists(), "scripts/install-page-tools.sh installs what is missing");
    let mut command = Command::new(pytest);
    command.args(chosen).args(["--base-url", gateway]).current_dir(root.join("tests/page"));
    command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.context("the tests take too long")??;
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    ensure!(output.status.success(), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_page_of_the_one_process_does_what_its_tests_say() -> anyhow::Result<()> {
    let args = vec!["--status-page".to_owned()];
    let platform = Form::standalone(StandaloneOptions { args, ..StandaloneOptions::default() }).await?;
    tests_of_the_page(&platform.gateway_url(), &[]).await
}

#[tokio::test]
async fn people_sign_in_where_access_is_for_members() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let env = vec![("ACCESS".to_owned(), "members".to_owned())];
    let data_dir = Some(data.path().to_owned());
    let platform =
        Form::standalone(StandaloneOptions { env, data_dir, ..StandaloneOptions::default() }).await?;
    let mails = data.path().join("mail").display().to_string();
    tests_of_the_page(&platform.gateway_url(), &["members", "--mails", &mails]).await
}

#[test]
fn people_of_two_zones_meet_through_nginx() -> anyhow::Result<()> {
    run(Form::Distributed, async |stage| tests_of_the_page(stage.api.base(), &["test_together.py"]).await)
}
