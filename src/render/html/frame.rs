//! The page itself: the frame, its style and its script, which stand in files of their own.

use std::io;

use super::embed::csp_hash;
use super::head::Head;

/// The frame. Its places are named as `{{name}}`.
const FRAME: &str = include_str!("page/page.html");

const STYLE: &str = concat!(
    include_str!("page/base.css"),
    include_str!("page/findings.css"),
    include_str!("page/access.css"),
    include_str!("page/print.css"),
);

/// The script: what is used stands before what uses it, and the last file begins.
const SCRIPT: &str = concat!(
    "(() => {\n\"use strict\";\n",
    include_str!("page/dom.js"),
    include_str!("page/model.js"),
    include_str!("page/coverage.js"),
    include_str!("page/exposure.js"),
    include_str!("page/trend.js"),
    include_str!("page/shares.js"),
    include_str!("page/detail.js"),
    include_str!("page/list.js"),
    include_str!("page/filters.js"),
    include_str!("page/access.js"),
    include_str!("page/exemptions.js"),
    include_str!("page/judged.js"),
    include_str!("page/print.js"),
    include_str!("page/main.js"),
    "})();\n",
);

/// Writes the page with what its head says, and with its data, which are written as they can stand in a `script` element.
///
/// # Errors
/// Where it cannot be written.
pub(super) fn write<W: io::Write>(
    head: &Head,
    data: impl Fn(&mut W) -> io::Result<()>,
    mut out: W,
) -> io::Result<()> {
    let policy = policy();
    // What is put in is not looked at again: it may hold anything.
    let mut rest = FRAME;
    while let Some((before, (name, after))) = next_place(rest) {
        out.write_all(before.as_bytes())?;
        rest = after;
        let put_in = match name {
            "policy" => &policy,
            "title" => &head.title,
            "subject" => &head.subject,
            "status" => head.status,
            "outcome" => &head.outcome,
            "meaning" => &head.meaning,
            "read" => &head.read,
            "version" => env!("CARGO_PKG_VERSION"),
            "style" => STYLE,
            "data" => {
                data(&mut out)?;
                continue;
            }
            "script" => SCRIPT,
            _ => "",
        };
        out.write_all(put_in.as_bytes())?;
    }
    out.write_all(rest.as_bytes())
}

/// The text before the next place, the place's name, and what comes after it.
fn next_place(text: &str) -> Option<(&str, (&str, &str))> {
    let (before, rest) = text.split_once("{{")?;
    Some((before, rest.split_once("}}")?))
}

/// What the page may do: run this script, use this style, and ask nothing of anybody. No script can make markup of a text.
fn policy() -> String {
    let (script, style) = (csp_hash(SCRIPT), csp_hash(STYLE));
    format!(
        "default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; \
         form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn every_place_of_the_frame_is_filled_and_none_that_is_put_in() {
        let text = |it: &str| it.to_owned();
        let head = Head {
            title: text("{{data}}"),
            subject: text("{{script}}"),
            status: "clean",
            outcome: text("o"),
            meaning: text("m"),
            read: text("r"),
        };
        let mut page = Vec::new();
        let data = |out: &mut &mut Vec<u8>| out.write_all(b"{\"a\": 1}");
        write(&head, data, &mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        assert_eq!(page.matches("{\"a\": 1}").count(), 1);
        assert_eq!(page.matches(SCRIPT).count(), 1);
        assert!(page.contains("<title>{{data}}</title>"), "{page}");
    }

    /// An element of a page ends at the first text that looks like its end.
    #[test]
    fn script_and_style_do_not_end_their_elements() {
        assert!(!SCRIPT.contains("</script") && !SCRIPT.contains("<!--"));
        assert!(!STYLE.contains("</style"));
    }
}
