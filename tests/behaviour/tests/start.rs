//! How the programs start: help explains each setting, and a wrong one ends the start with one clear line.

use std::process::{Command, Output};

use anyhow::Context;
use sqlx::{ConnectOptions, Executor, sqlite::SqliteConnectOptions};
use testkit::{Binary, ServiceProcess, ServiceSpec};

/// Each program that has an API, with some of what its help tells.
const PROGRAMS: [(Binary, &[&str]); 5] = [
    (Binary::UserService, &["PG_DSN", "REDIS_HOST", "REDIS_PORT", "TTL_SECONDS", "DATA_DIR", "migrate"]),
    (Binary::AvailabilityService, &["USER_SERVICE_BASE"]),
    (Binary::SuggestionService, &["AVAILABILITY_SERVICE_BASE"]),
    (
        Binary::WorkerService,
        &["PG_DSN", "RABBITMQ_URL", "QUEUE_NAME", "SUGGESTION_BASE", "--role", "--max-attempts"],
    ),
    (Binary::W2meet, &["DATA_DIR", "TTL_SECONDS"]),
];

/// Runs a program to its end, with this environment only.
fn run(program: Binary, args: &[&str], env: &[(&str, &str)]) -> anyhow::Result<Output> {
    let mut command = Command::new(program.path()?);
    command.args(args).env_clear().envs(env.iter().copied());
    Ok(command.output()?)
}

/// The same with an empty folder for its data, and a free port for its operations.
fn run_with_data(program: Binary, listen: &str, env: &[(&str, &str)]) -> anyhow::Result<Output> {
    let data = tempfile::tempdir()?;
    let folder = data.path().to_str().context("the folder's name is not UTF-8")?;
    let common = [("LISTEN", listen), ("OPS_LISTEN", "127.0.0.1:0"), ("DATA_DIR", folder)];
    run(program, &[], &[&common, env].concat())
}

#[test]
fn help_explains_each_setting_with_its_variable_and_default() -> anyhow::Result<()> {
    for (program, names) in PROGRAMS {
        let output = run(program, &["--help"], &[])?;
        assert!(output.status.success() && output.stderr.is_empty(), "{program:?}");
        let help = String::from_utf8(output.stdout)?;
        for setting in [
            "--listen",
            "--ops-listen",
            "--log-level",
            "--shutdown-grace-seconds",
            "OPS_LISTEN",
            "[default: ",
        ] {
            assert!(help.contains(setting), "{program:?} does not tell {setting}:\n{help}");
        }
        let listens =
            if program == Binary::W2meet { "[default: 127.0.0.1:8080]" } else { "[default: 0.0.0.0:8000]" };
        assert!(help.contains(listens), "{program:?} listens elsewhere:\n{help}");
        for name in names {
            assert!(help.contains(name), "{program:?} does not tell {name}:\n{help}");
        }
    }
    Ok(())
}

#[test]
fn a_wrong_setting_ends_the_start_with_one_line_that_names_it() -> anyhow::Result<()> {
    let own = [
        (Binary::UserService, "REDIS_PORT", "seventy"),
        (Binary::UserService, "TTL_SECONDS", "-1"),
        (Binary::UserService, "PG_DSN", "file:/does/not/exist"),
        (Binary::AvailabilityService, "USER_SERVICE_BASE", "not a url"),
        (Binary::SuggestionService, "AVAILABILITY_SERVICE_BASE", "://"),
        (Binary::WorkerService, "ROLE", "manager"),
        (Binary::WorkerService, "CONCURRENCY", "0"),
        (Binary::WorkerService, "MAX_ATTEMPTS", "many"),
    ];
    let common = [
        ("LISTEN", "everywhere"),
        ("OPS_LISTEN", "localhost"),
        ("LOG_LEVEL", "WARNING"),
        ("REQUEST_TIMEOUT_MS", "0"),
        ("LOG_FORMAT", "xml"),
        ("ACCESS", "everybody"),
    ];
    let everywhere =
        PROGRAMS.into_iter().flat_map(|(program, _)| common.map(|(name, value)| (program, name, value)));
    for (program, name, value) in everywhere.chain(own) {
        let output = run(program, &[], &[(name, value)])?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{program:?} {name}={value}: {said}");
        assert_eq!(said.lines().count(), 1, "{program:?} {name}={value}: {said}");
        let flag = format!("--{}", name.to_lowercase().replace('_', "-"));
        assert!(said.contains(&flag), "{program:?} {name}={value}: {said}");
    }
    Ok(())
}

#[test]
fn a_certificate_and_its_key_are_given_together_and_can_be_read() -> anyhow::Result<()> {
    for (program, _) in PROGRAMS {
        for (given, missing) in [("TLS_CERTIFICATE", "--tls-key"), ("TLS_KEY", "--tls-certificate")] {
            let output = run(program, &[], &[(given, "/a/file")])?;
            let said = String::from_utf8(output.stderr)?;
            assert_eq!(output.status.code(), Some(2), "{program:?}: {said}");
            assert!(said.contains(missing) && said.lines().count() == 1, "{program:?}: {said}");
        }
        let missing = [("TLS_CERTIFICATE", "/not/here"), ("TLS_KEY", "/nor/here")];
        let output = run_with_data(program, "127.0.0.1:0", &missing)?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(1), "{program:?}: {said}");
        assert!(said.contains("--tls-certificate /not/here"), "{program:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{program:?}: {said}");
    }
    for program in [Binary::AvailabilityService, Binary::SuggestionService, Binary::WorkerService] {
        let output = run_with_data(program, "127.0.0.1:0", &[("PEER_CA", "/not/here")])?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(1), "{program:?}: {said}");
        assert!(said.contains("--peer-ca /not/here") && said.lines().count() == 1, "{program:?}: {said}");
    }
    Ok(())
}

#[test]
fn a_secret_is_not_in_the_line_about_it() -> anyhow::Result<()> {
    for (program, name, value) in [
        (Binary::UserService, "PG_DSN", "no-dsn-but-s3cret"),
        (Binary::UserService, "PG_DSN", "mysql://me:s3cret@database/people"),
        (Binary::WorkerService, "PG_DSN", "postgres://me:s3cret@database:port/jobs"),
        (Binary::WorkerService, "RABBITMQ_URL", "http://me:s3cret@broker"),
        (Binary::UserService, "REDIS_URL", "redis+sentinel://me:s3cret@one,other"),
        (Binary::UserService, "REDIS_URL", "redis+cluster://me:s3cret@one,other/1"),
        (Binary::UserService, "REDIS_URL", "redis://me:s3cret@one,other"),
    ] {
        let output = run_with_data(program, "127.0.0.1:0", &[(name, value)])?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(1), "{program:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{program:?}: {said}");
        assert!(!said.contains("s3cret"), "{program:?}: {said}");
    }
    Ok(())
}

#[test]
fn a_port_that_is_taken_is_named_with_the_flag_that_changes_it() -> anyhow::Result<()> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    for (program, _) in PROGRAMS {
        let output = run_with_data(program, &address, &[])?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(1), "{program:?}: {said}");
        assert!(said.contains(&address) && said.contains("--listen"), "{program:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{program:?}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_open_to_other_machines_unless_that_is_said() -> anyhow::Result<()> {
    for (program, _) in PROGRAMS {
        for (listen, public) in [("0.0.0.0:0", "127.0.0.1:0"), ("127.0.0.1:0", "[::]:0")] {
            let output = run_with_data(program, listen, &[("PUBLIC_LISTEN", public)])?;
            let said = String::from_utf8(output.stderr)?;
            assert_eq!(output.status.code(), Some(1), "{program:?}: {said}");
            assert!(said.contains("--access open") && said.lines().count() == 1, "{program:?}: {said}");
        }
    }
    // What a gateway reaches has its own port; without one, and without a secret, the port between services is open to all.
    for (program, _) in PROGRAMS.into_iter().filter(|(program, _)| *program != Binary::W2meet) {
        let output = run_with_data(program, "0.0.0.0:0", &[("ACCESS", "members")])?;
        let said = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(1), "{program:?}: {said}");
        assert!(said.contains("--service-secret") && said.lines().count() == 1, "{program:?}: {said}");
    }
    // Nothing was opened, let alone brought up to date.
    for program in [Binary::UserService, Binary::WorkerService, Binary::W2meet] {
        let data = tempfile::tempdir()?;
        let folder = data.path().to_str().context("the folder's name is not UTF-8")?;
        let env = [("LISTEN", "0.0.0.0:0"), ("OPS_LISTEN", "127.0.0.1:0"), ("DATA_DIR", folder)];
        assert_eq!(run(program, &[], &env)?.status.code(), Some(1), "{program:?}");
        assert_eq!(data.path().read_dir()?.count(), 0, "{program:?}");
    }
    let open = ServiceSpec::new(Binary::AvailabilityService).env("LISTEN", "0.0.0.0:0").env("ACCESS", "open");
    let open = ServiceProcess::start_unready(open).await?;
    open.wait_for_log("everybody who reaches this service", std::time::Duration::from_secs(30)).await?;
    Ok(())
}

#[test]
fn an_empty_variable_counts_as_unset() -> anyhow::Result<()> {
    for (program, _) in PROGRAMS {
        let help = String::from_utf8(run(program, &["--help"], &[])?.stdout)?;
        let variables = help.split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
        let empty: Vec<(&str, &str)> = variables.map(|name| (name, "")).collect();
        assert!(empty.len() > 10, "{help}");
        // All of them are read before the one that is wrong is refused.
        let output = run(program, &["--shutdown-grace-seconds", "never"], &empty)?;
        let said = String::from_utf8(output.stderr)?;
        assert!(said.contains("--shutdown-grace-seconds"), "{program:?}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn names_and_bare_ports_can_be_listened_on() -> anyhow::Result<()> {
    for listen in ["localhost:0", ":0", "0"] {
        let spec = ServiceSpec::new(Binary::AvailabilityService).env("LISTEN", listen).env("ACCESS", "open");
        let service = ServiceProcess::start_unready(spec).await?;
        assert!(
            tokio::net::TcpStream::connect(("127.0.0.1", service.api().port())).await.is_ok(),
            "{listen}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_failure_that_ends_the_process_later_is_an_exit_code() -> anyhow::Result<()> {
    for program in [Binary::WorkerService, Binary::W2meet] {
        let data = tempfile::tempdir()?;
        let file =
            SqliteConnectOptions::new().filename(data.path().join("worker.db")).create_if_missing(true);
        // Somebody else's table, so that ours cannot be made.
        file.connect().await?.execute("CREATE TABLE jobs (id TEXT)").await?;
        let spec = ServiceSpec::new(program).env("DATA_DIR", data.path().display());
        let mut service = ServiceProcess::start_unready(spec).await?;
        service.wait_for_log("cannot go on", std::time::Duration::from_secs(30)).await?;
        assert_eq!(service.wait().await?.code(), Some(1), "{program:?}");
    }
    Ok(())
}
