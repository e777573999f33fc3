//! `unread-api`

use std::collections::BTreeMap;

use crate::audit::context::Context;
use crate::audit::finding::{
    ApiRef, Confidence, Evidence, Finding, Place, Remedy, RuleId, Severity, Source,
};
use crate::audit::rules::{Look, Rule};
use crate::inventory::{Gap, GapKind, Inventory, Reason};

/// # `unread-api`
///
/// Fires when an API, a stage, a Region's list of APIs, the list of the account's Regions or its IAM
/// principals could not be read. Not for what a run had no time for, and the next one reads.
///
/// ## Why this is bad
/// What is not seen is not clean. Whoever can keep a checker from reading can hide an open method.
///
/// ## References
/// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html>
#[derive(Debug)]
pub struct UnreadApi;

impl Rule for UnreadApi {
    fn id(&self) -> RuleId {
        RuleId::UnreadApi
    }

    fn summary(&self) -> &'static str {
        "something that must be checked could not be read"
    }

    fn looks_at(&self) -> &'static [Look] {
        &[Look::Gaps]
    }

    fn inventory(&self, context: Context<'_>) -> Vec<Finding> {
        let mut places: BTreeMap<Place, Vec<&Gap>> = BTreeMap::new();
        // What comes next is no trouble: it is a gap of the report, and nobody need do anything about it.
        let is_trouble = |gap: &&Gap| gap.kind.hides_a_place() && gap.reason != Reason::NotReadYet;
        for gap in context.gaps.iter().filter(is_trouble) {
            places
                .entry(place(context.inventory, gap))
                .or_default()
                .push(gap);
        }
        let findings = places.into_iter();
        findings
            .map(|(place, gaps)| finding(place, &gaps))
            .collect()
    }
}

fn place(inventory: &Inventory, gap: &Gap) -> Place {
    let api = gap.api.as_ref().map(|id| {
        let mut apis = inventory.apis.iter();
        let known = apis.find(|api| api.id == *id && Some(&api.region) == gap.region.as_ref());
        known.map_or_else(
            || ApiRef {
                id: id.clone(),
                name: String::new(),
                kind: None,
            },
            ApiRef::from,
        )
    });
    Place {
        account: inventory.account.clone(),
        region: gap.region.clone(),
        api,
        stage: gap.stage.clone(),
        ..Place::default()
    }
}

fn finding(place: Place, gaps: &[&Gap]) -> Finding {
    let mut reasons: Vec<String> = gaps.iter().map(|gap| gap.reason.to_string()).collect();
    reasons.sort();
    reasons.dedup();
    let evidence = gaps.iter().map(|gap| Evidence {
        reference: gap.operation.clone(),
        ..Evidence::new(Source::Gap, gap.message.clone())
    });
    Finding {
        rule: RuleId::UnreadApi,
        severity: Severity::High,
        confidence: Confidence::High,
        place,
        reach: None,
        message: format!(
            "this could not be read ({}), and is not clean",
            reasons.join(", ")
        ),
        evidence: evidence.collect(),
        remedy: Remedy {
            summary: advice(gaps).to_owned(),
            commands: Vec::new(),
            infrastructure_as_code: None,
            references: vec![if gaps.iter().any(|gap| gap.kind == GapKind::Iam) {
                "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html"
            } else {
                "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html"
            }],
        },
    }
}

fn advice(gaps: &[&Gap]) -> &'static str {
    let any = |reason| gaps.iter().any(|gap| gap.reason == reason);
    if any(Reason::AccessDenied) {
        "allow the scanning role the call that was denied, and look for a Deny that names it"
    } else if any(Reason::NotFound) {
        "look whether it exists there: an id may be mistyped, or it was deleted during the scan"
    } else if any(Reason::Unresolved) {
        "write the value out in the template, or give it with --parameter; or check the API once it is deployed"
    } else if any(Reason::Malformed) {
        "look at what the evidence names: it is missing, or AWS answered in a form that is not known here"
    } else {
        "run the scan again; the evidence says which call failed and how"
    }
}
