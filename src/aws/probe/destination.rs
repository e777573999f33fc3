//! Where a request is sent.

use super::fault::Fault;

/// A host and a port, and whether the connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::aws) struct Destination {
    pub(in crate::aws) host: String,
    pub(in crate::aws) port: u16,
    /// Without TLS: to this host itself alone.
    pub(in crate::aws) in_clear: bool,
}

/// A host that gets every request in place of the one of its URL, which it is told in the `Host` header: a VPC endpoint, or
/// a stand-in for tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instead(Destination);

/// Why a text names no host that gets the requests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no endpoint: it looks like https://HOST or https://HOST:PORT, and has no path")]
pub struct InsteadError(String);

impl std::str::FromStr for Instead {
    type Err = InsteadError;

    fn from_str(text: &str) -> Result<Self, InsteadError> {
        let wrong = || InsteadError(text.to_owned());
        let (scheme, rest) = text.split_once("://").ok_or_else(wrong)?;
        let in_clear = match scheme {
            "https" => false,
            "http" => true,
            _ => return Err(wrong()),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (host, port) = match rest.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| wrong())?),
            None => (rest, if in_clear { 80 } else { 443 }),
        };
        let is_letter = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'-' | b'.');
        if host.is_empty() || !host.bytes().all(is_letter) {
            return Err(wrong());
        }
        Ok(Instead(Destination {
            host: host.to_owned(),
            port,
            in_clear,
        }))
    }
}

/// A URL that is asked, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// What the `Host` header says.
    pub(super) host: String,
    /// With its first slash.
    pub(super) path: String,
    /// Where it is sent.
    pub(super) to: Destination,
}

impl Target {
    /// The parts of a planned URL.
    pub(super) fn of(url: &str, instead: Option<&Instead>) -> Result<Self, Fault> {
        let no_url = || Fault::malformed("it is no URL that can be asked".to_owned());
        let schemes = ["https://", "wss://"];
        let rest = schemes.into_iter().find_map(|it| url.strip_prefix(it));
        let rest = rest.ok_or_else(no_url)?;
        let (host, path) = rest
            .split_at_checked(rest.find('/').unwrap_or(rest.len()))
            .ok_or_else(no_url)?;
        let own = || Destination {
            host: host.to_owned(),
            port: 443,
            in_clear: false,
        };
        Ok(Target {
            host: host.to_owned(),
            path: match path {
                "" => "/".to_owned(),
                path => path.to_owned(),
            },
            to: instead.map_or_else(own, |it| it.0.clone()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_in_place_of_the_urls_own_has_no_path_and_no_user() {
        for text in [
            "127.0.0.1:8080",
            "ftp://host",
            "https://host/path",
            "https://user@host",
            "https://",
            "https://host:x",
            "https://host:99999",
        ] {
            assert!(text.parse::<Instead>().is_err(), "{text}");
        }
        let instead: Instead = "http://127.0.0.1:8080/".parse().unwrap();
        let target = Target::of("https://api.example.com/shop", Some(&instead)).unwrap();
        assert_eq!(target.host, "api.example.com");
        assert_eq!(target.path, "/shop");
        assert_eq!(
            (target.to.host.as_str(), target.to.port),
            ("127.0.0.1", 8080)
        );
    }
}
