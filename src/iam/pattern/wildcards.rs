//! IAM's wildcards: `*` is any number of characters, `?` is exactly one, everything else is itself.
//!
//! A `*` spans `/` and `:` too, as in IAM's resource ARNs
//! ([IAM user guide](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)).
//! A character is a Unicode scalar value, not a byte.

use crate::iam::condition::variable::wildcards;
use crate::iam::pattern::tokens::all_match;

/// Whether `text` as a whole matches `pattern`. Case counts.
///
/// Takes no memory, and at most pattern times text steps.
///
/// ```
/// use gatewatch::iam::pattern::matches;
///
/// assert!(matches("/pets/*", "/pets/7/photos"));
/// assert!(!matches("/pets/?", "/pets/17"));
/// assert!(!matches("/pets", "/Pets"));
/// ```
pub fn matches(pattern: &str, text: &str) -> bool {
    let Some(wildcard) = pattern.find(['*', '?']) else {
        return pattern == text;
    };
    // Most texts differ in the letters before the first wildcard.
    let (letters, rest) = pattern.split_at(wildcard);
    let text = text.strip_prefix(letters);
    text.is_some_and(|text| all_match(wildcards(rest), text))
}

/// Whether a resource pattern matches an ARN, or a text that is none: each of the six parts by itself,
/// where a final `*` takes all parts that follow.
///
/// ```
/// use gatewatch::iam::pattern::matches_arn;
///
/// let request = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets";
/// assert!(matches_arn("arn:aws:execute-api:*:*:*/prod/GET/*", request));
/// assert!(matches_arn("arn:aws:execute-api:*", request));
/// // A `*` before the last part does not run across a colon.
/// assert!(!matches_arn("arn:*:111122223333:a1b2c3d4e5/prod/GET/pets", request));
/// ```
pub fn matches_arn(pattern: &str, text: &str) -> bool {
    let mut patterns = pattern.splitn(6, ':');
    let mut texts = text.splitn(6, ':');
    loop {
        match (patterns.next(), texts.next()) {
            (Some(pattern), Some(text)) if matches(pattern, text) => {}
            (Some(_), _) => return false,
            (None, Some(_)) => return pattern.ends_with('*'),
            (None, None) => return true,
        }
    }
}

/// Like `matches`, whatever the case of ASCII letters: how IAM compares actions.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    if !pattern.contains(['*', '?']) {
        return pattern.eq_ignore_ascii_case(text);
    }
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The plainest reading of the definition, exponential and obvious.
    fn plain(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some(('*', rest)), _) => (0..=text.len()).any(|skip| plain(rest, &text[skip..])),
            (Some(('?', rest)), Some((_, tail))) => plain(rest, tail),
            (Some((a, rest)), Some((b, tail))) => a == b && plain(rest, tail),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn matches_as_the_plain_reading_does(pattern in "[ab*?]{0,7}", text in "[abé]{0,7}") {
            let (p, t): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
            prop_assert_eq!(matches(&pattern, &text), plain(&p, &t));
        }
    }

    #[test]
    fn a_question_mark_is_one_character_not_one_byte() {
        assert!(matches("caf?", "café"));
        assert!(!matches("caf??", "café"));
    }

    #[test]
    fn actions_are_compared_whatever_their_case() {
        assert!(matches_ignoring_case(
            "execute-api:Invoke",
            "EXECUTE-API:invoke"
        ));
        assert!(matches_ignoring_case(
            "Execute-API:Inv*",
            "execute-api:invoke"
        ));
        assert!(!matches_ignoring_case(
            "execute-api:Invok",
            "execute-api:Invoke"
        ));
        // Nothing in an action is a variable.
        assert!(matches_ignoring_case("a:$b", "A:$B"));
    }

    #[test]
    fn a_long_run_of_stars_ends_at_once() {
        let pattern = "*a".repeat(2_000);
        assert!(!matches(&pattern, &"a".repeat(1_000)));
    }
}
