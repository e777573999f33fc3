//! Where requests from outside come from: every part of the internet that a policy tells apart, and any VPC.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::iam::document::values::address::range;
use crate::iam::document::{Comparison, Condition, Policy};

/// The key of the caller's address.
pub(in crate::iam) const SOURCE_IP: &str = "aws:sourceip";

/// Somewhere that requests come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::iam) enum Vantage {
    /// A part of the internet, or of a private network, whose addresses no range of the policy tells apart.
    Addresses {
        /// One of them.
        sample: String,
        /// How many they are.
        share: Share,
    },
    /// A VPC, through one of its endpoints.
    Vpc,
    /// A VPC of an account that has nothing to do with ours.
    ForeignVpc,
    /// The same, where the request has the caller's address, too: whether those through an endpoint do is not certain.
    AddressesInForeignVpc {
        /// One of the addresses.
        sample: String,
        /// How many they are.
        share: Share,
    },
}

impl Vantage {
    /// How much of the internet it is.
    pub(in crate::iam) fn share(&self) -> Share {
        match self {
            Vantage::Addresses { share, .. } | Vantage::AddressesInForeignVpc { share, .. } => {
                *share
            }
            Vantage::Vpc => Share::default(),
            // It stands for every VPC there is: whom it lets in, nothing narrows.
            Vantage::ForeignVpc => Share::ALL,
        }
    }
}

/// How much of the internet some addresses are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::iam) struct Share {
    /// IPv4 addresses, without those of private networks.
    v4: u64,
    /// IPv6 addresses, in units of a `/64`.
    v6: u64,
}

impl Share {
    /// Every address.
    const ALL: Share = Share {
        v4: 1 << 32,
        v6: u64::MAX,
    };

    pub(in crate::iam) fn add(&mut self, other: Share) {
        self.v4 = self.v4.saturating_add(other.v4);
        self.v6 = self.v6.saturating_add(other.v6);
    }

    /// Whether this is so much of the internet that it narrows nothing: a 256th of the IPv4 addresses, or
    /// more IPv6 addresses than a `/16` has, which no single network holds.
    pub(in crate::iam) fn is_wide(self) -> bool {
        self.v4 >= 1 << 24 || self.v6 > 1 << 48
    }
}

/// Everywhere that requests come from, as far as the policy tells it apart.
pub(in crate::iam) fn vantages(policy: &Policy) -> Vec<Vantage> {
    let conditions = policy.statements.iter().flat_map(|it| &it.conditions);
    let on_addresses: Vec<&Condition> = conditions.filter(|it| it.key == SOURCE_IP).collect();
    if on_addresses.is_empty() {
        let everywhere = Vantage::Addresses {
            sample: Ipv4Addr::UNSPECIFIED.to_string(),
            share: Share::ALL,
        };
        return vec![everywhere, Vantage::Vpc];
    }
    // Each range begins at an address, and what follows it at another.
    let mut v4: BTreeSet<u32> = BTreeSet::from([0]);
    let mut v6: BTreeSet<u128> = BTreeSet::from([0]);
    let by_range = on_addresses
        .into_iter()
        .filter(|it| it.operator.comparison == Comparison::IpAddress);
    let named = by_range.flat_map(|it| &it.values).map(String::as_str);
    for (first, last) in named.chain(PRIVATE).filter_map(range) {
        match (first, last) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                v4.insert(first.to_bits());
                v4.extend(last.to_bits().checked_add(1));
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                v6.insert(first.to_bits());
                v6.extend(last.to_bits().checked_add(1));
            }
            _ => {}
        }
    }
    let of_v4 = parts_of_v4(&v4);
    of_v4
        .chain(parts_of_v6(&v6))
        .chain([Vantage::Vpc])
        .collect()
}

/// The same for a private API, which every request reaches through a VPC endpoint.
///
/// Source: [private APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html).
pub(in crate::iam) fn vantages_of_private(policy: &Policy) -> Vec<Vantage> {
    let through_endpoints = vantages(policy).into_iter().map(|it| match it {
        Vantage::Addresses { sample, share } => Vantage::AddressesInForeignVpc { sample, share },
        other => other,
    });
    through_endpoints.chain([Vantage::ForeignVpc]).collect()
}

/// The parts of the IPv4 addresses that begin at these.
fn parts_of_v4(begins: &BTreeSet<u32>) -> impl Iterator<Item = Vantage> {
    let nexts = begins.iter().skip(1).map(|it| u64::from(*it));
    let parts = begins.iter().zip(nexts.chain([1 << 32]));
    parts.map(|(first, next)| {
        let address = Ipv4Addr::from_bits(*first);
        let count = next.saturating_sub(u64::from(*first));
        Vantage::Addresses {
            sample: address.to_string(),
            share: Share {
                v4: if address.is_private() { 0 } else { count },
                v6: 0,
            },
        }
    })
}

/// The parts of the IPv6 addresses that begin at these.
fn parts_of_v6(begins: &BTreeSet<u128>) -> impl Iterator<Item = Vantage> {
    let lasts = begins.iter().skip(1).map(|it| it - 1);
    let parts = begins.iter().zip(lasts.chain([u128::MAX]));
    parts.map(|(first, last)| Vantage::Addresses {
        sample: Ipv6Addr::from_bits(*first).to_string(),
        share: Share {
            v4: 0,
            v6: u64::try_from((last - first) >> 64).unwrap_or(u64::MAX),
        },
    })
}

/// The private networks (RFC 1918), whose addresses no caller on the internet has.
const PRIVATE: [&str; 3] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(ranges: &[&str]) -> Vec<Vantage> {
        let policy = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": ranges}}}});
        vantages(&Policy::from_value(&policy).unwrap())
    }

    #[test]
    fn the_parts_are_the_whole_internet_without_the_private_networks() {
        for ranges in [
            &["0.0.0.0/0"][..],
            &[
                "203.0.113.0/24",
                "0.0.0.0/1",
                "255.255.255.255",
                "2001:db8::/32",
                "::/0",
            ],
        ] {
            let mut all = Share::default();
            for vantage in of(ranges) {
                if let Vantage::Addresses { share, .. } = vantage {
                    all.add(share);
                }
            }
            assert_eq!(all.v4, (1 << 32) - (1 << 24) - (1 << 20) - (1 << 16));
            // Each part of the IPv6 addresses is rounded down.
            assert!(all.v6 > u64::MAX - 8, "{}", all.v6);
        }
    }

    #[test]
    fn a_range_is_a_part_of_its_own() {
        let parts = of(&["203.0.113.0/24"]);
        let share = |sample: &str| {
            parts.iter().find_map(|it| match it {
                Vantage::Addresses { sample: own, share } if own == sample => Some(*share),
                _ => None,
            })
        };
        assert_eq!(share("203.0.113.0"), Some(Share { v4: 256, v6: 0 }));
        assert!(share("203.0.114.0").unwrap().is_wide());
        assert!(!share("203.0.113.0").unwrap().is_wide());
        assert_eq!(share("10.0.0.0"), Some(Share::default()));
    }
}
