//! IAM's wildcards: `*` is any number of characters, `?` is exactly one, everything else is itself.
//!
//! `*` spans `/` and `:` too, as in IAM's resource ARNs
//! ([IAM user guide](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)).
//! A character is a Unicode scalar value, not a byte.

/// Whether `text` as a whole matches `pattern`. Case counts.
pub fn matches(pattern: &str, text: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    // One bit per position of the pattern: the states that the text read so far can be in.
    let mut states = closure(&pattern, vec![false; pattern.len() + 1], 0);
    for character in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (at, wanted) in pattern.iter().enumerate() {
            if !is_set(&states, at) {
                continue;
            }
            match wanted {
                '*' => next = closure(&pattern, next, at),
                wanted if *wanted == '?' || *wanted == character => {
                    next = closure(&pattern, next, at + 1);
                }
                _ => {}
            }
        }
        states = next;
    }
    is_set(&states, pattern.len())
}

/// [`matches`], whatever the case of ASCII letters: how IAM compares actions.
pub fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Sets position `at`, and every later one that a run of `*` reaches without a character.
fn closure(pattern: &[char], mut states: Vec<bool>, mut at: usize) -> Vec<bool> {
    loop {
        match states.get_mut(at) {
            Some(state) if !*state => *state = true,
            _ => return states,
        }
        if pattern.get(at) != Some(&'*') {
            return states;
        }
        at += 1;
    }
}

fn is_set(states: &[bool], at: usize) -> bool {
    states.get(at).copied().unwrap_or(false)
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
    fn a_long_run_of_stars_ends_at_once() {
        let pattern = "*a".repeat(2_000);
        assert!(!matches(&pattern, &"a".repeat(1_000)));
    }
}
