//! Who can reach a method at all.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// Who can reach a method, before it asks who is calling.
///
/// ```
/// use gatewatch::policy_file::Exposure;
///
/// // What could not be told is treated as nearly the widest.
/// assert!(Exposure::Public > Exposure::Unknown);
/// assert!(Exposure::Unknown > Exposure::NetworkLimited);
/// assert_eq!(Exposure::NetworkLimited.as_str(), "network-limited");
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Exposure {
    /// Nobody: the resource policy refuses anonymous callers, or no URL leads there.
    Closed,
    /// Callers in a VPC, through a VPC endpoint.
    Private,
    /// Callers from certain networks, or with a client certificate.
    NetworkLimited,
    /// It could not be told.
    Unknown,
    /// Any caller on the internet.
    Public,
}

impl Exposure {
    /// All of them, the widest first.
    pub const ALL: [Exposure; 5] = [
        Exposure::Public,
        Exposure::Unknown,
        Exposure::NetworkLimited,
        Exposure::Private,
        Exposure::Closed,
    ];

    /// Who reaches the method, in words that go before "can call this method".
    pub fn callers(self) -> &'static str {
        match self {
            Exposure::Public | Exposure::Unknown => "anyone",
            Exposure::NetworkLimited => "anyone from the networks that are let in",
            Exposure::Private => "anyone who reaches the VPC endpoint",
            Exposure::Closed => "nobody for now",
        }
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}
