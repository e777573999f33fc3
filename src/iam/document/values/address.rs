//! IP addresses and ranges of them (RFC 4632, RFC 4291).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address, or a whole range of them, lies in one of these ranges. A single address is a range of one.
pub(in crate::iam) fn is_within_any<'r>(
    mut ranges: impl Iterator<Item = &'r str>,
    found: &str,
) -> bool {
    let Some(found) = read(found) else {
        return false;
    };
    ranges.any(|it| read(it).is_some_and(|range| is_within(range, found)))
}

/// Whether the second range lies in the first: each an address and the length of its prefix.
fn is_within((range, prefix): (IpAddr, u32), (found, narrower): (IpAddr, u32)) -> bool {
    match (range, found) {
        (IpAddr::V4(range), IpAddr::V4(found)) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            narrower >= prefix && range.to_bits() & mask == found.to_bits() & mask
        }
        (IpAddr::V6(range), IpAddr::V6(found)) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            narrower >= prefix && range.to_bits() & mask == found.to_bits() & mask
        }
        _ => false,
    }
}

/// The first and the last address of a range. `None`: it is none.
pub(in crate::iam) fn range(text: &str) -> Option<(IpAddr, IpAddr)> {
    let (address, prefix) = read(text)?;
    Some(match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            let first = address.to_bits() & mask;
            (
                Ipv4Addr::from_bits(first).into(),
                Ipv4Addr::from_bits(first | !mask).into(),
            )
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            let first = address.to_bits() & mask;
            (
                Ipv6Addr::from_bits(first).into(),
                Ipv6Addr::from_bits(first | !mask).into(),
            )
        }
    })
}

/// Networks whose addresses no caller on the internet has.
///
/// Source: [special-purpose addresses](https://www.iana.org/assignments/iana-ipv4-special-registry/iana-ipv4-special-registry.xhtml).
pub(in crate::iam) const INTERNAL: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// Whether no caller on the internet has an address of this range.
pub(in crate::iam) fn is_internal(value: &str) -> bool {
    is_within_any(INTERNAL.into_iter(), value)
}

fn read(text: &str) -> Option<(IpAddr, u32)> {
    let (address, prefix) = match text.trim().split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text.trim(), None),
    };
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        Some(prefix) => prefix.parse().ok().filter(|it| *it <= longest)?,
        None => longest,
    };
    Some((address, prefix))
}
