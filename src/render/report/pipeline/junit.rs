//! A report as JUnit's XML, which every build server reads.
//!
//! Source: the elements and attributes that [Jenkins](https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd)
//! and [GitLab](https://docs.gitlab.com/ci/testing/unit_test_reports/) know.

use std::fmt::Write as _;
use std::io;

use super::remark::{NOT_READ, Remark, What, remarks};
use super::{Judged, Subject};
use crate::audit::{Report, Status};
use crate::render::plain;

/// Writes a suite for each account or file. Each finding is a test that failed, each thing that could not be read one that ended
/// in an error, and what is exempted was skipped. One more test passes where everything was judged, and says what that was; it is
/// skipped where there was nothing to be judged.
///
/// # Errors
/// Where it cannot be written.
pub fn write_junit(judged: &Judged<'_>, out: &mut impl io::Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"gatewatch\">")?;
    for subject in &judged.0 {
        out.write_all(suite(subject).as_bytes())?;
    }
    writeln!(out, "</testsuites>")?;
    out.flush()
}

fn suite(subject: &Subject<'_>) -> String {
    let remarks = remarks(&Judged(vec![subject.clone()]));
    let whole = subject.result.ok().and_then(whole);
    let is = |wanted: Outcome| remarks.iter().filter(|it| outcome(it) == wanted).count();
    let is_whole_skipped = whole.as_ref().is_some_and(|(_, is_skipped)| *is_skipped);
    let tests = remarks.len() + usize::from(whole.is_some());
    let skipped = is(Outcome::Skipped) + usize::from(is_whole_skipped);
    let name = subject.result.map_or_else(
        |_| format!("account {}", subject.account),
        Report::subject_in_words,
    );
    let mut xml = format!(
        "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\" skipped=\"{skipped}\" time=\"0\">\n",
        escaped(&name),
        is(Outcome::Failed),
        is(Outcome::Error)
    );
    for remark in &remarks {
        case(&mut xml, remark);
    }
    if let Some((says, is_skipped)) = whole {
        let says = escaped(&says);
        xml.push_str("    <testcase classname=\"gatewatch\" name=\"everything was judged\" time=\"0\">\n      ");
        xml.push_str(&match is_skipped {
            true => format!("<skipped message=\"{says}\"/>\n"),
            false => format!("<system-out>{says}</system-out>\n"),
        });
        xml.push_str("    </testcase>\n");
    }
    xml + "  </testsuite>\n"
}

/// What was judged, where that is all that was asked for, and whether it is nothing.
fn whole(report: &Report) -> Option<(String, bool)> {
    match report.status() {
        Status::Incomplete => None,
        Status::NoApi | Status::NoMethod => Some((report.in_words(), true)),
        Status::Clean | Status::Findings => Some((report.in_words(), false)),
    }
}

#[derive(PartialEq, Eq)]
enum Outcome {
    Failed,
    Error,
    Skipped,
}

fn outcome(remark: &Remark<'_>) -> Outcome {
    match remark.what {
        What::Gap(_) | What::Account(_) => Outcome::Error,
        What::Finding(_) => Outcome::Failed,
        What::Exempted(_) | What::Known(_) => Outcome::Skipped,
    }
}

fn case(xml: &mut String, remark: &Remark<'_>) {
    let says = escaped(&remark.says());
    // Writing into a String cannot fail.
    let _ = writeln!(
        xml,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"0\">",
        remark.rule(),
        escaped(&remark.place()),
    );
    let fix = remark.fix().map(|it| format!("Fix: {it}\n"));
    let details = escaped_lines(&format!(
        "{}\n{}Id: {}\n",
        remark.place(),
        fix.unwrap_or_default(),
        remark.id()
    ));
    let severity = remark.severity();
    let _ = match (outcome(remark), remark.allowed()) {
        (Outcome::Skipped, allowed) => {
            let allowed = allowed.unwrap_or_else(|| "known from the baseline".to_owned());
            let allowed = escaped(&allowed);
            writeln!(xml, "      <skipped message=\"{allowed}\"/>")
        }
        (Outcome::Error, _) => writeln!(
            xml,
            "      <error message=\"{says}\" type=\"{NOT_READ}\">{details}</error>"
        ),
        (Outcome::Failed, _) => writeln!(
            xml,
            "      <failure message=\"{severity}: {says}\" type=\"{severity}\">{details}</failure>"
        ),
    };
    xml.push_str("    </testcase>\n");
}

/// A text within an attribute. What XML 1.0 cannot have is written out, with all else that is not seen.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in plain(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => escaped.extend(letter.escape_unicode()),
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// The same for a text of several lines.
fn escaped_lines(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(escaped).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_name_is_no_markup_and_no_character_that_xml_lacks() {
        assert_eq!(
            escaped("<a b=\"c\">&'\u{1}\u{ffff}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;&apos;\\u{1}\\u{ffff}"
        );
    }
}
