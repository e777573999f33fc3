//! Lines of CSV (RFC 4180), safe to open in a spreadsheet.

use super::plain;

/// The cells as a line, with its end. Each is quoted where it must be, with what is not seen written out. What a
/// spreadsheet would take for a formula is made a text ([CSV injection](https://owasp.org/www-community/attacks/CSV_Injection)).
pub(super) fn row<'c>(cells: impl IntoIterator<Item = &'c str>) -> String {
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    // A tab or a line break, which begins a formula too, is written out.
    let text = plain(text);
    let formula = text.starts_with(['=', '+', '-', '@']);
    let text = if formula { format!("'{text}") } else { text };
    if text.contains(['"', ',']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{cell, row};

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        assert_eq!(cell("GET /pets"), "GET /pets");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("\t=1+1\r\n"), "\\u{9}=1+1\\u{d}\\u{a}");
        assert_eq!(cell("a\u{3164}"), "a\\u{3164}");
        assert_eq!(row(["a", "", "b,c"]), "a,,\"b,c\"\r\n");
    }
}
