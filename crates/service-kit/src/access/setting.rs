use std::net::SocketAddr;

use anyhow::bail;
use clap::ValueEnum;
use tracing::{info, warn};

/// Who may use the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Access {
    /// Everybody who reaches it may read and change everything.
    Open,
    /// People and jobs need an account; polls work by link for everybody.
    Members,
    /// As members, and to make a poll needs an account too.
    Closed,
}

impl Access {
    /// What was asked for, or what goes without saying on the addresses of an API: on a machine's own ones everything is
    /// open.
    ///
    /// # Errors
    /// When nothing was asked for and others than this machine reach the API.
    pub(crate) fn of(asked: Option<Access>, api: &[SocketAddr]) -> anyhow::Result<Access> {
        match (asked, api.iter().find(|address| !is_loopback(address))) {
            (Some(access), _) => Ok(access),
            (None, None) => Ok(Access::Open),
            (None, Some(address)) => bail!(
                "{address} can be reached from other machines, and nothing says who may use the API there: \
                 --access members (or ACCESS=members) asks for access tokens, \
                 --access open (or ACCESS=open) lets everybody who reaches it read and change everything; \
                 --listen 127.0.0.1:{} keeps it to this machine",
                address.port()
            ),
        }
    }

    /// Its name, as the setting has it.
    pub fn name(self) -> &'static str {
        match self {
            Access::Open => "open",
            Access::Members => "members",
            Access::Closed => "closed",
        }
    }

    /// Writes to the log what this means on these addresses.
    pub(crate) fn announce(self, api: &[SocketAddr]) {
        match self {
            Access::Open if api.iter().all(is_loopback) => {
                info!(access = "open", "everybody on this machine may read and change everything")
            }
            Access::Open => {
                warn!(
                    access = "open",
                    "everybody who reaches this service may read and change everything of everybody"
                )
            }
            Access::Members => info!(access = "members", "people and jobs are for those with an account"),
            Access::Closed => info!(access = "closed", "only answers to polls need no account"),
        }
    }
}

fn is_loopback(address: &SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(asked: Option<Access>, api: &[&str]) -> anyhow::Result<Access> {
        let api: Vec<SocketAddr> = api.iter().map(|address| address.parse().unwrap()).collect();
        Access::of(asked, &api)
    }

    #[test]
    fn a_machine_is_open_to_itself() {
        for own in ["127.0.0.1:8080", "127.0.0.2:1", "[::1]:8080", "[::ffff:127.0.0.1]:8080"] {
            assert_eq!(of(None, &[own]).unwrap(), Access::Open, "{own}");
        }
    }

    #[test]
    fn it_is_open_to_others_only_when_that_was_said() {
        for reached in [
            &["0.0.0.0:8000"][..],
            &["[::]:8000"],
            &["192.0.2.1:8000"],
            &["127.0.0.1:8000", "0.0.0.0:8001"],
            &["0.0.0.0:8000", "127.0.0.1:8001"],
        ] {
            let refused = of(None, reached).unwrap_err().to_string();
            assert!(refused.contains("--access open") && refused.contains("ACCESS=open"), "{refused}");
            assert_eq!(of(Some(Access::Open), reached).unwrap(), Access::Open);
        }
    }
}
