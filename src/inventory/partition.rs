//! The partitions of AWS: how their Regions are called, and below which domain their services answer.

/// A partition.
struct Partition {
    /// As ARNs name it.
    name: &'static str,
    /// What the names of its Regions begin with. Those of the partition `aws` have nothing in common.
    prefix: &'static str,
    /// What the hosts of its services end with, and `AWS::URLSuffix` in a template.
    suffix: &'static str,
}

const fn partition(name: &'static str, prefix: &'static str, suffix: &'static str) -> Partition {
    Partition {
        name,
        prefix,
        suffix,
    }
}

/// The partition of every Region that no other one claims.
const COMMERCIAL: Partition = partition("aws", "", "amazonaws.com");

/// The others that there were when this version was made.
///
/// Source: botocore's `partitions.json`, version 1.43.
const OTHERS: [Partition; 7] = [
    partition("aws-cn", "cn-", "amazonaws.com.cn"),
    partition("aws-us-gov", "us-gov-", "amazonaws.com"),
    partition("aws-eusc", "eusc-", "amazonaws.eu"),
    partition("aws-iso", "us-iso-", "c2s.ic.gov"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov"),
    partition("aws-iso-e", "eu-isoe-", "cloud.adc-e.uk"),
    partition("aws-iso-f", "us-isof-", "csp.hci.ic.gov"),
];

/// The name of the partition that a Region lies in.
///
/// ```
/// use gatewatch::inventory::partition_of;
///
/// assert_eq!(partition_of("eu-west-1"), "aws");
/// assert_eq!(partition_of("eusc-de-east-1"), "aws-eusc");
/// ```
pub fn partition_of(region: &str) -> &'static str {
    let mut others = OTHERS.iter();
    let other = others.find(|it| region.starts_with(it.prefix));
    other.unwrap_or(&COMMERCIAL).name
}

/// The domain below which the services of a partition answer, such as `amazonaws.com`. `None`: the partition is not
/// known here, and a host that is made up could be somebody else's.
///
/// ```
/// use gatewatch::inventory::url_suffix;
///
/// assert_eq!(url_suffix("aws-eusc"), Some("amazonaws.eu"));
/// assert_eq!(url_suffix("aws-moon"), None);
/// ```
pub fn url_suffix(partition: &str) -> Option<&'static str> {
    let mut all = OTHERS.iter().chain([&COMMERCIAL]);
    all.find(|it| it.name == partition).map(|it| it.suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_partition_has_regions_and_hosts_of_its_own() {
        for (region, partition, suffix) in [
            ("us-east-1", "aws", "amazonaws.com"),
            ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
            ("cn-northwest-1", "aws-cn", "amazonaws.com.cn"),
            ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
            ("us-iso-east-1", "aws-iso", "c2s.ic.gov"),
            ("us-isob-east-1", "aws-iso-b", "sc2s.sgov.gov"),
            ("eu-isoe-west-1", "aws-iso-e", "cloud.adc-e.uk"),
            ("us-isof-south-1", "aws-iso-f", "csp.hci.ic.gov"),
        ] {
            assert_eq!(partition_of(region), partition);
            assert_eq!(url_suffix(partition), Some(suffix));
        }
        assert_eq!(url_suffix("aws-moon"), None);
    }
}
