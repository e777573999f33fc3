//! Access as CSV (RFC 4180): one line a method and caller.

use super::AccessReport;
use crate::audit::access::{Holder, HolderKind};
use crate::render::plain;

/// The answers as CSV, with a header.
pub fn access_csv(report: &AccessReport<'_>) -> String {
    let mut text = String::from(
        "region,api_id,api_name,stage,method,principal_kind,principal,verdict,conditional,admitted_only\r\n",
    );
    for row in &report.rows {
        let method = row.method;
        for caller in &row.callers {
            let cells = [
                method.api.region.as_str(),
                &method.api.id,
                &method.api.name,
                &method.stage.name,
                &method.name(),
                caller.holder.kind.as_str(),
                principal(caller.holder),
                caller.cell.verdict.as_str(),
                truth(caller.cell.conditional),
                truth(caller.holder.kind.is_outside()),
            ];
            text.push_str(&cells.map(cell).join(","));
            text.push_str("\r\n");
        }
    }
    text
}

fn truth(is_so: bool) -> &'static str {
    if is_so { "true" } else { "false" }
}

/// A name or an id; of one principal of another account its ARN, as the account may have a line of its own.
fn principal(holder: &Holder) -> &str {
    let is_one = holder.kind == HolderKind::Account && !holder.arn.ends_with(":root");
    if is_one { &holder.arn } else { &holder.name }
}

/// A cell, quoted where it must be, with what is not seen written out. What a spreadsheet would take for a formula is
/// made a text ([CSV injection](https://owasp.org/www-community/attacks/CSV_Injection)).
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
    use super::cell;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        assert_eq!(cell("GET /pets"), "GET /pets");
        assert_eq!(cell("a,\"b\""), "\"a,\"\"b\"\"\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("\t=1+1\r\n"), "\\u{9}=1+1\\u{d}\\u{a}");
        assert_eq!(cell("a\u{3164}"), "a\\u{3164}");
    }
}
