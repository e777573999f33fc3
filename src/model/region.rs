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

#[cfg(test)]
mod tests {
    use super::*;

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
