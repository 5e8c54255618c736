//! Who may do what: the table of rules against the routes, and every operation asked by everybody, in both forms of the
//! platform.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod operations;
mod ownership;
mod people;
mod table;

use testkit::{DistributedOptions, Form, Platform, StandaloneOptions};

/// The secret by which there is an administrator before there is any account.
const ADMINISTRATOR_TOKEN: &str = "w2m_0123456789abcdef0123456789abcdef0123456789abcdef";
/// An administrator by address.
const ROOT: &str = "root@example.com";

/// A platform to which `access` is a setting.
async fn platform(form: Form, access: &str) -> anyhow::Result<Platform> {
    let env = [("ACCESS", access), ("ADMINISTRATOR_TOKEN", ADMINISTRATOR_TOKEN), ("ADMINISTRATORS", ROOT)];
    Ok(match form {
        Form::Standalone => {
            let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            Form::standalone(StandaloneOptions { env, ..StandaloneOptions::default() }).await?.into()
        }
        Form::Distributed => {
            let options = env.into_iter().fold(DistributedOptions::default(), |options, (name, value)| {
                options.env_for_all(name, value)
            });
            Form::distributed(options).await?.into()
        }
    })
}
