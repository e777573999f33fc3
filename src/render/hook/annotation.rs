//! The annotations of an answer: what was found out, by rule.

use serde::Serialize;

use super::message::fitted;
use super::result::HookResult;
use crate::audit::finding::{Finding, RuleId, Severity};
use crate::audit::operation::Operation;
use crate::render::plain;
use crate::render::words::severity_label;

/// How many characters of a text are kept. AWS takes 16,384.
const LONGEST: usize = 4096;

/// The most places that one annotation names.
const PLACES: usize = 50;

/// What could not be told is called by this name, as in reports for pipelines.
const NOT_READ: &str = "not-read";

/// What was taken for granted, such as the default of a parameter.
const ASSUMED: &str = "assumed";

/// What was found out by one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HookAnnotation {
    /// The rule, `not-read` or `assumed`.
    pub annotation_name: &'static str,
    /// `FAILED`, or `SKIPPED` for what is not judged, or exempted.
    pub status: &'static str,
    /// What is wrong, and where.
    pub status_message: String,
    /// How it is mended. `None`: nothing is to be mended in what was judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation_message: Option<String>,
    /// Where to read on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remediation_link: Option<&'static str>,
    /// The severity of the worst of it.
    pub severity_level: &'static str,
}

/// Why findings are in an annotation.
#[derive(Debug, Clone, Copy)]
struct Kind {
    status: &'static str,
    /// What goes before what is wrong.
    says: &'static str,
    is_to_be_mended: bool,
}

const BROUGHT: Kind = Kind {
    status: "FAILED",
    says: "",
    is_to_be_mended: true,
};
const SLIGHT: Kind = Kind {
    says: "too slight to refuse this: ",
    ..BROUGHT
};
const STANDING: Kind = Kind {
    says: "there already, so that it does not refuse this: ",
    ..BROUGHT
};
const UNDECIDED: Kind = Kind {
    status: "SKIPPED",
    says: "not judged, as the policy file may accept it by names that are not known here: ",
    is_to_be_mended: true,
};
const EXEMPTED: Kind = Kind {
    status: "SKIPPED",
    says: "exempted by the policy file: ",
    is_to_be_mended: false,
};

/// What was found out, the worst first within its kind, and what refuses the operation before all else.
pub(super) fn annotations(result: HookResult<'_>) -> Vec<HookAnnotation> {
    let operation = match result {
        HookResult::Nothing => return Vec::new(),
        HookResult::NotJudged(why) => return vec![not_read(&[plain(why)])],
        HookResult::Judged(operation) => operation,
    };
    let Operation {
        brought,
        slight,
        standing,
        undecided,
        exempted,
        gaps,
        assumed,
        ..
    } = operation;
    let gaps = gaps.iter().map(|it| plain(&it.in_words()) + ".");
    let gaps: Vec<String> = gaps.collect();
    let exempted: Vec<Finding> = exempted.iter().map(|it| it.finding.clone()).collect();
    let mut all = of_kind(BROUGHT, brought);
    all.extend(of_kind(UNDECIDED, undecided));
    if !gaps.is_empty() {
        all.push(not_read(&gaps));
    }
    if !assumed.is_empty() {
        let assumed: Vec<String> = assumed.iter().map(|it| plain(it) + ".").collect();
        all.push(HookAnnotation {
            annotation_name: ASSUMED,
            severity_level: severity_label(Severity::Informational),
            ..not_read(&assumed)
        });
    }
    all.extend(of_kind(STANDING, standing));
    all.extend(of_kind(SLIGHT, slight));
    all.extend(of_kind(EXEMPTED, &exempted));
    all
}

/// An annotation for each rule among some findings.
fn of_kind(kind: Kind, findings: &[Finding]) -> Vec<HookAnnotation> {
    let rules = RuleId::ALL.iter().copied();
    let of_rules = rules.filter_map(|rule| {
        let of_rule: Vec<&Finding> = findings.iter().filter(|it| it.rule == rule).collect();
        of_rule_and_kind(rule, kind, &of_rule)
    });
    of_rules.collect()
}

fn of_rule_and_kind(rule: RuleId, kind: Kind, findings: &[&Finding]) -> Option<HookAnnotation> {
    let worst = findings.iter().max_by_key(|it| it.severity)?;
    let places = findings.iter().take(PLACES);
    let mut places: Vec<String> = places
        .map(|it| plain(&format!("{}: {}.", it.place.in_words(), it.message)))
        .collect();
    if let Some(more) = findings.len().checked_sub(PLACES).filter(|it| *it > 0) {
        places.push(format!("And {more} more."));
    }
    let remedy = &worst.remedy;
    let fix = || fitted(String::new(), &[plain(&remedy.summary)], LONGEST);
    Some(HookAnnotation {
        annotation_name: rule.as_str(),
        status: kind.status,
        status_message: fitted(kind.says.to_owned(), &places, LONGEST),
        remediation_message: kind.is_to_be_mended.then(fix),
        remediation_link: remedy.references.first().copied(),
        severity_level: severity_label(worst.severity),
    })
}

/// What could not be told may hide anything.
fn not_read(why: &[String]) -> HookAnnotation {
    HookAnnotation {
        annotation_name: NOT_READ,
        status: "SKIPPED",
        status_message: fitted(String::new(), why, LONGEST),
        remediation_message: None,
        remediation_link: None,
        severity_level: severity_label(Severity::High),
    }
}
