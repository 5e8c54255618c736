use std::net::SocketAddr;

use serde_json::Value;

/// The addresses in the line that a service logs when it listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) api: SocketAddr,
    pub(super) ops: SocketAddr,
}

/// Reads `{"message":"listening","api":"127.0.0.1:1","ops":"127.0.0.1:2",…}`; `None` for any other line.
pub(super) fn parse(line: &str) -> Option<Announced> {
    let line: Value = serde_json::from_str(line).ok()?;
    if line.get("message")?.as_str()? != "listening" {
        return None;
    }
    let address = |name: &str| line.get(name)?.as_str()?.parse().ok();
    Some(Announced { api: address("api")?, ops: address("ops")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_addresses_from_the_right_line_only() {
        let line = r#"{"level":"INFO","message":"listening","api":"127.0.0.1:81","ops":"127.0.0.1:82"}"#;
        let expected = Announced { api: ([127, 0, 0, 1], 81).into(), ops: ([127, 0, 0, 1], 82).into() };
        assert_eq!(parse(line), Some(expected));
        for other in [r#"{"message":"ready","api":"127.0.0.1:81","ops":"127.0.0.1:82"}"#, "listening", "[]"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
