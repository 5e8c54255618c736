//! A database that refuses the service, or is not there when it starts.

use std::time::Duration;

use anyhow::{Context, ensure};
use behaviour::{Api, eventually};
use testkit::{Binary, ServiceProcess, ServiceSpec, TcpProxy, shared};

use super::SOON;

/// The services that keep something in PostgreSQL, with the prefix of their health.
const SERVICES: [Binary; 2] = [Binary::UserService, Binary::WorkerService];

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_pass_by_itself_ends_the_process_with_its_cause() -> anyhow::Result<()> {
    let dsn = shared::postgres_database().await?;
    let (server, _) = dsn.rsplit_once('/').context("no database in the DSN")?;
    let (head, host) = dsn.split_once('@').context("no user in the DSN")?;
    let user = head.rsplit_once(':').map_or(head, |(scheme, _)| scheme);
    let scheme = user.split("://").next().unwrap_or_default();
    for program in SERVICES {
        for (dsn, says) in [
            (format!("{server}/there_is_no_such_database"), "there_is_no_such_database"),
            (format!("{scheme}://nobody_has_this_name@{host}"), "nobody_has_this_name"),
        ] {
            for args in [&[][..], &["migrate"]] {
                let mut spec = ServiceSpec::new(program).env("PG_DSN", &dsn);
                spec.args = args.iter().map(|arg| (*arg).to_owned()).collect();
                if args.is_empty() {
                    let mut process = ServiceProcess::start_unready(spec).await?;
                    let status = tokio::time::timeout(SOON, process.wait()).await??;
                    ensure!(!status.success(), "{program:?} {says}: {status}");
                    let log = process.logs().join("\n");
                    ensure!(log.contains(says), "{program:?}: {log}");
                } else {
                    let Err(error) = ServiceProcess::start_unready(spec).await else {
                        anyhow::bail!("{program:?} migrates where it is refused")
                    };
                    let error = format!("{error:#}");
                    ensure!(error.contains(says), "{program:?}: {error}");
                }
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_port_is_one_warning_with_its_cause_and_stands_in_health() -> anyhow::Result<()> {
    let (proxy, dsn) = TcpProxy::before(&shared::postgres_database().await?).await?;
    proxy.cut().await;
    for program in SERVICES {
        let spec = ServiceSpec::new(program).env("PG_DSN", &dsn);
        let process = ServiceProcess::start_unready(spec).await?;
        let api = Api::new(process.url())?;
        for _ in 0..5 {
            let health = api.get("/health").await?.is(503).json();
            let error = &health["dependencies"]["postgresql"]["error"];
            assert_eq!(error, "the database cannot be reached: connection refused", "{health}");
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        let is_warning = |line: &&String| line.contains("WARN") && line.contains("cannot be reached");
        let warnings: Vec<String> = process.logs().iter().filter(is_warning).cloned().collect();
        ensure!(warnings.len() == 1 && warnings[0].contains("Connection refused"), "{warnings:#?}");

        proxy.heal().await?;
        eventually("it is ready", SOON, async || process.ready().await).await?;
        process.wait_for_log("answers again", SOON).await?;
        proxy.cut().await;
    }
    Ok(())
}
