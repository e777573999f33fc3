//! A finding by its id, and why its method is judged as it is.

use jiff::civil::Date;

use super::asked::Asked;
use super::evaluate::{Evaluation, evaluate};
use super::exempt;
use super::explain::{Explanation, Judged, explain};
use crate::audit::finding::Place;
use crate::inventory::{Gap, Inventory};
use crate::policy_file::{PolicyFile, nearest};

/// The least digits that name a finding.
const LEAST: usize = 8;

/// The digits of a whole id.
const DIGITS: usize = 32;

/// As many findings are named where an id fits several.
const NAMED: usize = 3;

/// A finding, and why its method is judged as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedFinding {
    /// The account's id.
    pub account: String,
    /// The partition.
    pub partition: String,
    /// The finding, and the exemptions that speak of it.
    pub judged: Judged,
    /// Its method. `None`: it is about none.
    pub method: Option<Explanation>,
    /// What could not be read, which may be why there is no other finding.
    pub gaps: Vec<Gap>,
}

/// No finding, or no single one, has the id that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoSuchFinding(String);

impl NoSuchFinding {
    /// Nothing is called so.
    pub fn new(asked: &str) -> Self {
        NoSuchFinding(format!("there is no finding `{asked}`"))
    }
}

/// Whether this is the id of a finding, or its beginning: at least eight hexadecimal digits.
///
/// ```
/// use gatewatch::audit::rules::is_finding_id;
///
/// assert!(is_finding_id("833cd204a62efbf550eb540d5af88df4") && is_finding_id("833CD204"));
/// assert!(!is_finding_id("833cd20") && !is_finding_id("GET /pets"));
/// ```
pub fn is_finding_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    (LEAST..=DIGITS).contains(&text.len()) && bytes.all(|it| it.is_ascii_hexdigit())
}

/// Which of some findings, each by its id and in words, is meant by an id or its beginning.
///
/// # Errors
/// Where none is, with what is spelt nearly so, or several are.
pub fn meant<'f>(
    asked: &str,
    findings: impl Iterator<Item = (&'f str, String)>,
) -> Result<&'f str, NoSuchFinding> {
    let lower = asked.to_ascii_lowercase();
    let all: Vec<(&str, String)> = findings.collect();
    let found: Vec<&(&str, String)> = all.iter().filter(|it| it.0.starts_with(&lower)).collect();
    match found.as_slice() {
        [(id, _)] => Ok(id),
        [] => {
            let ids: Vec<&str> = all.iter().map(|it| it.0).collect();
            let near = nearest(&lower, &ids);
            let near = near.and_then(|near| all.iter().find(|it| it.0 == near));
            let hint = match near {
                Some((id, words)) => format!("did you mean `{id}` ({words})?"),
                None => format!("it has {}: `gatewatch check` lists them", all.len()),
            };
            Err(NoSuchFinding(format!(
                "there is no finding `{asked}`; {hint}"
            )))
        }
        several => {
            let named: Vec<String> = several
                .iter()
                .take(NAMED)
                .map(|(id, words)| format!("`{id}` ({words})"))
                .collect();
            Err(NoSuchFinding(format!(
                "{} findings begin with `{asked}`: {}",
                several.len(),
                named.join(", ")
            )))
        }
    }
}

/// Explains a finding of an inventory, whether or not an exemption covers it. `today` is the day, in UTC, by which exemptions
/// expire.
///
/// # Errors
/// Where the inventory has no such finding, with what is near.
pub fn explain_finding(
    inventory: &Inventory,
    policy: &PolicyFile,
    asked: &str,
    today: Date,
) -> Result<ExplainedFinding, NoSuchFinding> {
    let evaluation = evaluate(inventory, policy, today);
    explain_finding_among(evaluation, (inventory, policy), asked, today)
}

/// The same of an inventory that was judged already.
///
/// # Errors
/// Where there is no such finding, with what is near.
pub(in crate::audit) fn explain_finding_among(
    evaluation: Evaluation,
    (inventory, policy): (&Inventory, &PolicyFile),
    asked: &str,
    today: Date,
) -> Result<ExplainedFinding, NoSuchFinding> {
    let left = evaluation.findings.iter().map(|it| (it, false));
    let exempted = evaluation.exempted.iter();
    let exempted = exempted.map(|it| (&it.finding, true));
    let all: Vec<_> = left
        .chain(exempted)
        .map(|(it, exempted)| (it.fingerprint().to_string(), it, exempted))
        .collect();
    let named = all.iter().map(|(id, finding, _)| {
        let words = format!("{}: {}", finding.rule, finding.place.in_words());
        (id.as_str(), words)
    });
    let id = meant(asked, named).map_err(|NoSuchFinding(says)| {
        // What was not read may be where it is.
        let unread = match evaluation.gaps.is_empty() {
            true => "",
            false => "; not everything could be read: `gatewatch check` says what is missing",
        };
        NoSuchFinding(format!("{says}{unread}"))
    })?;
    let mut found = all.iter().filter(|it| it.0 == id);
    let Some((_, finding, exempted)) = found.next() else {
        return Err(NoSuchFinding::new(asked));
    };
    let place = &finding.place;
    let method = place.method().and_then(|(verb, path)| {
        let asked = Asked {
            method: match &place.route_key {
                Some(key) if place.path.is_none() => key.to_string(),
                _ => format!("{verb} {path}"),
            },
            api: place.api.as_ref().map(|it| it.id.clone()),
            stage: place.stage.as_deref().map(str::to_owned),
        };
        let explained = explain(inventory, policy, &asked, today).ok()?;
        // Where it stands in a file is no part of what it is.
        let place = Place {
            location: None,
            ..place.clone()
        };
        explained.methods.into_iter().find(|it| it.place == place)
    });
    Ok(ExplainedFinding {
        account: inventory.account.clone(),
        partition: inventory.partition.clone(),
        judged: Judged {
            finding: (*finding).clone(),
            exempted: *exempted,
            exemptions: exempt::verdicts(finding, &evaluation.exemptions, inventory),
        },
        method,
        gaps: evaluation.gaps,
    })
}
