//! The addresses that no probe connects to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address must not be connected to. `None`: it may be. A name of the inventory can lead anywhere, also to what only
/// this host reaches: its own services, and the metadata service that gives out credentials.
///
/// Addresses of private networks are none of these: a private API, and a public one behind a VPC endpoint, have such.
///
/// ```
/// use gatewatch::audit::probe::refused_address;
///
/// assert!(refused_address("169.254.169.254".parse().unwrap(), false).is_some());
/// assert!(refused_address("::ffff:127.0.0.1".parse().unwrap(), false).is_some());
/// assert_eq!(refused_address("127.0.0.1".parse().unwrap(), true), None);
/// assert_eq!(refused_address("10.0.0.7".parse().unwrap(), false), None);
/// ```
pub fn refused_address(address: IpAddr, allow_loopback: bool) -> Option<&'static str> {
    let four = match address {
        IpAddr::V4(four) => four,
        IpAddr::V6(six) => match embedded(six) {
            Some(four) => four,
            None => return refused_six(six, allow_loopback),
        },
    };
    if four.is_loopback() {
        (!allow_loopback).then_some("a loopback address")
    } else if four.is_link_local() {
        Some("a link-local address")
    } else if four.octets().first() == Some(&0) {
        Some("an address of this host")
    } else if four.is_multicast() || four.is_broadcast() {
        Some("a multicast address")
    } else {
        None
    }
}

fn refused_six(address: Ipv6Addr, allow_loopback: bool) -> Option<&'static str> {
    if address.is_loopback() {
        (!allow_loopback).then_some("a loopback address")
    } else if address.is_unicast_link_local() || is_metadata(address) {
        Some("a link-local address")
    } else if address.is_unspecified() {
        Some("an address of this host")
    } else if address.is_multicast() {
        Some("a multicast address")
    } else {
        None
    }
}

/// Whether an address is one of those of EC2's own services, `fd00:ec2::/32`, the metadata service among them.
///
/// Source: [instance metadata](https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html).
fn is_metadata(address: Ipv6Addr) -> bool {
    matches!(address.segments(), [0xfd00, 0x0ec2, ..])
}

/// The IPv4 address that an IPv6 address stands for: mapped (`::ffff:0:0/96`), compatible (`::/96`), translated
/// (`64:ff9b::/96`), or of a 6to4 network (`2002::/16`).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0..=1] => None,
        [0, 0, 0, 0, 0, 0xffff | 0, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(of(high, low))
        }
        [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str) -> Option<&'static str> {
        refused_address(address.parse().unwrap(), false)
    }

    #[test]
    fn what_only_this_host_reaches_is_refused_in_every_notation() {
        for address in [
            "127.0.0.1",
            "127.255.0.3",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "2002:7f00:1::1",
            "169.254.169.254",
            "169.254.170.2",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "fe80::1",
            "fd00:ec2::254",
            "0.0.0.0",
            "0.1.2.3",
            "::",
            "224.0.0.1",
            "255.255.255.255",
            "ff02::1",
        ] {
            assert!(refused(address).is_some(), "{address}");
        }
        for address in [
            "3.248.1.2",
            "10.1.2.3",
            "172.16.0.1",
            "2a05:d018::1",
            "fd12:3456::1",
        ] {
            assert_eq!(refused(address), None, "{address}");
        }
    }

    #[test]
    fn loopback_is_let_through_where_it_is_asked_for_and_nothing_else() {
        for (address, is_refused) in [
            ("127.0.0.1", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("169.254.169.254", true),
            ("0.0.0.0", true),
        ] {
            let refused = refused_address(address.parse().unwrap(), true);
            assert_eq!(refused.is_some(), is_refused, "{address}");
        }
    }
}
