//! The descriptions of the services against the services: what they say is true, and enough for programs that know
//! nothing else. `scripts/install-api-tools.sh` installs what this needs.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context, ensure};
use behaviour::{Form, SERVICES, Stage, run};
use serde_json::Value;
use tokio::{process::Command, time::timeout};

/// Longest time for one program; the usual is a fifth of it.
const LIMIT: Duration = Duration::from_secs(300);
/// Requests that Schemathesis makes up for each operation and kind of data.
const EXAMPLES: &str = "15";

/// The output of a program of the tools, which has to succeed.
async fn tool(name: &str, arguments: &[&str], folder: &Path) -> anyhow::Result<String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/api/bin");
    ensure!(tools.exists(), "scripts/install-api-tools.sh installs what is missing");
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([tools.clone()].into_iter().chain(std::env::split_paths(&inherited)))?;
    let mut command = Command::new(tools.join(name));
    command.args(arguments).current_dir(folder).env("PATH", path).stdin(Stdio::null()).kill_on_drop(true);
    let output =
        timeout(LIMIT, command.output()).await.with_context(|| format!("{name} takes too long"))??;
    let said =
        [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    ensure!(output.status.success(), "{name} {arguments:?}: {said}");
    Ok(said)
}

async fn description(stage: &Stage, prefix: &str) -> anyhow::Result<Value> {
    Ok(stage.api.get(&format!("{prefix}/openapi.json")).await?.is(200).json())
}

#[test]
fn every_reply_is_described_whole_and_without_the_names_of_our_types() -> anyhow::Result<()> {
    run(Form::Standalone, async |stage| {
        for service in SERVICES {
            let api = description(stage, service.prefix).await?;
            let text = api.to_string();
            assert!(!text.contains("::") && !text.contains("[`"), "{}", service.name);
            assert_eq!(api["servers"][0]["url"], service.prefix);
            for (path, item) in api["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    for (status, reply) in operation["responses"].as_object().unwrap() {
                        let place = format!("{} {method} {path} {status}", service.name);
                        let kinds = reply["content"].as_object().into_iter().flatten();
                        let has_body = kinds.map(|(_, kind)| &kind["schema"]).any(Value::is_object);
                        assert_eq!(has_body, !matches!(status.as_str(), "204" | "303" | "304"), "{place}");
                        assert!(reply["headers"]["Case-ID"].is_object(), "{place}");
                    }
                }
            }
        }
        Ok(())
    })
}

#[test]
fn the_page_shows_the_paths_that_work_behind_the_gateway() -> anyhow::Result<()> {
    run(Form::Standalone, async |stage| {
        for service in SERVICES {
            let page = stage.api.get(&format!("{}/docs", service.prefix)).await?.is(200).text();
            let api = description(stage, service.prefix).await?;
            for path in api["paths"].as_object().unwrap().keys() {
                assert!(
                    page.contains(&format!("</b>{}{path}</h2>", service.prefix)),
                    "{}{path}",
                    service.prefix
                );
            }
        }
        Ok(())
    })
}

#[test]
fn schemathesis_finds_nothing() -> anyhow::Result<()> {
    run(Form::Standalone, async |stage| {
        let config = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi/schemathesis.toml");
        let folder = tempfile::tempdir()?;
        for service in SERVICES {
            let url = format!("{}{}/openapi.json", stage.api.base(), service.prefix);
            let arguments = ["--config-file", config, "run", &url, "--checks", "all", "--seed", "7"];
            let more = ["--max-examples", EXAMPLES, "--suppress-health-check", "all", "--no-color"];
            tool("st", &[&arguments[..], &more].concat(), folder.path()).await?;
        }
        Ok(())
    })
}

#[test]
fn generated_clients_do_what_the_platform_is_for() -> anyhow::Result<()> {
    run(Form::Standalone, async |stage| {
        let folder = tempfile::tempdir()?;
        for service in SERVICES {
            let name = service.prefix.trim_start_matches('/');
            let file = format!("{name}.json");
            let api = description(stage, service.prefix).await?;
            std::fs::write(folder.path().join(&file), api.to_string())?;
            let config = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi/clients.yaml");
            let output = ["--output-path", name, "--meta", "none", "--config", config];
            let arguments = [&["generate", "--path", &file][..], &output].concat();
            let said = tool("openapi-python-client", &arguments, folder.path()).await?;
            ensure!(!said.to_lowercase().contains("warning"), "{name}: {said}");
        }
        let script = folder.path().join("happy_path.py");
        std::fs::write(&script, include_str!("happy_path.py"))?;
        let script = script.to_str().context("the folder's name is no text")?;
        tool("python3", &[script, stage.api.base()], folder.path()).await?;
        Ok(())
    })
}
