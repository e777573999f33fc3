//! Names from the account as a reader can see them: what draws nothing, or moves what is drawn, is written out.

use std::fmt::Write as _;
use std::io;

/// A text from the account, fit for a terminal, an e-mail or a chat: control characters (line breaks and escape
/// sequences among them), characters that are not seen, and those that reorder a line are written out.
pub fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if is_hidden(letter) {
            plain.extend(letter.escape_unicode());
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// The same, for a reader whose application makes links of what looks like one: nobody should be led away by the name of an
/// API. Look-alikes take the place of what makes the link.
pub(super) fn inert(text: &str) -> String {
    let text = plain(text).replace("://", ":∕∕");
    let lower = text.to_ascii_lowercase();
    let mut inert = String::with_capacity(text.len());
    let mut from = 0;
    // Without a scheme, too.
    for (at, www) in lower.match_indices("www.") {
        let dot = at + www.len() - 1;
        inert.push_str(text.get(from..dot).unwrap_or_default());
        inert.push('․');
        from = dot + 1;
    }
    inert + text.get(from..).unwrap_or_default()
}

/// The same JSON with such characters written as JSON escapes: its values stay as they are, and a reader sees them.
///
/// JSON has none of them but within texts, and its line breaks are its own.
pub(super) fn plain_json(json: &str) -> String {
    let mut plain = String::with_capacity(json.len());
    let mut from = 0;
    for (at, letter) in json.char_indices() {
        if letter.is_ascii() && letter != '\u{7f}' || !is_hidden(letter) {
            continue;
        }
        plain.push_str(json.get(from..at).unwrap_or_default());
        from = at + letter.len_utf8();
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing into a String cannot fail.
            let _ = write!(plain, "\\u{unit:04x}");
        }
    }
    plain.push_str(json.get(from..).unwrap_or_default());
    plain
}

/// A writer of JSON that does this to what passes through.
pub(super) struct PlainJson<W> {
    out: W,
    /// What was not passed on yet. It may end within a character.
    held: Vec<u8>,
}

/// So much is passed on at once.
const AT_ONCE: usize = 64 * 1024;

impl<W: io::Write> PlainJson<W> {
    pub(super) fn new(out: W) -> Self {
        PlainJson {
            out,
            held: Vec::with_capacity(AT_ONCE),
        }
    }

    /// Passes on all whole characters.
    fn pass_on(&mut self) -> io::Result<()> {
        // Most texts have nothing else, and stay as they are.
        if self.held.iter().all(|it| *it < 0x7f) {
            self.out.write_all(&self.held)?;
            self.held.clear();
            return Ok(());
        }
        let whole = match std::str::from_utf8(&self.held) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let rest = self.held.split_off(whole);
        let text = String::from_utf8(std::mem::take(&mut self.held));
        self.held.reserve_exact(AT_ONCE);
        self.held.extend_from_slice(&rest);
        let text = text.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.out.write_all(plain_json(&text).as_bytes())
    }
}

impl<W: io::Write> io::Write for PlainJson<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= AT_ONCE {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    /// JSON is written in very many small pieces.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).map(|_| ())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pass_on()?;
        self.out.flush()
    }
}

/// Whether nothing is seen of a character, or it changes how others are seen: control characters (C0 and C1), those that
/// Unicode calls *default ignorable* (zero width, bidirectional controls, variation selectors, tags, Hangul fillers),
/// the line and paragraph separators, annotations, and the empty Braille pattern, which is no space and looks like one.
///
/// Source: [DerivedCoreProperties](https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt),
/// `Default_Ignorable_Code_Point`.
pub(super) fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{17b4}'..='\u{17b5}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{2800}'
                | '\u{3164}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{ffa0}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_cannot_draw_on_the_terminal() {
        assert_eq!(plain("\u{1b}[2Jclean\n"), "\\u{1b}[2Jclean\\u{a}");
        assert_eq!(plain("Pet \u{202e}erotS"), "Pet \\u{202e}erotS");
        assert_eq!(plain("Zoö"), "Zoö");
    }

    #[test]
    fn a_name_is_no_link() {
        assert_eq!(inert("Pets http://a.example/b"), "Pets http:∕∕a.example/b");
        assert_eq!(inert("see WWW.a.example, www."), "see WWW․a.example, www․");
        assert_eq!(inert("ws wwwx Zoö\u{200b}"), "ws wwwx Zoö\\u{200b}");
    }

    #[test]
    fn json_stays_what_it_says() {
        let value = serde_json::json!({"a\u{3164}": ["\u{e0100}\u{7f}\u{85}", "Zoö 🐕", "\n\""]});
        for json in [
            value.to_string(),
            serde_json::to_string_pretty(&value).unwrap(),
        ] {
            let plain = plain_json(&json);
            assert!(
                !plain.contains(|it: char| it != '\n' && is_hidden(it)),
                "{plain}"
            );
            assert!(plain.contains("Zoö 🐕"), "{plain}");
            assert!(plain.contains("\\udb40\\udd00\\u007f\\u0085"), "{plain}");
            let read: serde_json::Value = serde_json::from_str(&plain).unwrap();
            assert_eq!(read, value);
            // Written byte by byte, it is the same.
            let mut written = Vec::new();
            let mut out = PlainJson::new(&mut written);
            for byte in json.bytes() {
                io::Write::write_all(&mut out, &[byte]).unwrap();
                io::Write::flush(&mut out).unwrap();
            }
            assert_eq!(String::from_utf8(written).unwrap(), plain);
        }
    }
}
