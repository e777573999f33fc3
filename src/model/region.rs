//! Names of Regions.

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
}
