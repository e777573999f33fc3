//! An exemption as a comment of a template says it.

use jiff::civil::Date;

use super::exemption::Exemption;
use super::selector::Selector;
use super::suggest::unknown;
use super::{RuleId, Severity};

/// What such a comment begins with, behind its `#`.
pub const MARK: &str = "gatewatch:";

/// How it is written.
const FORM: &str = "write `gatewatch: exempt RULE until YYYY-MM-DD because REASON`";

/// Reads what a comment says behind its `#`. `None`: it says nothing to gatewatch. `owner` names it: whoever wrote it answers
/// for it.
///
/// # Errors
/// What is wrong with it, as a text that follows its place.
///
/// ```
/// use gatewatch::policy_file::{RuleId, Severity, exemption_of_comment};
///
/// let says = " gatewatch: exempt open-method until 2026-12-31 because the displays cannot sign";
/// let exemption = exemption_of_comment(says, "a.yaml:3", 3).unwrap().unwrap();
/// assert_eq!(exemption.rules, [RuleId::OpenMethod]);
/// assert_eq!(exemption.reason, "the displays cannot sign");
/// assert_eq!(exemption.severity, Severity::Critical);
///
/// assert!(exemption_of_comment(" a comment", "a.yaml:3", 3).unwrap().is_none());
/// assert!(exemption_of_comment("gatewatch: exempt open-method", "a.yaml:3", 3).is_err());
/// ```
pub fn exemption_of_comment(
    text: &str,
    owner: &str,
    line: usize,
) -> Result<Option<Exemption>, String> {
    let Some(says) = text.trim().strip_prefix(MARK) else {
        return Ok(None);
    };
    let says = says.trim();
    let Some(asked) = says.strip_prefix("exempt ") else {
        return Err(format!("`{MARK} {says}` is not understood: {FORM}"));
    };
    let (before, reason) = parted(asked, "because");
    let reason = reason.filter(|it| !it.is_empty());
    let reason = reason.ok_or_else(|| format!("the exemption has no reason: {FORM}"))?;
    let (before, until) = parted(before, "until");
    let until = until.ok_or_else(|| format!("the exemption has no last day: {FORM}"))?;
    let expires = until.parse::<Date>().ok();
    let expires = expires.filter(|it| it.to_string() == until);
    let expires =
        expires.ok_or_else(|| format!("`{until}` is no day of the calendar: write YYYY-MM-DD"))?;
    let (rules, severity) = parted(before, "up to");
    let severity = match severity {
        Some(severity) => severity.parse::<Severity>()?,
        // It stands at what it is about, and names the rule that it allows.
        None => Severity::Critical,
    };
    let rules = rules.split(',').map(str::trim).map(rule);
    Ok(Some(Exemption {
        ids: Vec::new(),
        rules: rules.collect::<Result<_, _>>()?,
        selector: Selector::default(),
        principals: Vec::new(),
        severity,
        reason: reason.to_owned(),
        owner: owner.to_owned(),
        expires,
        line,
    }))
}

/// What stands before a word and behind it.
fn parted<'t>(text: &'t str, word: &str) -> (&'t str, Option<&'t str>) {
    let between = format!(" {word} ");
    match text.split_once(&between) {
        Some((before, behind)) => (before.trim(), Some(behind.trim())),
        None => (text.trim(), None),
    }
}

fn rule(name: &str) -> Result<RuleId, String> {
    match RuleId::from_name(name) {
        Some(rule) if rule.can_be_exempted() => Ok(rule),
        Some(rule) => Err(format!("`{rule}` cannot be exempted")),
        None => {
            let exempted = RuleId::ALL.iter().filter(|it| it.can_be_exempted());
            let known: Vec<&str> = exempted.map(|it| it.as_str()).collect();
            Err(unknown(&format!("rule `{name}`"), &known, name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_comment_is_said() {
        for (says, wanted) in [
            ("exempt", "is not understood"),
            ("ignore open-method", "is not understood"),
            ("exempt open-method until 2026-12-31", "no reason"),
            ("exempt open-method until 2026-12-31 because ", "no reason"),
            ("exempt open-method because I want", "no last day"),
            ("exempt open-method until 31.12.2026 because a", "no day"),
            ("exempt open-method until 2026-2-1 because a", "no day"),
            (
                "exempt open-metod until 2026-12-31 because a",
                "did you mean `open-method`",
            ),
            (
                "exempt unread-api until 2026-12-31 because a",
                "cannot be exempted",
            ),
            (
                "exempt unused-exemption until 2026-12-31 because a",
                "cannot be exempted",
            ),
            (
                "exempt open-method up to hight until 2026-12-31 because a",
                "hight",
            ),
        ] {
            let mistake = exemption_of_comment(&format!("{MARK} {says}"), "o", 1).unwrap_err();
            assert!(mistake.contains(wanted), "{says}: {mistake}");
        }
    }

    #[test]
    fn several_rules_and_a_severity_are_read() {
        let says = "gatewatch: exempt open-method, api-key-only up to high until 2026-12-31 because it is so until then because";
        let read = exemption_of_comment(says, "o", 1).unwrap().unwrap();
        assert_eq!(read.rules, [RuleId::OpenMethod, RuleId::ApiKeyOnly]);
        assert_eq!(read.severity, Severity::High);
        assert_eq!(read.reason, "it is so until then because");
    }
}
