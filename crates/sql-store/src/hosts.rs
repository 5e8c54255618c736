//! The hosts of a connection string, which may be several, as PostgreSQL's own clients take them.

use crate::OpenError;

/// Which of several hosts is asked for, as the parameter of a connection string.
pub(crate) const ATTRIBUTES: &str = "target_session_attrs";

/// The connection strings of single hosts, in their order, and whether only one that takes writes will do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hosts {
    pub(crate) dsns: Vec<String>,
    pub(crate) takes_writes: bool,
}

impl Hosts {
    /// Takes `postgres://user@one:5432,two:5433/database?target_session_attrs=read-write` apart. Where there are several hosts
    /// and nothing is said, one has to take writes; a single host is taken as it is.
    pub(crate) fn parse(dsn: &str) -> Result<Hosts, OpenError> {
        let (before, rest) =
            dsn.split_once("://").map_or(("", dsn), |(scheme, _)| dsn.split_at(scheme.len() + 3));
        let (authority, behind) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, hosts) = authority.split_at(authority.rfind('@').map_or(0, |at| at + 1));
        let dsns: Vec<String> =
            hosts.split(',').map(|host| format!("{before}{user}{host}{behind}")).collect();
        if dsns.len() > 1 && hosts.split(',').any(str::is_empty) {
            return Err(OpenError::Dsn("one of its hosts is empty".to_owned()));
        }
        let parameters = behind.split_once('?').map_or("", |(_, parameters)| parameters);
        let wanted = parameters.split('&').find_map(|pair| pair.strip_prefix(ATTRIBUTES)?.strip_prefix('='));
        let takes_writes = match wanted {
            None => dsns.len() > 1,
            Some("any") => false,
            Some("read-write" | "primary") => true,
            Some(_) => {
                let said = format!("{ATTRIBUTES} is any, read-write or primary: the service writes");
                return Err(OpenError::Dsn(said));
            }
        };
        Ok(Hosts { dsns, takes_writes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(dsn: &str) -> (Vec<String>, bool) {
        let hosts = Hosts::parse(dsn).unwrap();
        (hosts.dsns, hosts.takes_writes)
    }

    #[test]
    fn each_host_has_a_connection_string_of_its_own() {
        for (dsn, dsns, takes_writes) in [
            ("postgres://u:p@h/d", &["postgres://u:p@h/d"][..], false),
            (
                "postgres://u@h/d?target_session_attrs=read-write",
                &["postgres://u@h/d?target_session_attrs=read-write"],
                true,
            ),
            (
                "postgres://u:p,q@a:1,[::1]:2,c/d",
                &["postgres://u:p,q@a:1/d", "postgres://u:p,q@[::1]:2/d", "postgres://u:p,q@c/d"],
                true,
            ),
            (
                "postgres://a,b?sslmode=require&target_session_attrs=any",
                &[
                    "postgres://a?sslmode=require&target_session_attrs=any",
                    "postgres://b?sslmode=require&target_session_attrs=any",
                ],
                false,
            ),
            ("no-dsn", &["no-dsn"], false),
        ] {
            assert_eq!(
                parsed(dsn),
                (dsns.iter().map(|&dsn| dsn.to_owned()).collect(), takes_writes),
                "{dsn}"
            );
        }
    }

    #[test]
    fn what_cannot_be_written_to_is_refused_without_the_password() {
        for dsn in ["postgres://u:s3cret@a,/d", "postgres://u:s3cret@a,b/d?target_session_attrs=standby"] {
            let error = Hosts::parse(dsn).unwrap_err().to_string();
            assert!(!error.contains("s3cret"), "{error}");
        }
    }
}
