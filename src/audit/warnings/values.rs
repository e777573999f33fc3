//! What the keys of a `match` can be met by, and the nearest of it to what was written.

use std::collections::BTreeSet;

use crate::iam::pattern::matches;
use crate::policy_file::nearest;

/// Texts that patterns of one key are held against.
pub(super) struct Values<'a>(BTreeSet<&'a str>);

impl<'a> FromIterator<&'a str> for Values<'a> {
    fn from_iter<I: IntoIterator<Item = &'a str>>(texts: I) -> Self {
        Values(texts.into_iter().collect())
    }
}

impl Values<'_> {
    /// Whether some pattern meets some text.
    pub(super) fn meet(&self, patterns: &[String]) -> bool {
        patterns.is_empty() || patterns.iter().any(|it| self.meets(it))
    }

    pub(super) fn meets(&self, pattern: &str) -> bool {
        self.0.iter().any(|it| matches(pattern, it))
    }

    /// What to say after patterns that meet nothing: what was probably meant.
    pub(super) fn hint(&self, patterns: &[String]) -> String {
        let mut each = patterns.iter();
        each.find_map(|it| self.hint_of(it)).unwrap_or_default()
    }

    fn hint_of(&self, pattern: &str) -> Option<String> {
        if is_expression(pattern) {
            let glob = glob(pattern);
            let meant = if self.meets(&glob) {
                format!("; did you mean `{glob}`?")
            } else {
                String::new()
            };
            return Some(format!(
                "; patterns are no regular expressions, `*` stands for any number of characters{meant}"
            ));
        }
        let known: Vec<&str> = self.0.iter().copied().collect();
        nearest(pattern, &known).map(|it| format!("; did you mean `{it}`?"))
    }
}

/// Whether a pattern looks like a regular expression.
pub(super) fn is_expression(pattern: &str) -> bool {
    let begins = pattern.starts_with('^');
    let ends = pattern.len() > 1 && pattern.ends_with('$');
    let repeats = [".*", ".+", "]+", "]*", ")+", ")*", "\\"];
    let either = pattern.contains('|') && pattern.contains('(');
    begins || ends || either || repeats.iter().any(|it| pattern.contains(it))
}

/// What a simple regular expression would be as a pattern.
fn glob(expression: &str) -> String {
    let inner = expression.strip_prefix('^').unwrap_or(expression);
    let inner = inner.strip_suffix('$').unwrap_or(inner);
    let mut glob = inner.to_owned();
    for (from, to) in [
        (".*", "*"),
        (".+", "?*"),
        ("[^/]+", "*"),
        ("\\d+", "*"),
        ("\\", ""),
    ] {
        glob = glob.replace(from, to);
    }
    glob
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_regular_expression_is_told_from_a_pattern() {
        for text in [
            "/pets/.*",
            "^/pets",
            "/pets/.+",
            "/pets$",
            "/(a|b)/c",
            "/pets/[0-9]+",
            r"/v\d",
        ] {
            assert!(is_expression(text), "{text}");
        }
        for text in [
            "/pets/*",
            "/pets/{petId}",
            "$default",
            "$",
            "/v1.0/x",
            "/a+b",
            "/{proxy+}",
            "/{proxy+}/*",
            "pet.*",
        ] {
            assert_eq!(is_expression(text), text == "pet.*", "{text}");
        }
    }

    #[test]
    fn the_nearest_is_named() {
        let values: Values<'_> = ["/pets/{petId}", "/orders"].into_iter().collect();
        let hint = |text: &str| values.hint(&[text.to_owned()]);
        assert_eq!(hint("/order"), "; did you mean `/orders`?");
        assert!(hint("/pets/.*").ends_with("; did you mean `/pets/*`?"));
        assert!(hint("^/pets/.+$").ends_with("; did you mean `/pets/?*`?"));
        assert!(hint("/x/.*").ends_with("any number of characters"));
        assert_eq!(hint("/something/else"), "");
    }
}
