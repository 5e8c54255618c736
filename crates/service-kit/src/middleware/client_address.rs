use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName},
};
use ipnet::{IpNet, Ipv4Net};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The connection that a request came by. Requests from within the process have none.
#[derive(Clone, Copy, Debug)]
pub struct Connection {
    /// Who opened it: a client, or the proxy before this process.
    pub peer: SocketAddr,
    /// Whether the port can be reached from this machine only.
    pub on_loopback: bool,
    /// Whether it is encrypted by this process itself.
    pub is_tls: bool,
}

/// A network of addresses, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Network, String> {
        let text = text.trim();
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let network = network.map_err(|_| "give a network such as 10.0.0.0/8, or an address")?;
        Ok(Network(canonical(network)))
    }
}

/// The network as clients are compared with it: IPv4 as such, though it was written within IPv6.
fn canonical(network: IpNet) -> IpNet {
    const MAPPED: u8 = 96;
    let IpNet::V6(mapped) = network else { return network };
    let prefix = mapped.prefix_len().checked_sub(MAPPED);
    match (mapped.addr().to_ipv4_mapped(), prefix) {
        (Some(address), Some(prefix)) => Ipv4Net::new(address, prefix).map_or(network, IpNet::from),
        _ => network,
    }
}

/// The client's address: that of the connection, unless it is a trusted proxy's. Then it is the last one in
/// `X-Forwarded-For` that is not a trusted proxy's: whatever stands before it was written by somebody who may lie.
pub(crate) fn client_address(request: &Request, trusted_proxies: &[Network]) -> Option<IpAddr> {
    let connection = request.extensions().get::<Connection>()?;
    Some(behind(connection.peer.ip(), request.headers(), trusted_proxies))
}

fn behind(peer: IpAddr, headers: &HeaderMap, trusted_proxies: &[Network]) -> IpAddr {
    let mut client = peer.to_canonical();
    let values = headers.get_all(X_FORWARDED_FOR).iter().rev();
    for hop in values.flat_map(|value| value.to_str().unwrap_or_default().rsplit(',')) {
        let Some(before) = address(hop.trim()) else { break };
        if !trusted_proxies.iter().any(|network| network.0.contains(&client)) {
            break;
        }
        client = before;
    }
    client
}

/// Some proxies add the port.
fn address(hop: &str) -> Option<IpAddr> {
    let address = hop.parse().or_else(|_| hop.parse::<SocketAddr>().map(|socket| socket.ip()));
    Some(address.ok()?.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, forwarded: &[&'static str]) -> String {
        let trusted: Vec<Network> =
            ["10.0.0.0/8", "fd00::/8", "192.0.2.7"].map(|network| network.parse().unwrap()).into();
        let headers =
            forwarded.iter().map(|value| (X_FORWARDED_FOR, HeaderValue::from_static(value))).collect();
        behind(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        for (peer, forwarded, expected) in [
            ("198.51.100.1", &["203.0.113.9"][..], "198.51.100.1"),
            ("10.1.1.1", &[], "10.1.1.1"),
            ("10.1.1.1", &["203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", &["1.2.3.4, 203.0.113.9"], "203.0.113.9"),
            ("10.1.1.1", &["1.2.3.4, 203.0.113.9, 10.2.2.2"], "203.0.113.9"),
            ("10.1.1.1", &["1.2.3.4, 203.0.113.9", "10.2.2.2,192.0.2.7"], "203.0.113.9"),
            ("10.1.1.1", &["203.0.113.9:4711"], "203.0.113.9"),
            ("::ffff:10.1.1.1", &["2001:db8::1"], "2001:db8::1"),
            ("fd00::1", &["[2001:db8::1]:443"], "2001:db8::1"),
            ("10.1.1.1", &["203.0.113.9, unknown"], "10.1.1.1"),
            ("10.1.1.1", &["10.3.3.3"], "10.3.3.3"),
        ] {
            assert_eq!(client(peer, forwarded), expected, "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn a_network_is_given_by_its_prefix_or_as_one_address() {
        assert_eq!(" 192.0.2.7".parse::<Network>(), "192.0.2.7/32".parse());
        for mapped in ["::ffff:10.0.0.0/104", "::ffff:a00:0/104"] {
            assert_eq!(mapped.parse::<Network>(), "10.0.0.0/8".parse(), "{mapped}");
        }
        assert!("192.0.2.0/33".parse::<Network>().is_err() && "proxy".parse::<Network>().is_err());
    }
}
