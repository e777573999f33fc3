//! A finding as a saved report has it. Every text of it may be somebody else's by now.

use crate::audit::difference::SavedFinding;
use crate::render::plain;

/// The finding, as the report of `gatewatch check` shows it. Its commands, and nothing else, are indented by four.
pub fn saved_finding(finding: &SavedFinding, exempted: bool) -> String {
    let SavedFinding {
        id,
        rule,
        severity,
        confidence,
        exposure,
        urls,
        message,
        evidence,
        remedy,
        ..
    } = finding;
    let mut lines = vec![format!("{severity} {rule}: {}", finding.in_words())];
    lines.push(format!("  {message}"));
    lines.extend(
        evidence
            .iter()
            .map(|it| format!("  {}: {}", it.source, it.says)),
    );
    if let Some(exposure) = exposure {
        lines.push(format!("  exposure: {exposure} {}", urls.join(", ")));
    }
    lines.push(format!("  fix: {}", remedy.summary));
    lines.extend(remedy.commands.iter().map(|it| format!("    {it}")));
    lines.push(format!("  confidence {confidence}, id {id}"));
    if exempted {
        lines.push("it is exempted, and does not count".to_owned());
    }
    lines.push(format!("what the rule is about: gatewatch explain {rule}"));
    lines
        .iter()
        .map(|it| plain(it).trim_end().to_owned() + "\n")
        .collect()
}
