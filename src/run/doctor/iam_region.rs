//! Where IAM is at home.

/// The Region that IAM's events appear in. `None`: it is not known of this partition.
///
/// Source: [IAM endpoints](https://docs.aws.amazon.com/general/latest/gr/iam-service.html).
pub(super) fn iam_region(partition: &str) -> Option<&'static str> {
    match partition {
        "aws" => Some("us-east-1"),
        "aws-us-gov" => Some("us-gov-west-1"),
        "aws-cn" => Some("cn-north-1"),
        "aws-eusc" => Some("eusc-de-east-1"),
        _ => None,
    }
}
