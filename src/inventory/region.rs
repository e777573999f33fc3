//! Names of Regions.

use super::partition::partition_of;

/// Checks a Region's name, such as `eu-west-1` or `us-gov-east-1`, for its form. Which Regions there are
/// is not known here: AWS adds new ones.
///
/// # Errors
/// For a text that no Region can be called by, with what they look like.
pub fn region_name(text: &str) -> Result<String, String> {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    let sound = match parts.as_slice() {
        [words @ .., number] => {
            words.len() >= 2
                && words.iter().all(word)
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        [] => false,
    };
    if sound {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "`{text}` is no Region's name: they look like eu-west-1"
        ))
    }
}

/// The Regions that there were when this version was made, in order. Others may have come since: a name
/// that is missing here is suspicious, not wrong.
///
/// Source: botocore's endpoint data, version 1.43, all partitions.
pub const KNOWN_REGIONS: [&str; 46] = [
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-isoe-west-1",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "eusc-de-east-1",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-gov-west-1",
    "us-iso-east-1",
    "us-iso-west-1",
    "us-isob-east-1",
    "us-isob-west-1",
    "us-isof-east-1",
    "us-isof-south-1",
    "us-west-1",
    "us-west-2",
];

/// What to say of a Region that is not among [`KNOWN_REGIONS`], with the nearest that is. `None`: it is.
///
/// ```
/// use gatewatch::inventory::unknown_region;
///
/// assert_eq!(unknown_region("eu-west-1"), None);
/// assert_eq!(
///     unknown_region("eu-wets-1").unwrap(),
///     "no Region eu-wets-1 is known here, eu-west-1 is: is it mistyped?",
/// );
/// ```
pub fn unknown_region(name: &str) -> Option<String> {
    if KNOWN_REGIONS.binary_search(&name).is_ok() {
        return None;
    }
    let near = KNOWN_REGIONS
        .into_iter()
        .map(|known| (strsim::osa_distance(known, name), known))
        .min()
        .filter(|(distance, _)| *distance <= 2);
    let hint = near.map_or(String::new(), |(_, known)| format!(", {known} is"));
    Some(format!(
        "no Region {name} is known here{hint}: is it mistyped?"
    ))
}

/// The Regions of the partition `aws` that an account need not enable: it has them from its beginning.
///
/// Source: [Regions](https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html).
const BY_DEFAULT: [&str; 17] = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// The Regions that every account of a partition has, in order. Only in `aws` are there others, which an
/// account enables. Of a partition that is not known here, none are.
pub fn regions_by_default(partition: &str) -> Vec<String> {
    let has = |region: &&str| {
        partition_of(region) == partition && (partition != "aws" || BY_DEFAULT.contains(region))
    };
    let regions = KNOWN_REGIONS.into_iter().filter(has);
    regions.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_regions_are_in_order_and_look_like_regions() {
        assert!(KNOWN_REGIONS.is_sorted());
        assert!(KNOWN_REGIONS.iter().all(|name| region_name(name).is_ok()));
    }

    #[test]
    fn only_what_looks_like_a_region_passes() {
        for name in [
            "eu-west-1",
            "us-gov-east-1",
            "ap-southeast-7",
            "cn-northwest-1",
        ] {
            assert!(region_name(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "eu-west",
            "eu_west_1",
            "west-1",
            "EU-WEST-1",
            "eu-west-1a",
            "eu--1",
            "x/y-a-1",
        ] {
            assert!(region_name(name).is_err(), "{name}");
        }
    }

    #[test]
    fn each_partition_has_regions_of_its_own() {
        assert_eq!(regions_by_default("aws").len(), BY_DEFAULT.len());
        let china = ["cn-north-1", "cn-northwest-1"];
        assert_eq!(regions_by_default("aws-cn"), china);
        let government = ["us-gov-east-1", "us-gov-west-1"];
        assert_eq!(regions_by_default("aws-us-gov"), government);
        assert!(regions_by_default("aws-moon").is_empty());
        assert_eq!(regions_by_default("aws-eusc"), ["eusc-de-east-1"]);
        let commercial = KNOWN_REGIONS.iter();
        let commercial = commercial.filter(|it| partition_of(it) == "aws");
        assert_eq!(commercial.count() - BY_DEFAULT.len(), 17);
    }
}
