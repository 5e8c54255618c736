use clap::Args;

use crate::Access;

/// Units a minute where access is not open and nothing else is said: a page needs some ten to be shown, a script that goes on
/// asking has a hundred a second.
const REQUESTS: u32 = 6_000;
/// Changes of one poll a minute: more than a thousand people who answer within a quarter of an hour.
const CHANGES: u32 = 600;

/// How often somebody may ask. By default nobody is limited where access is open.
#[derive(Args, Clone, Debug, Default)]
pub struct RateArgs {
    /// Units that requests of one client's address may cost in a minute; 0 sets no limit. Reading costs 1, a change 5, and
    /// what takes long 10. Without it 6000, and no limit where access is open.
    #[arg(long, env = "CLIENT_UNITS_PER_MINUTE", value_parser = clap::value_parser!(u32).range(0..=10_000_000), value_name = "UNITS")]
    pub client_units_per_minute: Option<u32>,

    /// The same for one account, from wherever it is used.
    #[arg(long, env = "ACCOUNT_UNITS_PER_MINUTE", value_parser = clap::value_parser!(u32).range(0..=10_000_000), value_name = "UNITS")]
    pub account_units_per_minute: Option<u32>,

    /// Changes of one poll in a minute, by whomever; 0 sets no limit. Without it 600, and no limit where access is open.
    #[arg(long, env = "POLL_CHANGES_PER_MINUTE", value_parser = clap::value_parser!(u32).range(0..=10_000_000), value_name = "CHANGES")]
    pub poll_changes_per_minute: Option<u32>,
}

impl RateArgs {
    pub(super) fn of_client(&self, access: Access) -> u32 {
        self.client_units_per_minute.unwrap_or(unless_open(access, REQUESTS))
    }

    pub(super) fn of_account(&self, access: Access) -> u32 {
        self.account_units_per_minute.unwrap_or(unless_open(access, REQUESTS))
    }

    pub(super) fn of_poll(&self, access: Access) -> u32 {
        self.poll_changes_per_minute.unwrap_or(unless_open(access, CHANGES))
    }
}

fn unless_open(access: Access, limit: u32) -> u32 {
    if access == Access::Open { 0 } else { limit }
}
