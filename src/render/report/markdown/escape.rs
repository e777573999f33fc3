//! Texts from the account as Markdown that says what they say, and does nothing else.

use crate::render::{inert, plain};

/// A text from the account that stays the text that it is: no markup, no link, no mention of anybody, no reference to an
/// issue.
pub(in crate::render) fn text(says: &str) -> String {
    let mut out = String::new();
    for letter in inert(says).chars() {
        match letter {
            '@' => out.push('＠'),
            '#' => out.push('＃'),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '(' | ')' | '{' | '}' | '!' | '|' | '~' | '$' => {
                out.extend(['\\', letter]);
            }
            _ => out.push(letter),
        }
    }
    out
}

/// The same as an entry of a list.
pub(in crate::render) fn item(says: &str) -> String {
    format!("- {}\n", text(says))
}

/// The same between tags of HTML, in which Markdown is not read.
pub(super) fn html(says: &str) -> String {
    let says = inert(says).replace('&', "&amp;");
    let says = says.replace('<', "&lt;").replace('>', "&gt;");
    says.replace('@', "＠").replace('#', "＃")
}

/// A text from the account as code, between more backticks than it has in a row.
pub(super) fn code(says: &str) -> String {
    let says = plain(says);
    let ticks = "`".repeat(longest_run(&says) + 1);
    // A space keeps a backtick of the text apart from those around it.
    let pad = match says.starts_with('`') || says.ends_with('`') {
        true => " ",
        false => "",
    };
    format!("{ticks}{pad}{says}{pad}{ticks}")
}

/// The same within a table, whose cells end at a `|` even in code.
pub(super) fn in_table(code: &str) -> String {
    code.replace('|', "\\|")
}

/// How many backticks follow each other at most.
pub(super) fn longest_run(text: &str) -> usize {
    let runs = text.split(|it| it != '`').map(str::len);
    runs.max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_neither_markup_nor_link_nor_mention() {
        assert_eq!(
            text("a <b>*x*</b> | @team #12"),
            "a &lt;b&gt;\\*x\\*&lt;/b&gt; \\| ＠team ＃12"
        );
        assert_eq!(
            text("[x](http://a.example)"),
            "\\[x\\]\\(http:∕∕a.example\\)"
        );
        assert_eq!(html("</summary>&lt;@a"), "&lt;/summary&gt;&amp;lt;＠a");
    }

    #[test]
    fn code_ends_where_it_should() {
        assert_eq!(code("GET /pets"), "`GET /pets`");
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(code("a\nb"), "`a\\u{a}b`");
        assert_eq!(in_table(&code("a|b")), "`a\\|b`");
    }
}
