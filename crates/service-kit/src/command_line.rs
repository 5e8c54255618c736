use std::{
    env,
    ffi::OsString,
    net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs},
};

use axum::http::uri::Authority;
use clap::{Arg, Command, Parser};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

/// Reads `words`, the name of the program first, and the environment. A variable that is empty counts as unset, as it is
/// when a template leaves its value out.
pub(crate) fn parse<A: Parser>(words: impl IntoIterator<Item = OsString>) -> Result<A, clap::Error> {
    let matches = without_empty_variables(A::command()).try_get_matches_from(words)?;
    A::from_arg_matches(&matches)
}

fn without_empty_variables(command: Command) -> Command {
    let is_empty = |arg: &Arg| arg.get_env().and_then(env::var_os).is_some_and(|value| value.is_empty());
    command
        .mut_args(|arg| if is_empty(&arg) { arg.env(None) } else { arg })
        .mut_subcommands(without_empty_variables)
}

/// An address to listen on: `HOST:PORT`, where the host may be a name, or a port alone, which is then one of every
/// interface.
///
/// # Errors
/// What is wrong with it, with an example.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    resolve(text, Ipv4Addr::UNSPECIFIED.into())
}

/// As [`listen_address`]; a port alone is one of the loopback interface.
pub fn loopback_listen_address(text: &str) -> Result<SocketAddr, String> {
    resolve(text, Ipv4Addr::LOCALHOST.into())
}

fn resolve(text: &str, usual_host: IpAddr) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let port = port.parse::<u16>();
    let port =
        port.map_err(|_| "give HOST:PORT or a port, such as 127.0.0.1:8080, localhost:8080 or 8080")?;
    if host.is_empty() {
        return Ok((usual_host, port).into());
    }
    let found =
        (host, port).to_socket_addrs().map_err(|error| format!("{host} is not known here: {error}"))?;
    let mut found: Vec<SocketAddr> = found.collect();
    // Clients that know only IPv4 reach `localhost` too.
    found.sort_by_key(SocketAddr::is_ipv6);
    found.first().copied().ok_or_else(|| format!("{host} has no address"))
}

/// A host by which requests may come: a name or an address alone, as `Host` has it before the port.
pub(crate) fn allowed_host(text: &str) -> Result<String, String> {
    let text = text.trim();
    let address = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text).parse();
    match address {
        Ok(IpAddr::V6(address)) => Ok(format!("[{address}]")),
        Ok(IpAddr::V4(address)) => Ok(address.to_string()),
        // A wildcard may stand in an authority, but no request has one.
        Err(_) if !text.contains('*') && Authority::try_from(text).is_ok_and(|host| host.host() == text) => {
            Ok(text.to_owned())
        }
        Err(_) => {
            Err("give the host alone, as in w2meet.example.com, without scheme, port or wildcard".to_owned())
        }
    }
}

/// The level of what has no other.
const USUAL_LEVEL: &str = "info";

/// A filter for log lines: a level, or several parts such as `info,sqlx=debug`. A word that is no level would be taken
/// for the name of a module, and everything else would be silent; so it is refused. Where modules alone have a level,
/// everything else has the usual one.
pub(crate) fn log_filter(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
    let is_level = |part: &str| part.parse::<LevelFilter>().is_ok();
    let wrong = parts.iter().find(|part| !part.contains(['=', '[']) && !is_level(part));
    if let Some(wrong) = wrong.or(if parts.is_empty() { Some(&text) } else { None }) {
        return Err(format!(
            "{wrong:?} is no level; give error, warn, info, debug, trace or off, or a filter such as info,sqlx=debug"
        ));
    }
    let rest = if parts.iter().any(|part| is_level(part)) { None } else { Some(USUAL_LEVEL) };
    let filter = rest.into_iter().chain(parts).collect::<Vec<_>>().join(",");
    EnvFilter::try_new(&filter).map_err(|error| error.to_string())?;
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_bare_ports_are_addresses() {
        for (text, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("[::1]:8080", "[::1]:8080"),
            ("localhost:8080", "127.0.0.1:8080"),
            (":8080", "0.0.0.0:8080"),
            ("8080", "0.0.0.0:8080"),
            ("0", "0.0.0.0:0"),
        ] {
            assert_eq!(listen_address(text).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(loopback_listen_address("8080").unwrap().to_string(), "127.0.0.1:8080");
        for wrong in ["", "everywhere", "localhost", "localhost:", "127.0.0.1", "8080:", ":99999", "a b:80"] {
            assert!(listen_address(wrong).is_err(), "{wrong:?}");
        }
        assert!(listen_address("localhost").unwrap_err().contains("localhost:8080"));
    }

    #[test]
    fn an_allowed_host_is_one_that_requests_can_be_for() {
        for right in ["w2meet.example.com", " w2meet ", "127.0.0.2", "[fd00::1]", "xn--bcher-kva.example"] {
            assert_eq!(allowed_host(right).unwrap(), right.trim());
        }
        assert_eq!(allowed_host("fd00::1").unwrap(), "[fd00::1]");
        for wrong in [
            "",
            " ",
            "http://w2meet",
            "w2meet:80",
            "[::1]:80",
            "*",
            "*.example.com",
            "a b",
            "a/b",
            "me@a",
            "bücher.example",
        ] {
            assert!(allowed_host(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_filter_cannot_silence_everything_by_mistake() {
        for right in
            ["info", "WARN", "off", "info,sqlx=debug", " info , sqlx=debug,", "debug,hyper[conn]=trace"]
        {
            assert!(log_filter(right).is_ok(), "{right:?}");
        }
        for (modules, filter) in [
            ("sqlx=debug", "info,sqlx=debug"),
            ("[request]=trace", "info,[request]=trace"),
            ("sqlx=debug,warn", "sqlx=debug,warn"),
        ] {
            assert_eq!(log_filter(modules).unwrap(), filter, "everything else has a level too");
        }
        for wrong in ["WARNING", "verbose", "", " ", ",", "info,sqlx", "sqlx=loud", "informational", "99"] {
            assert!(log_filter(wrong).is_err(), "{wrong:?}");
        }
    }
}
