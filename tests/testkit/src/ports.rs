use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr as UnixSocketAddr, UnixDatagram};
use std::sync::{Mutex, PoisonError};
use std::{fs, io};

use anyhow::bail;
use rand::RngExt;

/// For each port that this process has given away, bound by now or not, a socket whose name says so to all processes.
static GIVEN: Mutex<Vec<UnixDatagram>> = Mutex::new(Vec::new());

/// A port on 127.0.0.1 that nobody listens on, and that no process that still runs has been given by this function.
///
/// It lies below the range from which the kernel takes the ports of outgoing connections. With one from there (what
/// binding to port 0 gives) a server that is killed and started again would now and then find its port taken.
pub fn free_port() -> anyhow::Result<u16> {
    let range = range();
    for _ in 0..200 {
        let port = rand::rng().random_range(range.clone());
        if let Ok(reservation) = reserve(port)
            && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
        {
            GIVEN.lock().unwrap_or_else(PoisonError::into_inner).push(reservation);
            return Ok(port);
        }
    }
    bail!("no free port on 127.0.0.1 in {range:?}")
}

/// Takes the name of a port, which the kernel lets one process have, until it ends.
fn reserve(port: u16) -> io::Result<UnixDatagram> {
    UnixDatagram::bind_addr(&UnixSocketAddr::from_abstract_name(format!("w2meet-test-port-{port}"))?)
}

pub(crate) fn free_address() -> anyhow::Result<SocketAddr> {
    Ok((Ipv4Addr::LOCALHOST, free_port()?).into())
}

fn range() -> Range<u16> {
    let first_outgoing = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range")
        .ok()
        .and_then(|text| text.split_ascii_whitespace().next()?.parse().ok())
        .unwrap_or(32_768);
    // Where nearly all ports serve outgoing connections there is nothing to avoid.
    if first_outgoing > 12_000 { 10_000..first_outgoing } else { 10_000..u16::MAX }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_was_given_is_not_given_again() {
        let port = free_port().unwrap();
        assert_eq!(reserve(port).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
