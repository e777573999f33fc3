//! Texts from the account within a page: as a text of the page, and as the data of its script.

use sha2::{Digest as _, Sha256};

use crate::render::plain;
use crate::render::plain::is_hidden;

/// A text as HTML: nothing in it is taken for markup, and what draws nothing is [written out](plain).
pub(super) fn text(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(letter),
        }
    }
    html
}

/// Compact JSON as it can stand in a `script` element: nothing in it ends the element or begins a comment. What draws
/// nothing is written out in its texts, as it is wherever people read them.
pub(super) fn data(json: &str) -> String {
    let mut data = String::with_capacity(json.len());
    let mut letters = json.chars();
    while let Some(letter) = letters.next() {
        match letter {
            // Only texts have these.
            '<' => data.push_str("\\u003c"),
            '>' => data.push_str("\\u003e"),
            '&' => data.push_str("\\u0026"),
            '\\' => escape(&mut letters, &mut data),
            _ if is_hidden(letter) => write_out(letter, &mut data),
            _ => data.push(letter),
        }
    }
    data
}

/// The rest of an escape of JSON's, whose backslash was read.
fn escape(letters: &mut std::str::Chars<'_>, data: &mut String) {
    let Some(kind) = letters.next() else { return };
    let control = match kind {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        // Nothing but a control character is written so.
        'u' => {
            let digits: String = letters.by_ref().take(4).collect();
            let code = u32::from_str_radix(&digits, 16).ok();
            code.and_then(char::from_u32).unwrap_or('\u{fffd}')
        }
        _ => {
            data.extend(['\\', kind]);
            return;
        }
    };
    write_out(control, data);
}

/// A character by its number, in a text of JSON.
fn write_out(letter: char, data: &mut String) {
    data.push('\\');
    data.extend(letter.escape_unicode());
}

/// How a Content-Security-Policy names a script or a style: by the SHA-256 of its text.
pub(super) fn csp_hash(text: &str) -> String {
    format!("'sha256-{}'", base64(&Sha256::digest(text)))
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut bits = 0;
        for at in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0));
        }
        for at in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * at) & 63).unwrap_or(0);
            let letter = LETTERS.get(index).copied().unwrap_or(b'=');
            text.push(if at > chunk.len() { '=' } else { letter.into() });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn a_text_is_no_markup() {
        assert_eq!(
            text("<img src=x onerror='a'>\u{202e}&\"\n"),
            "&lt;img src=x onerror=&#39;a&#39;&gt;\\u{202e}&amp;&quot;\\u{a}"
        );
    }

    #[test]
    fn data_stays_in_its_element_and_says_what_the_texts_say() {
        let hostile = json!([
            "</script><!--<script>",
            "a\u{202e}b\u{3164}\n\u{1}\u{7f}",
            "\\\"&",
            "Zoö 🐕",
            "\\n"
        ]);
        let written = data(&hostile.to_string());
        assert!(!written.contains(['<', '>', '&']), "{written}");
        assert!(!written.chars().any(is_hidden), "{written}");
        let read: Value = serde_json::from_str(&written).unwrap();
        let expected: Vec<String> = hostile
            .as_array()
            .unwrap()
            .iter()
            .map(|it| plain(it.as_str().unwrap()))
            .collect();
        assert_eq!(read, json!(expected));
    }

    #[test]
    fn a_hash_is_the_one_that_browsers_make() {
        // `printf 'alert(1)' | openssl dgst -sha256 -binary | base64`
        assert_eq!(
            csp_hash("alert(1)"),
            "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='"
        );
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let coded = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        assert_eq!(texts.map(|it| base64(it.as_bytes())), coded);
    }
}
