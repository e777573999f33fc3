//! Where a pre-signed URL leads.

use crate::aws::probe::destination::Destination;
use crate::inventory::{partition_of, unknown_region, url_suffix};

/// The most bytes of a URL. A signature with the token of a session has about two thousand.
const LONGEST: usize = 16 * 1024;

/// The label of hosts whose cryptography is validated.
const FIPS: &str = "s3-fips";

/// A URL that may be asked, in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// What the `Host` header says.
    pub(super) authority: String,
    /// The path with its query, which is a secret.
    pub(super) path: String,
    /// Where it is sent.
    pub(super) to: Destination,
}

impl Address {
    /// The parts of a URL that leads to S3 in the partition of a Region, or to the endpoint that stands in for it.
    ///
    /// # Errors
    /// In words that follow "the event's URL".
    pub(super) fn of(url: &str, region: &str, endpoint: Option<&str>) -> Result<Self, String> {
        let no_url = || "is no URL that can be asked".to_owned();
        let is_sound = |it: u8| it.is_ascii_graphic() && !matches!(it, b'#' | b'\\');
        if url.len() > LONGEST || !url.bytes().all(is_sound) {
            return Err(no_url());
        }
        let (scheme, rest) = url.split_once("://").ok_or_else(no_url)?;
        let (authority, path) = rest
            .split_at_checked(rest.find('/').ok_or_else(no_url)?)
            .ok_or_else(no_url)?;
        let stands_in = endpoint.map(|it| it.trim_end_matches('/'));
        let is_endpoint = stands_in.is_some_and(|it| url.strip_prefix(it) == Some(path));
        if !is_endpoint && scheme != "https" {
            return Err("is not encrypted (https)".to_owned());
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().map_err(|_| no_url())?),
            None if scheme == "https" => (authority, 443),
            None => (authority, 80),
        };
        let is_letter =
            |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'-' | b'.');
        if host.is_empty() || !host.bytes().all(is_letter) {
            return Err("names no host of S3".to_owned());
        }
        if !is_endpoint && (port != 443 || !is_of_s3(host, region)) {
            return Err(format!("leads to {host}, which is no host of S3"));
        }
        Ok(Address {
            authority: authority.to_owned(),
            path: path.to_owned(),
            to: Destination {
                host: host.to_owned(),
                port,
                in_clear: scheme != "https",
            },
        })
    }
}

/// Whether a host is one of S3's own, in the partition of a Region. A bucket's name may stand before it.
///
/// Source: [endpoints of S3](https://docs.aws.amazon.com/general/latest/gr/s3.html).
fn is_of_s3(host: &str, region: &str) -> bool {
    let suffix = url_suffix(partition_of(region));
    let own = suffix.and_then(|it| host.strip_suffix(it)?.strip_suffix('.'));
    let labels: Vec<&str> = own.unwrap_or_default().split('.').collect();
    let is_region = |it: &str| unknown_region(it).is_none() || it == region;
    match labels.as_slice() {
        [.., "s3" | FIPS, "dualstack", named] | [.., "s3" | FIPS, named] if is_region(named) => {
            true
        }
        [.., "s3"] => true,
        // Hosts of older Regions, such as `s3-eu-west-1`.
        [.., last] => last.strip_prefix("s3-").is_some_and(is_region),
        [] => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGION: &str = "eu-west-1";

    #[test]
    fn every_form_of_an_endpoint_of_s3_is_asked() {
        for host in [
            "bucket.s3.eu-west-1.amazonaws.com",
            "bucket.with.dots.s3.eu-west-1.amazonaws.com",
            "s3.eu-west-1.amazonaws.com",
            "s3.amazonaws.com",
            "bucket.s3.amazonaws.com",
            "bucket.s3-eu-west-1.amazonaws.com",
            "bucket.s3.dualstack.eu-west-1.amazonaws.com",
            "bucket.s3-fips.us-east-1.amazonaws.com",
            "bucket.s3-fips.dualstack.us-east-1.amazonaws.com",
            "bucket.s3.eu-west-1.amazonaws.com:443",
        ] {
            let url = format!("https://{host}/key?X-Amz-Signature=0");
            let address = Address::of(&url, REGION, None).unwrap();
            assert_eq!(address.path, "/key?X-Amz-Signature=0", "{host}");
            assert_eq!((address.to.port, address.to.in_clear), (443, false));
        }
        let china = "https://bucket.s3.cn-north-1.amazonaws.com.cn/key";
        assert!(Address::of(china, "cn-north-1", None).is_ok());
        // A Region that is newer than what is known here: its own functions have it.
        let newer = "https://bucket.s3.mars-north-1.amazonaws.com/key";
        assert!(Address::of(newer, "mars-north-1", None).is_ok());
        assert!(Address::of(newer, REGION, None).is_err());
    }

    #[test]
    fn nothing_else_is() {
        for url in [
            "",
            "https://",
            "https://bucket.s3.eu-west-1.amazonaws.com",
            "http://bucket.s3.eu-west-1.amazonaws.com/key",
            "ftp://bucket.s3.eu-west-1.amazonaws.com/key",
            "file:///etc/passwd",
            "HTTPS://169.254.169.254/latest/meta-data",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/key",
            "https://localhost/key",
            "https://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
            "https://example.com/key",
            "https://s3.eu-west-1.amazonaws.com.example.com/key",
            "https://amazonaws.com/key",
            "https://xs3.eu-west-1.amazonaws.com/key",
            "https://s3xamazonaws.com/key",
            "https://bucket.s3-website-eu-west-1.amazonaws.com/key",
            "https://bucket.s3-website.eu-west-1.amazonaws.com/key",
            "https://x.lambda-url.eu-west-1.amazonaws.com/key",
            "https://x.execute-api.eu-west-1.amazonaws.com/key",
            "https://ec2.eu-west-1.amazonaws.com/key",
            "https://a-123.s3-accesspoint.eu-west-1.amazonaws.com/key",
            "https://user@bucket.s3.eu-west-1.amazonaws.com/key",
            "https://example.com@bucket.s3.eu-west-1.amazonaws.com/key",
            "https://bucket.s3.eu-west-1.amazonaws.com:8443/key",
            "https://bucket.s3.eu-west-1.amazonaws.com:x/key",
            "https://example.com\\.s3.eu-west-1.amazonaws.com/key",
            "https://example.com#.s3.eu-west-1.amazonaws.com/key",
            "https://example.com?.s3.eu-west-1.amazonaws.com/key",
            "https://bucket.s3.eu-west-1.amazonaws.com/a b",
            "https://bucket.s3.eu-west-1.amazonaws.com/a\r\nHost: example.com",
            "https://bucket.s3.cn-north-1.amazonaws.com.cn/key",
        ] {
            let refused = Address::of(url, REGION, None);
            assert!(refused.is_err(), "{url}: {refused:?}");
        }
        let long = format!("https://s3.amazonaws.com/{}", "a".repeat(LONGEST));
        assert!(Address::of(&long, REGION, None).is_err());
    }

    #[test]
    fn an_endpoint_stands_in_for_s3_and_for_nothing_else() {
        let endpoint = Some("http://127.0.0.1:4566");
        let address =
            Address::of("http://127.0.0.1:4566/bucket/key?x=1", REGION, endpoint).unwrap();
        assert_eq!(address.to.port, 4566);
        assert!(address.to.in_clear);
        for url in [
            "http://127.0.0.1:45660/bucket/key",
            "http://127.0.0.1:4566@example.com/key",
            "http://127.0.0.1:4566.example.com/key",
            "http://example.com/http://127.0.0.1:4566/",
        ] {
            assert!(Address::of(url, REGION, endpoint).is_err(), "{url}");
        }
    }
}
