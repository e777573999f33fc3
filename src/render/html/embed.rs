//! Texts from the account within a page: as a text of the page, and as the data of its script.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, Formatter};
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

/// Writes a value as compact JSON that can stand in a `script` element, while it is made: nothing in it ends the element or
/// begins a comment. What draws nothing is written out in its texts, as it is wherever people read them.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write_data<T: Serialize>(value: &T, out: impl io::Write) -> io::Result<()> {
    let mut writer = Serializer::with_formatter(out, Embedded);
    value.serialize(&mut writer).map_err(io::Error::from)
}

/// Compact JSON whose texts have no markup.
struct Embedded;

impl Formatter for Embedded {
    fn write_string_fragment<W>(&mut self, out: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let mut from = 0;
        for (at, letter) in fragment.char_indices() {
            let is_markup = matches!(letter, '<' | '>' | '&');
            if !is_markup && !is_hidden(letter) {
                continue;
            }
            out.write_all(fragment.get(from..at).unwrap_or_default().as_bytes())?;
            from = at + letter.len_utf8();
            match is_markup {
                true => write!(out, "\\u{:04x}", u32::from(letter))?,
                false => write_out(letter, out)?,
            }
        }
        out.write_all(fragment.get(from..).unwrap_or_default().as_bytes())
    }

    fn write_char_escape<W>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()>
    where
        W: ?Sized + io::Write,
    {
        let control = match escape {
            CharEscape::Quote => return out.write_all(b"\\\""),
            CharEscape::ReverseSolidus => return out.write_all(b"\\\\"),
            CharEscape::Solidus => return out.write_all(b"/"),
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        };
        write_out(control, out)
    }
}

/// A character by its number, in a text of JSON.
fn write_out<W: ?Sized + io::Write>(letter: char, out: &mut W) -> io::Result<()> {
    write!(out, "\\{}", letter.escape_unicode())
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
        let mut written = Vec::new();
        write_data(&hostile, &mut written).unwrap();
        let written = String::from_utf8(written).unwrap();
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
