//! Names from the account as a reader can see them: what draws nothing, or moves what is drawn, is written out.

use std::fmt::Write as _;

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
    for letter in json.chars() {
        if letter.is_ascii() && letter != '\u{7f}' || !is_hidden(letter) {
            plain.push(letter);
            continue;
        }
        for unit in letter.encode_utf16(&mut [0; 2]) {
            // Writing into a String cannot fail.
            let _ = write!(plain, "\\u{unit:04x}");
        }
    }
    plain
}

/// Whether nothing is seen of a character, or it changes how others are seen: control characters (C0 and C1), those that
/// Unicode calls *default ignorable* (zero width, bidirectional controls, variation selectors, tags, Hangul fillers),
/// the line and paragraph separators, annotations, and the empty Braille pattern, which is no space and looks like one.
///
/// Source: [DerivedCoreProperties](https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt),
/// `Default_Ignorable_Code_Point`.
fn is_hidden(letter: char) -> bool {
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
        }
    }
}
