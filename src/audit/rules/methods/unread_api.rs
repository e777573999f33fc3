//! `unread-api`

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::audit::context::Context;
use crate::audit::finding::{
    ApiRef, Evidence, Place, Remedy, RuleId, Severity, Source, Text, Violation,
};
use crate::audit::rules::{Look, Rule, Subject, Violations, documented};
use crate::inventory::{Gap, GapKind, Inventory, KEYS_UNKNOWN, Reason, SESSION_EXPIRED};

documented! {
    /// # `unread-api`
    ///
    /// Fires when an API, a stage, a Region's list of APIs, the list of the account's Regions or its IAM principals
    /// could not be read. Does not fire for what a run had no time for and the next one reads.
    ///
    /// ## Severity
    /// high
    ///
    /// ## Why this is bad
    /// What is not seen is not clean. Anyone who can keep a checker from reading can hide an open method.
    ///
    /// ## What it looks at
    /// The [gaps](../reports.md) of the run. Smaller ones, such as a draft or an authorizer that could not be read,
    /// make the report *incomplete* without a finding of their own.
    ///
    /// ## Examples
    ///
    /// ### Bad
    /// The role may not list the APIs of a Region:
    ///
    /// ```json
    /// {
    ///   "gaps": [
    ///     {
    ///       "kind": "region",
    ///       "region": "us-east-1",
    ///       "operation": "apigateway:GetRestApis",
    ///       "reason": "access-denied"
    ///     }
    ///   ]
    /// }
    /// ```
    ///
    /// ### Good
    ///
    /// ```json
    /// {"gaps": []}
    /// ```
    ///
    /// ## How to fix
    /// The finding names the call that failed, and why. Most often a permission is missing: compare the role with the
    /// [exact permissions](../permissions.md), and let [`gatewatch doctor`](../doctor.md) try each of them.
    ///
    /// ## Exemption
    /// None covers it: what was not read is never clean. A Region that nobody uses is left out by `--exclude-region`,
    /// and the report says so.
    ///
    /// ## References
    /// - <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html>
    pub struct UnreadApi;
}

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

    fn subject(&self) -> Subject {
        Subject::Apis
    }

    fn inventory<'c>(&self, context: Context<'c>) -> Violations<'c> {
        let mut places: BTreeMap<Place, Vec<&Gap>> = BTreeMap::new();
        // What the next run reads is a gap of the report, and nobody need do anything about it.
        let is_trouble = |gap: &&Gap| gap.kind.hides_a_place() && gap.reason != Reason::NotReadYet;
        for gap in context.gaps.iter().filter(is_trouble) {
            places
                .entry(place(context.inventory, gap))
                .or_default()
                .push(gap);
        }
        let places = places.into_iter();
        Violations::of(places.filter_map(|(place, gaps)| violation(place, &gaps)))
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
        region: gap.region.as_deref().map(Text::from),
        api: api.map(Arc::new),
        stage: gap.stage.as_deref().map(Text::from),
        ..Place::of_account(&inventory.account)
    }
}

/// `None`: there is no gap.
fn violation(place: Place, gaps: &[&Gap]) -> Option<Violation> {
    let mut reasons: Vec<String> = gaps.iter().map(|gap| gap.reason.to_string()).collect();
    reasons.sort();
    reasons.dedup();
    let message = format!(
        "this could not be read ({}), and is not clean",
        reasons.join(", ")
    );
    let mut evidence = gaps.iter().map(|gap| Evidence {
        reference: gap.operation.clone().map(Text::from),
        ..Evidence::new(Source::Gap, gap.message.clone())
    });
    let page = if gaps.iter().any(|gap| gap.kind == GapKind::Iam) {
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html"
    } else {
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html"
    };
    let remedy = Remedy::new(advice(gaps)).with_references([page]);
    let first = evidence.next()?;
    let violation = Violation::new(Severity::High, place, message, first, remedy);
    Some(violation.also(evidence))
}

fn advice(gaps: &[&Gap]) -> &'static str {
    let any = |reason| gaps.iter().any(|gap| gap.reason == reason);
    let says = |words| gaps.iter().any(|gap| gap.message.contains(words));
    if says(SESSION_EXPIRED) {
        "log in again, or set new keys, and scan again: the session ended in the middle of the scan"
    } else if says(KEYS_UNKNOWN) {
        "enable the Region for the account, or leave it out; where every Region says so, set new keys"
    } else if any(Reason::AccessDenied) {
        "allow the scanning role the call that was denied, and look for a Deny that names it"
    } else if any(Reason::NotFound) {
        "look whether it exists there: an id may be mistyped, or it was deleted during the scan"
    } else if any(Reason::Unresolved) {
        "write the value out in the file, or give it with --parameter where the file has parameters; or check the API once it is deployed"
    } else if any(Reason::Malformed) {
        "look at what the evidence names: it is missing, or AWS answered in a form that is not known here"
    } else {
        "run the scan again; the evidence says which call failed and how"
    }
}
