//! A report as annotations of GitHub Actions: commands that the runner reads from the output of a step.
//!
//! Source: [workflow commands](https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).

use std::io;

use super::Judged;
use super::remark::{Remark, remarks};
use crate::audit::Status;
use crate::audit::finding::Severity;
use crate::render::plain;

/// Writes an annotation for each thing that could not be read and each finding, the worst first, as GitHub shows ten of each
/// kind in a step. What is exempted, or known from a
/// baseline, has none. The last line says what the report came to.
///
/// # Errors
/// Where it cannot be written.
pub fn write_github(judged: &Judged<'_>, out: &mut impl io::Write) -> io::Result<()> {
    for remark in remarks(judged) {
        if remark.allowed().is_none() && !remark.is_known() {
            writeln!(out, "{}", annotation(&remark))?;
        }
    }
    let command = match judged.status() {
        Status::Incomplete => "error",
        _ => "notice",
    };
    writeln!(
        out,
        "::{command} title=gatewatch::{}",
        data(&judged.in_words())
    )?;
    out.flush()
}

fn annotation(remark: &Remark<'_>) -> String {
    let command = match remark.severity() {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "notice",
    };
    let mut properties = Vec::new();
    if remark.location().is_some() {
        let (line, column) = remark.line_and_column();
        properties.push(format!("file={}", property(&remark.path())));
        properties.push(format!("line={line},col={column}"));
    }
    let title = format!("{} {}", remark.rule(), remark.severity());
    properties.push(format!("title={}", property(&title)));
    let says = data(&remark.in_words());
    format!("::{command} {}::{says}", properties.join(","))
}

/// A message. The runner ends a command at a line break, and reads `%25` as `%`.
fn data(text: &str) -> String {
    plain(text).replace('%', "%25")
}

/// A value of a property, which a `:` or a `,` would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn a_name_never_becomes_a_command() {
        let hostile = "a\n::error::b\r%0A,title=c";
        assert_eq!(data(hostile), "a\\u{a}::error::b\\u{d}%250A,title=c");
        assert_eq!(
            property(hostile),
            "a\\u{a}%3A%3Aerror%3A%3Ab\\u{d}%250A%2Ctitle=c"
        );
    }
}
