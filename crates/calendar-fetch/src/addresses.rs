use std::{
    net::{IpAddr, Ipv6Addr},
    sync::LazyLock,
};

use ipnet::{IpNet, Ipv6Net};

/// Networks within the public ranges that are none: those of IANA's registries of special-purpose addresses that are not
/// globally reachable, multicast, what is reserved, and the metadata services that have addresses of their own.
const SPECIAL: &[&str] = &[
    // This network, private, shared (carrier-grade NAT; also a metadata service), loopback, link-local (most metadata
    // services).
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    // Protocol assignments (also a metadata service), documentation, relays of 6to4, private, benchmarks.
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    // Multicast, reserved, broadcast.
    "224.0.0.0/4",
    "240.0.0.0/4",
    // The platform of Azure, under a public address.
    "168.63.129.16/32",
    // Of the global unicast addresses of IPv6: protocol assignments with Teredo, documentation, 6to4, documentation.
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
];

/// All global unicast addresses that are assigned. What is elsewhere is loopback, unique-local, link-local, multicast, or
/// an IPv4 address in another form (mapped, NAT64), which could be any.
const GLOBAL_UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

static SPECIAL_NETWORKS: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| SPECIAL.iter().filter_map(|network| network.parse().ok()).collect());

/// Whether an address is one of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    let is_global = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => GLOBAL_UNICAST.contains(&address),
    };
    is_global && !SPECIAL_NETWORKS.iter().any(|network| network.contains(&address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_network_is_one() {
        assert_eq!(SPECIAL_NETWORKS.len(), SPECIAL.len());
    }

    #[test]
    fn addresses_are_public_or_not() {
        for (address, expected) in [
            ("93.184.216.34", true),
            ("8.8.8.8", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.32.0.0", true),
            ("192.0.1.1", true),
            ("223.255.255.255", true),
            ("2606:2800:220:1::1", true),
            ("2a00:1450:4001:81b::200e", true),
            ("2001:200::1", true),
            // This host, loopback, private, link-local and metadata.
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("10.0.0.1", false),
            ("10.255.255.255", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("169.254.170.2", false),
            ("168.63.129.16", false),
            ("192.0.0.192", false),
            // Carrier-grade NAT, benchmarks, documentation, relays, multicast, reserved, broadcast.
            ("100.64.0.1", false),
            ("100.100.100.200", false),
            ("100.127.255.255", false),
            ("198.18.0.1", false),
            ("198.19.255.255", false),
            ("192.0.2.1", false),
            ("198.51.100.1", false),
            ("203.0.113.1", false),
            ("192.88.99.1", false),
            ("224.0.0.1", false),
            ("239.255.255.255", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            // The same in IPv6.
            ("::", false),
            ("::1", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("3fff::1", false),
            ("2001::1", false),
            ("2001:20::1", false),
            ("2002:7f00:1::1", false),
            ("100::1", false),
            // IPv4 in another form, whatever it is.
            ("::ffff:127.0.0.1", false),
            ("::ffff:93.184.216.34", false),
            ("::127.0.0.1", false),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b::5db8:d822", false),
            ("64:ff9b:1::1", false),
            ("4000::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }
}
