//! A finding as Markdown.

use std::fmt::Write as _;

use super::escape::{code, html, in_table, item, longest_run, text};
use crate::audit::finding::Finding;
use crate::render::{capitalized, plain};

/// A line of the table of findings.
pub(super) fn line(finding: &Finding) -> String {
    let reach = finding.reach.as_ref();
    format!(
        "| {} | `{}` | {} | {} |\n",
        finding.severity,
        finding.rule,
        in_table(&code(&finding.place.in_words())),
        reach.map_or("", |it| it.exposure.as_str())
    )
}

/// All else that is known of it, to be unfolded.
pub(super) fn details(finding: &Finding) -> String {
    let mut out = String::new();
    // Writing into a String cannot fail.
    let _ = write(&mut out, finding);
    out
}

fn write(out: &mut String, finding: &Finding) -> std::fmt::Result {
    let (severity, rule) = (finding.severity, finding.rule);
    let place = html(&finding.place.in_words());
    writeln!(
        out,
        "<details><summary>{severity} <code>{rule}</code> {place}</summary>\n"
    )?;
    writeln!(out, "{}.\n", text(&capitalized(&finding.message)))?;
    for evidence in &finding.evidence {
        out.push_str(&item(&evidence.in_words()));
    }
    let urls = finding.reach.iter().flat_map(|it| &*it.urls);
    for url in urls {
        writeln!(out, "- {}", code(url))?;
    }
    writeln!(out, "\nFix: {}.\n", text(&finding.remedy.summary))?;
    if !finding.remedy.commands.is_empty() {
        let commands = finding.remedy.commands.iter().map(|it| plain(it));
        let commands = commands.collect::<Vec<_>>().join("\n");
        let fence = "`".repeat(longest_run(&commands).max(2) + 1);
        writeln!(out, "{fence}sh\n{commands}\n{fence}\n")?;
    }
    writeln!(out, "Id: `{}`\n\n</details>\n", finding.fingerprint())
}
