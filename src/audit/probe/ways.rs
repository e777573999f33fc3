//! The URLs of a stage that can be asked.

use std::net::IpAddr;

use super::expected::Entrance;
use crate::audit::exposure::{DomainNames, default_url, domain_url};
use crate::inventory::{Api, CustomDomain, Inventory, Stage};

/// A URL of a stage, below which its methods are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// Without a slash at its end.
    pub(super) base: String,
    pub(super) entrance: Entrance,
}

/// The URLs of a stage, and those that cannot be asked, with why.
pub(super) fn ways(
    inventory: &Inventory,
    names: &DomainNames<'_>,
    api: &Api,
    stage: &Stage,
) -> (Vec<Way>, Vec<String>) {
    let mut ways = Vec::new();
    let mut refused = Vec::new();
    let is_label = |text: &str| {
        let letters = |it: u8| it.is_ascii_alphanumeric() || it == b'-' || it == b'_';
        !text.is_empty() && text.bytes().all(letters)
    };
    if !is_label(&api.id) || !(is_label(&stage.name) || stage.name == "$default") {
        refused.push(format!(
            "the id of the API or the name of stage `{}` is none that AWS gives",
            stage.name
        ));
        return (ways, refused);
    }
    match default_url(inventory, api, stage) {
        Some(base) => ways.push(Way {
            base,
            entrance: match (api.default_endpoint_disabled, api.is_private()) {
                (true, _) => Entrance::Disabled,
                (false, true) => Entrance::Private,
                (false, false) => Entrance::DefaultEndpoint,
            },
        }),
        None => refused.push(format!(
            "the host of the default endpoint is not known, as the partition {} is not",
            inventory.partition
        )),
    }
    for (domain, mapping) in names.of(api, stage) {
        match unasked(domain, &mapping.base_path) {
            Some(why) => refused.push(format!("{} {why}", domain.name)),
            None => ways.push(Way {
                base: domain_url(api, stage, domain, mapping),
                entrance: match domain.is_private() {
                    true => Entrance::Private,
                    false => Entrance::Domain,
                },
            }),
        }
    }
    (ways, refused)
}

/// Why a custom domain name cannot be asked, in words that go behind it. `None`: it can be.
fn unasked(domain: &CustomDomain, base_path: &str) -> Option<&'static str> {
    if domain.mutual_tls {
        Some("asks for a client certificate, and a probe has none")
    } else if domain.name.starts_with("*.") {
        Some("stands for many names, none of which is known")
    } else if !is_host(&domain.name) {
        Some("is no name of a host")
    } else if base_path.split('/').any(|it| matches!(it, "." | "..")) {
        Some("has a base path that would be another one when it is sent")
    } else {
        None
    }
}

/// Whether a text is a name that DNS is asked for: no address, no port, nothing that would end the host of a URL.
fn is_host(name: &str) -> bool {
    let is_label = |label: &str| {
        let letters = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
        (1..=63).contains(&label.len()) && label.bytes().all(letters)
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.contains('.')
        && name.split('.').all(is_label)
        && last.bytes().any(|it| it.is_ascii_alphabetic())
        // Resolvers take some texts with letters for addresses, too.
        && !last.to_ascii_lowercase().starts_with("0x")
        && name.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn an_address_or_half_a_url_is_no_host() {
        for name in ["api.example.com", "a-1.b2.example", "xn--bcher-kva.example"] {
            assert!(is_host(name), "{name}");
        }
        for name in [
            "127.0.0.1",
            "[::1]",
            "::1",
            "localhost",
            "2130706433",
            "0x7f.0.0.0x1",
            "api.example.com:8080",
            "user@api.example.com",
            "api.example.com/x",
            "api.example.com#",
            "a..b",
            "api.example.com\r\nX: y",
            "",
        ] {
            assert!(!is_host(name), "{name}");
        }
    }
}
