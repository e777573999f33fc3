//! What the configuration says that a request is answered with.

use crate::audit::exposure::outsiders::Said;
use crate::audit::surface::Protection;
use crate::iam::Admission;
use crate::inventory::Api;

/// What the configuration says of a method at one of its URLs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// What the deployments that the stage serves ask of a caller, the least first: more than one where a canary serves
    /// another type.
    pub asks: Vec<Protection>,
    /// Whether one of these deployments does not have the method.
    pub may_be_absent: bool,
    /// What the resource policy of the API's settings says to anonymous callers. Whether it was deployed cannot be read.
    pub anonymous: Anonymous,
    /// By which URL it is asked.
    pub entrance: Entrance,
}

/// What a resource policy says to anonymous callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anonymous {
    /// They are let in, or there is none.
    LetIn,
    /// They are let in from certain networks.
    FromNetworks,
    /// They are refused.
    Refused,
    /// It is not understood.
    Unknown,
}

/// By which URL a stage is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// The default endpoint.
    DefaultEndpoint,
    /// The default endpoint, which the API's settings disable. Whether that was deployed cannot be read.
    Disabled,
    /// A custom domain name.
    Domain,
    /// The default endpoint or a custom domain name that only a VPC reaches.
    Private,
}

impl Anonymous {
    pub(super) fn new(api: &Api, said: Said) -> Self {
        match said {
            // A private API without a resource policy answers nobody.
            Said::Nothing if api.is_private() => Anonymous::Refused,
            Said::Nothing | Said::Admission(Admission::FromAnywhere) => Anonymous::LetIn,
            Said::Admission(Admission::FromNetworks) => Anonymous::FromNetworks,
            Said::Admission(Admission::Refused) => Anonymous::Refused,
            Said::Unclear | Said::Admission(Admission::Undecided) => Anonymous::Unknown,
        }
    }
}

impl Expected {
    /// Whether one of the deployments asks for this.
    pub fn has(&self, protection: Protection) -> bool {
        self.asks.contains(&protection)
    }

    /// Whether every deployment is known to ask for more than nothing: a request is not executed unless something else is
    /// served than was read.
    pub(super) fn is_never_open(&self) -> bool {
        let asks = [Protection::Iam, Protection::Authorizer];
        !self.asks.is_empty() && self.asks.iter().all(|it| asks.contains(it))
    }

    /// What is expected, in words: `AWS_IAM`, `NONE; the resource policy refuses anonymous callers`.
    pub fn in_words(&self) -> String {
        let asks: Vec<&str> = self.asks.iter().map(|it| in_words(*it)).collect();
        let mut words = asks.join(" or ");
        if self.may_be_absent {
            words.push_str(" or no such method");
        }
        words.push_str(match self.anonymous {
            Anonymous::LetIn => "",
            Anonymous::FromNetworks => {
                "; the resource policy lets anonymous callers in from certain networks"
            }
            Anonymous::Refused => "; anonymous callers are refused",
            Anonymous::Unknown => "; the resource policy is not understood",
        });
        words.push_str(match self.entrance {
            Entrance::DefaultEndpoint | Entrance::Domain => "",
            Entrance::Disabled => "; the default endpoint is disabled",
            Entrance::Private => "; reached from a VPC only",
        });
        words
    }
}

fn in_words(asked: Protection) -> &'static str {
    match asked {
        Protection::Open => "NONE",
        Protection::KeyOnly => "NONE with an API key",
        Protection::Unknown => "a type that is not known",
        Protection::Authorizer => "an authorizer",
        Protection::Iam => "AWS_IAM",
    }
}
