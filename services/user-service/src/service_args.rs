use calendar_fetch::EgressArgs;
use clap::Args;
use service_kit::Secret;
use wire::{BaseUrl, Email};

use crate::identity::ProviderList;

/// The settings that the service has in every form of the platform.
#[derive(Args, Clone, Debug)]
pub struct ServiceArgs {
    /// Most polls that one client may make in an hour; 0 sets no limit.
    #[arg(long, env = "POLLS_PER_HOUR", default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(0..=1_000_000), value_name = "POLLS")]
    pub polls_per_hour: u32,

    /// Days for which a poll is kept after its last date, or after its last change where it has none or that is later; it is then
    /// deleted, and can be restored for 7 days more. 0 keeps polls until they are deleted.
    #[arg(long, env = "POLL_RETENTION_DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=3_650), value_name = "DAYS")]
    pub poll_retention_days: u32,

    /// Days for which the audit trail keeps an entry; 0 keeps them all.
    #[arg(long, env = "AUDIT_RETENTION_DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(0..=3_650), value_name = "DAYS")]
    pub audit_retention_days: u32,

    /// Where people reach the page; links in mails and calendars begin with it.
    #[arg(long, env = "PUBLIC_URL", default_value = "http://localhost:8080", value_name = "URL")]
    pub public_url: BaseUrl,

    /// Addresses whose accounts are administrators', who may do everything for everybody, separated by commas.
    #[arg(long, env = "ADMINISTRATORS", value_delimiter = ',', value_name = "ADDRESSES")]
    pub administrators: Vec<Email>,

    /// The access token of an administrator without an account, who makes the first tokens of others, or file:/path to it: w2m_
    /// and at least 43 random letters and digits.
    #[arg(long, env = "ADMINISTRATOR_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub administrator_token: Option<Secret>,

    /// Providers of identities by which people sign in (OpenID Connect), as file:/path to a list in JSON.
    #[arg(long, env = "OIDC", value_name = "FILE")]
    pub oidc: Option<ProviderList>,

    /// From where calendars may be fetched.
    #[command(flatten)]
    pub egress: EgressArgs,
}
