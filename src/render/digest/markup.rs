//! Texts that no chat application reads as markup, a link or a mention.

use super::cut::cut;
use crate::render::{inert, plain};

/// A text that holds names from the account, as code: no platform reads markdown or links in it. What
/// would end the code, or mention somebody, becomes a letter that looks like it.
pub(super) fn code(text: &str, most: usize) -> String {
    let shown: String = cut(&plain(text), most).chars().map(harmless).collect();
    if shown.is_empty() {
        shown
    } else {
        format!("`{shown}`")
    }
}

/// A sentence that may hold names from the account: neither markdown, nor a link, nor a mention.
///
/// Look-alikes rather than escapes, as each platform has its own: Slack knows no backslash, Teams no
/// entities within code.
pub(super) fn words(text: &str, most: usize) -> String {
    let text = cut(&inert(text), most);
    let mut words = String::with_capacity(text.len());
    let mut before = ' ';
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let after = letters.peek().copied().unwrap_or(' ');
        // As in AWS_IAM, where it is no markdown.
        let within = before.is_alphanumeric() && after.is_alphanumeric();
        words.push(match letter {
            '*' => '∗',
            '~' => '∼',
            '[' => '［',
            ']' => '］',
            '_' if !within => 'ˍ',
            other => harmless(other),
        });
        before = letter;
    }
    words
}

fn harmless(letter: char) -> char {
    match letter {
        '`' => 'ˋ',
        '<' => '‹',
        '>' => '›',
        '@' => '＠',
        other => other,
    }
}
