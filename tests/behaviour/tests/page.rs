//! The web page in a real browser, behind the one process and behind nginx. `scripts/install-page-tools.sh` and
//! `scripts/install-oidc-tools.sh` install what this needs; the tests themselves are in `tests/page`.

use std::{fs, path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use behaviour::{Form, run};
use serde_json::json;
use testkit::{DistributedOptions, Platform, SERVICE_SECRET, StandaloneOptions, free_port};
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

/// A platform for members that knows a provider of identities, which the tests start at `provider`, stop and start again. The
/// one process has its data in this folder.
async fn for_members(form: Form, data: &Path, provider: &str) -> anyhow::Result<Platform> {
    let port = free_port()?;
    let settings = json!([{"name": "company", "label": "Company", "issuer": provider, "client_id": "w2meet",
        "client_secret": "a-secret-of-the-test", "scopes": ["openid", "email", "groups"], "administrator_groups": ["admins"]}]);
    let file = data.join("providers.json");
    fs::write(&file, settings.to_string())?;
    let env = [
        ("ACCESS", "members".to_owned()),
        ("PUBLIC_URL", format!("http://127.0.0.1:{port}")),
        ("OIDC", format!("file:{}", file.display())),
    ];
    Ok(match form {
        Form::Standalone => {
            let options = StandaloneOptions {
                env: env.map(|(name, value)| (name.to_owned(), value)).into(),
                data_dir: Some(data.to_owned()),
                port: Some(port),
                ..StandaloneOptions::default()
            };
            Form::standalone(options).await?.into()
        }
        Form::Distributed => {
            let options = DistributedOptions { gateway_port: Some(port), ..DistributedOptions::default() };
            let options = options.env_for_all("SERVICE_SECRET", SERVICE_SECRET);
            let options =
                env.into_iter().fold(options, |options, (name, value)| options.env_for_all(name, value));
            Form::distributed(options).await?.into()
        }
    })
}

#[tokio::test]
async fn people_sign_in_where_access_is_for_members() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let provider = format!("http://localhost:{}", free_port()?);
    let platform = for_members(Form::Standalone, data.path(), &provider).await?;
    let mails = data.path().join("mail").display().to_string();
    // One worker starts and stops the provider.
    let arguments = ["members", "--dist", "loadfile", "--mails", &mails, "--provider", &provider];
    tests_of_the_page(&platform.gateway_url(), &arguments).await
}

#[tokio::test]
async fn people_sign_in_by_a_provider_through_nginx() -> anyhow::Result<()> {
    let data = tempfile::tempdir()?;
    let provider = format!("http://localhost:{}", free_port()?);
    let platform = for_members(Form::Distributed, data.path(), &provider).await?;
    let arguments = ["members/test_providers.py", "--dist", "loadfile", "--provider", &provider];
    tests_of_the_page(&platform.gateway_url(), &arguments).await
}

#[test]
fn people_of_two_zones_meet_through_nginx() -> anyhow::Result<()> {
    run(Form::Distributed, async |stage| tests_of_the_page(stage.api.base(), &["test_together.py"]).await)
}
