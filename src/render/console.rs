//! Where something of an account is found in AWS's console.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::audit::finding::{Principal, PrincipalKind};
use crate::inventory::ApiKind;

/// What stands for itself in a part of a URL.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The host of the console. `None`: the partition's is not known, and one that is made up could be somebody else's.
fn host(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("console.aws.amazon.com"),
        "aws-cn" => Some("console.amazonaws.cn"),
        "aws-us-gov" => Some("console.amazonaws-us-gov.com"),
        "aws-eusc" => Some("console.amazonaws-eusc.eu"),
        _ => None,
    }
}

/// What a URL of the console for this Region begins with. `None`: no console is known, or the Region, which names the host,
/// is none.
fn in_region(partition: &str, region: &str) -> Option<String> {
    let host = host(partition)?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    let is_region = !region.is_empty() && region.chars().all(is_plain);
    is_region.then(|| format!("https://{region}.{host}"))
}

/// The page of an API. `None`: there is no console that is known, or the Region, which names its host, is none.
pub(in crate::render) fn api(
    partition: &str,
    region: &str,
    kind: ApiKind,
    id: &str,
) -> Option<String> {
    let begin = in_region(partition, region)?;
    let id = encoded(id);
    let page = match kind {
        ApiKind::Rest => format!("apis/{id}/resources?api={id}&region={region}"),
        ApiKind::Http | ApiKind::WebSocket => format!("api-detail?api={id}&region={region}"),
    };
    Some(format!("{begin}/apigateway/main/{page}"))
}

/// The page of an object of S3, from where whoever may read it opens it. `None`: as for an API.
///
/// ```
/// use gatewatch::render::object_page;
///
/// assert_eq!(
///     object_page("aws", "eu-west-1", "state", "reports/111122223333/latest.html").unwrap(),
///     "https://eu-west-1.console.aws.amazon.com/s3/object/state?region=eu-west-1&prefix=reports/111122223333/latest.html"
/// );
/// assert_eq!(object_page("aws-moon", "moon-1", "state", "a"), None);
/// ```
pub fn object_page(partition: &str, region: &str, bucket: &str, key: &str) -> Option<String> {
    let begin = in_region(partition, region)?;
    let key: Vec<String> = key.split('/').map(encoded).collect();
    let (bucket, key) = (encoded(bucket), key.join("/"));
    Some(format!(
        "{begin}/s3/object/{bucket}?region={region}&prefix={key}"
    ))
}

/// The page of a group, a user or a role. Whoever is of another account, or does not exist, has none.
pub(in crate::render) fn principal(partition: &str, principal: &Principal) -> Option<String> {
    principal.known_arn.as_ref()?;
    let list = match principal.kind {
        PrincipalKind::Group => "groups",
        PrincipalKind::User => "users",
        PrincipalKind::Role => "roles",
        PrincipalKind::Account | PrincipalKind::Organization => return None,
    };
    let (host, name) = (host(partition)?, encoded(&principal.name));
    Some(format!("https://{host}/iam/home#/{list}/details/{name}"))
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_those_of_the_partition_and_no_name_leaves_its_place() {
        assert_eq!(
            api("aws", "eu-west-1", ApiKind::Rest, "a1b2c3d4e5").unwrap(),
            "https://eu-west-1.console.aws.amazon.com/apigateway/main/apis/a1b2c3d4e5/resources?api=a1b2c3d4e5&region=eu-west-1"
        );
        assert_eq!(
            api("aws-cn", "cn-north-1", ApiKind::Http, "x/?#&\"").unwrap(),
            "https://cn-north-1.console.amazonaws.cn/apigateway/main/api-detail?api=x%2F%3F%23%26%22&region=cn-north-1"
        );
        // A Region of an inventory made by hand leads nowhere else.
        assert_eq!(api("aws", "evil.example/", ApiKind::Http, "a"), None);
        assert_eq!(api("aws-moon", "moon-1", ApiKind::Rest, "a"), None);
        for (partition, region, host) in [
            ("aws", "us-east-1", "console.aws.amazon.com"),
            ("aws-cn", "cn-north-1", "console.amazonaws.cn"),
            (
                "aws-us-gov",
                "us-gov-west-1",
                "console.amazonaws-us-gov.com",
            ),
            ("aws-eusc", "eusc-de-east-1", "console.amazonaws-eusc.eu"),
        ] {
            assert_eq!(
                object_page(partition, region, "b.c", "a prefix/+&x=1/latest.html").unwrap(),
                format!(
                    "https://{region}.{host}/s3/object/b.c?region={region}&prefix=a%20prefix/%2B%26x%3D1/latest.html"
                )
            );
        }
        assert_eq!(object_page("aws", "evil.example/", "b", "k"), None);
        let arn = "arn:aws:iam::111122223333:role/a b";
        let deploy = Principal {
            kind: PrincipalKind::Role,
            name: "a b".to_owned(),
            known_arn: Some(arn.to_owned()),
        };
        assert_eq!(
            principal("aws", &deploy).unwrap(),
            "https://console.aws.amazon.com/iam/home#/roles/details/a%20b"
        );
    }
}
