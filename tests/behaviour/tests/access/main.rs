//! Who may do what: the table of rules against the routes, and every operation asked by everybody, in both forms of the
//! platform.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

/// Runs each case in both forms.
macro_rules! in_each_form {
    [$($case:ident),* $(,)?] => {
        mod standalone {
            $(#[tokio::test]
            async fn $case() -> anyhow::Result<()> {
                super::$case(testkit::Form::Standalone).await
            })*
        }
        mod distributed {
            $(#[tokio::test]
            async fn $case() -> anyhow::Result<()> {
                super::$case(testkit::Form::Distributed).await
            })*
        }
    };
}

mod account_polls;
mod audit;
mod identity_providers;
mod operations;
mod ownership;
mod people;
mod poll_operations;
mod rate_limits;
mod service_secret;
mod sign_in;
mod table;

use std::path::Path;

use testkit::{DistributedOptions, Form, Platform, SERVICE_SECRET, StandaloneOptions};

/// The secret by which there is an administrator before there is any account.
const ADMINISTRATOR_TOKEN: &str = "w2m_0123456789abcdef0123456789abcdef0123456789abcdef";
/// An administrator by address.
const ROOT: &str = "root@example.com";

/// A platform to which `access` is a setting.
async fn platform(form: Form, access: &str) -> anyhow::Result<Platform> {
    platform_with(form, access, None, Vec::new()).await
}

/// The same, which writes its mails into this folder.
async fn platform_with_data(form: Form, access: &str, data: Option<&Path>) -> anyhow::Result<Platform> {
    platform_with(form, access, data, Vec::new()).await
}

/// The same, with more settings. Nobody is limited unless they say so.
async fn platform_with(
    form: Form,
    access: &str,
    data: Option<&Path>,
    more: Vec<(&str, String)>,
) -> anyhow::Result<Platform> {
    platform_on(form, None, access, data, more).await
}

/// The same, whose user-service has this database where it is one of many processes.
async fn platform_on(
    form: Form,
    pg_dsn: Option<String>,
    access: &str,
    data: Option<&Path>,
    more: Vec<(&str, String)>,
) -> anyhow::Result<Platform> {
    let env = [
        ("ACCESS", access),
        ("ADMINISTRATOR_TOKEN", ADMINISTRATOR_TOKEN),
        ("ADMINISTRATORS", ROOT),
        ("CLIENT_UNITS_PER_MINUTE", "0"),
        ("ACCOUNT_UNITS_PER_MINUTE", "0"),
        ("POLL_CHANGES_PER_MINUTE", "0"),
    ];
    let env = env.into_iter().map(|(name, value)| (name, value.to_owned())).chain(more);
    Ok(match form {
        Form::Standalone => {
            let env = env.map(|(name, value)| (name.to_owned(), value)).collect();
            let data_dir = data.map(Path::to_owned);
            Form::standalone(StandaloneOptions { env, data_dir, ..StandaloneOptions::default() })
                .await?
                .into()
        }
        Form::Distributed => {
            let options = DistributedOptions { pg_dsn, ..DistributedOptions::default() };
            let options = env.fold(options, |options, (name, value)| options.env_for_all(name, value));
            let data = data.map(|data| data.display().to_string());
            let options = options.env_for_all("SERVICE_SECRET", SERVICE_SECRET);
            let options =
                data.into_iter().fold(options, |options, data| options.env_for_all("DATA_DIR", data));
            Form::distributed(options).await?.into()
        }
    })
}
