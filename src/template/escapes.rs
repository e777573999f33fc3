//! Letters that are written by their numbers, as JSON and YAML allow in any text.

use std::borrow::Cow;

/// A text with its escaped letters, digits and signs of names written out, so that words can be looked for in it. What could
/// end a quoted text stays as it is, and so does what is no escape.
///
/// Sources: [JSON](https://www.rfc-editor.org/rfc/rfc8259#section-7), [YAML](https://yaml.org/spec/1.2.2/#57-escaped-characters).
pub(super) fn written_out(text: &str) -> Cow<'_, str> {
    let mut written = String::new();
    // Up to here, all of it is in `written`.
    let mut done = 0;
    let mut at = 0;
    while let Some(found) = text.get(at..).and_then(|it| it.find('\\')) {
        let begin = at + found;
        let rest = text.get(begin + 1..).unwrap_or_default();
        match escaped(rest) {
            Some((letter, length)) => {
                written.push_str(text.get(done..begin).unwrap_or_default());
                written.extend(letter);
                at = begin + 1 + length;
                done = at;
            }
            // The letter behind it belongs to it: another `\\` begins nothing.
            None => at = begin + 1 + rest.chars().next().map_or(0, char::len_utf8),
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    written.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(written)
}

/// The letter that follows a `\\`, and how many bytes it takes. Of a line that goes on in the next one, no letter is left.
fn escaped(rest: &str) -> Option<(Option<char>, usize)> {
    let digits = match rest.chars().next()? {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        '\r' | '\n' => return Some((None, rest.len() - rest.trim_start().len())),
        _ => return None,
    };
    let number = rest.get(1..=digits)?;
    let letter = char::from_u32(u32::from_str_radix(number, 16).ok()?)?;
    let is_of_name =
        letter.is_ascii_alphanumeric() || matches!(letter, ':' | '_' | '-' | '$' | '.' | '/' | '@');
    is_of_name.then_some((Some(letter), digits + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_out_and_nothing_else() {
        for (text, wanted) in [
            (r#"{"\u0052esources": 1}"#, r#"{"Resources": 1}"#),
            (r#""AWS\u003A\u003aX""#, r#""AWS::X""#),
            (r#""\x52esources\U00000041""#, r#""ResourcesA""#),
            ("\"Res\\\n   ources\"", "\"Resources\""),
            (r#""\\u0052""#, r#""\\u0052""#),
            (r#""\u0022\u005c\u00e9""#, r#""\u0022\u005c\u00e9""#),
            (r"\", r"\"),
            (r"\u00", r"\u00"),
            (r"\é\u0041", r"\éA"),
            ("", ""),
        ] {
            assert_eq!(written_out(text), wanted, "{text}");
        }
        assert!(matches!(written_out("a\\\"b"), Cow::Borrowed(_)));
    }
}
