//! Which findings an exemption covers.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;

use crate::audit::finding::{Evidence, ExemptionRef, Finding, Place, Source};
use crate::audit::method::stage_place;
use crate::iam::pattern;
use crate::inventory::{Api, Inventory, Location};
use crate::policy_file::{Exemption, PolicyFile, Selector, Validity};

/// A finding that an exemption covers. It is listed, and not counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exempted {
    /// The finding.
    pub finding: Finding,
    /// The line of the policy file that the exemption stands on.
    pub line: usize,
    /// Why it is allowed.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which the exemption holds (UTC).
    pub expires: Date,
    /// How many days are left after today. 0: today is the last.
    pub days_left: i32,
    /// Where it stands, where the template says it itself. `None`: the policy file does.
    pub comment: Option<Location>,
}

/// An exemption, and what it came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptionUse {
    /// The exemption.
    pub exemption: Exemption,
    /// Whether it holds today.
    pub standing: Validity,
    /// How many days are left after today. 0: today is the last. Less: it has expired.
    pub days_left: i32,
    /// How many findings it covers.
    pub covers: usize,
    /// How many findings it speaks of and does not cover, as they are worse than it allows.
    pub too_severe: usize,
    /// How many findings it speaks of in all, those that an earlier exemption covers included.
    pub meets: usize,
    /// Where it stands, where the template says it itself. `None`: the policy file does.
    pub comment: Option<Box<InComment>>,
}

/// An exemption that a template says itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InComment {
    /// Where it stands.
    pub at: Location,
    /// What it speaks of, wherever that stands: the keys that lead to it.
    pub path: Vec<String>,
    /// The file that was checked, as it is in the identity of its findings.
    pub file: Option<Arc<str>>,
}

impl ExemptionUse {
    /// One of which nothing is known yet. `today` is the day, in UTC, by which it expires.
    pub(in crate::audit) fn new(exemption: Exemption, policy: &PolicyFile, today: Date) -> Self {
        ExemptionUse {
            standing: exemption.standing(today, policy.max_exemption_days),
            days_left: exemption.days_left(today),
            covers: 0,
            too_severe: 0,
            meets: 0,
            exemption,
            comment: None,
        }
    }

    /// The place of a finding about the exemption.
    pub(super) fn place(&self, inventory: &Inventory) -> Place {
        if let Some(comment) = &self.comment {
            let says = self.exemption.in_words();
            let at = comment.path.join(" ");
            return Place {
                file: comment.file.clone(),
                location: Some(Box::new(comment.at.clone())),
                exemption: Some(Box::new(ExemptionRef {
                    line: comment.at.line,
                    identity: serde_json::json!([self.exemption.identity(), comment.path])
                        .to_string(),
                    in_words: format!("{says} at {at}"),
                })),
                ..Place::of_account(&inventory.account)
            };
        }
        Place {
            exemption: Some(Box::new(ExemptionRef {
                line: self.exemption.line,
                identity: self.exemption.identity(),
                in_words: self.exemption.in_words(),
            })),
            ..Place::of_account(&inventory.account)
        }
    }

    /// What the policy file says of it, as evidence.
    pub(super) fn evidence(&self) -> Evidence {
        let Exemption {
            reason,
            owner,
            expires,
            line,
            ..
        } = &self.exemption;
        match &self.comment {
            Some(comment) => Evidence::new(
                Source::Template,
                format!("{}: allowed until {expires}: {reason}", comment.at),
            ),
            None => Evidence::new(
                Source::PolicyFile,
                format!("line {line}: allowed by {owner} until {expires}: {reason}"),
            ),
        }
    }

    /// How it is named, such as `the exemption on line 7 of the policy file`.
    pub(in crate::audit) fn named(&self) -> String {
        match &self.comment {
            Some(comment) => format!("the exemption at {}", comment.at),
            None => format!(
                "the exemption on line {} of the policy file",
                self.exemption.line
            ),
        }
    }

    /// The same for who reads the policy file, with who answers for it.
    fn in_short(&self) -> String {
        let Exemption { line, owner, .. } = &self.exemption;
        match self.comment {
            Some(_) => self.named(),
            None => format!("the exemption on line {line} (owner {owner})"),
        }
    }
}

/// What an exemption does to a finding that it speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covering {
    /// The line that the exemption stands on.
    pub line: usize,
    /// Where it stands, where the template says it itself. `None`: the policy file does.
    pub comment: Option<Location>,
    /// Why it does not cover the finding. `None`: it does.
    pub refusal: Option<String>,
}

/// The findings, told apart.
pub(super) struct Divided {
    pub(super) findings: Vec<Finding>,
    pub(super) exempted: Vec<Exempted>,
    pub(super) exemptions: Vec<ExemptionUse>,
}

/// The APIs by Region and id: there may be many findings.
type Apis<'a> = BTreeMap<(&'a str, &'a str), &'a Api>;

fn apis(inventory: &Inventory) -> Apis<'_> {
    let apis = inventory.apis.iter();
    apis.map(|api| ((api.region.as_str(), api.id.as_str()), api))
        .collect()
}

/// What each exemption that speaks of a finding does to it. The first that covers it counts.
pub(super) fn verdicts(
    finding: &Finding,
    exemptions: &[ExemptionUse],
    inventory: &Inventory,
) -> Vec<Covering> {
    let (id, apis) = (finding.fingerprint().to_string(), apis(inventory));
    let entries = exemptions.iter();
    entries
        .filter(|entry| {
            // What a template says itself is for the place that it stands at.
            entry.comment.is_none() && speaks_of(&entry.exemption, finding, Some(&id), &apis)
        })
        .map(|entry| Covering {
            line: entry.exemption.line,
            comment: None,
            refusal: refusal(entry, finding),
        })
        .collect()
}

/// The exemptions of a policy file, as they hold on one day for one inventory.
pub(super) struct Exemptions<'a> {
    exemptions: Vec<ExemptionUse>,
    apis: Apis<'a>,
    /// Whether one of them names the id of a finding.
    by_id: bool,
}

impl<'a> Exemptions<'a> {
    pub(super) fn new(inventory: &'a Inventory, policy: &PolicyFile, today: Date) -> Self {
        let uses = policy.exemptions.iter();
        let uses = uses.map(|exemption| ExemptionUse::new(exemption.clone(), policy, today));
        Exemptions {
            exemptions: uses.collect(),
            apis: apis(inventory),
            by_id: policy.exemptions.iter().any(|it| !it.ids.is_empty()),
        }
    }

    /// Whether one of them covers a finding.
    pub(super) fn cover(&self, finding: &Finding) -> bool {
        let id = self.id(finding);
        self.exemptions.iter().any(|entry| {
            refusal(entry, finding).is_none()
                && speaks_of(&entry.exemption, finding, id.as_deref(), &self.apis)
        })
    }

    /// The id takes longer to work out than all the rest: it is left out where no exemption names one.
    fn id(&self, finding: &Finding) -> Option<String> {
        self.by_id.then(|| finding.fingerprint().to_string())
    }

    /// Takes the exempted findings out. An exemption that does not hold today covers nothing. What speaks of
    /// a finding and does not cover it is said in its evidence.
    pub(super) fn divide(mut self, mut findings: Vec<Finding>) -> Divided {
        let mut covering = Vec::new();
        // Those that none covers stay where they are, as there may be very many.
        let covered = findings.extract_if(.., |finding| {
            let id = self.id(finding);
            let place = cover(&mut self.exemptions, finding, id.as_deref(), &self.apis);
            covering.extend(place);
            place.is_some()
        });
        let covered: Vec<Finding> = covered.collect();
        let exempted = covered.into_iter().zip(covering);
        Divided {
            exempted: exempted
                .filter_map(|(finding, place)| {
                    Some(exempted_by(self.exemptions.get(place)?, finding))
                })
                .collect(),
            findings,
            exemptions: self.exemptions,
        }
    }
}

/// The place of the exemption that covers a finding: the first of those that do. Counts what each comes to, and adds to the
/// evidence why others do not, where none does.
fn cover(
    exemptions: &mut [ExemptionUse],
    finding: &mut Finding,
    id: Option<&str>,
    apis: &Apis<'_>,
) -> Option<usize> {
    let mut covering = None;
    let mut refused = Vec::new();
    let meeting = exemptions.iter_mut().enumerate();
    for (place, entry) in
        meeting.filter(|(_, entry)| speaks_of(&entry.exemption, finding, id, apis))
    {
        entry.meets += 1;
        match refusal(entry, finding) {
            Some(why) => {
                let too_severe = finding.severity > entry.exemption.severity;
                entry.too_severe += usize::from(too_severe);
                refused.push(why);
            }
            None if covering.is_none() => {
                entry.covers += 1;
                covering = Some(place);
            }
            None => {}
        }
    }
    if covering.is_none() {
        let evidence = refused.into_iter();
        let evidence = evidence.map(|why| Evidence::new(Source::PolicyFile, why));
        finding.evidence.add(evidence);
    }
    covering
}

pub(in crate::audit) fn exempted_by(entry: &ExemptionUse, finding: Finding) -> Exempted {
    let exemption = &entry.exemption;
    Exempted {
        finding,
        line: exemption.line,
        reason: exemption.reason.clone(),
        owner: exemption.owner.clone(),
        expires: exemption.expires,
        days_left: entry.days_left,
        comment: entry.comment.as_ref().map(|it| it.at.clone()),
    }
}

/// Why an exemption does not cover a finding that it speaks of. `None`: it does.
pub(in crate::audit) fn refusal(entry: &ExemptionUse, finding: &Finding) -> Option<String> {
    let Exemption {
        expires,
        severity: allowed,
        ..
    } = &entry.exemption;
    let short = entry.in_short();
    match entry.standing {
        Validity::Expired => Some(format!("{short} expired on {expires}")),
        Validity::TooLong => Some(format!(
            "{short} lasts longer than the policy file allows, until {expires}, and hides nothing"
        )),
        Validity::InForce if finding.severity > *allowed => Some(format!(
            "{short} allows {allowed} findings at worst, and this one is {}",
            finding.severity
        )),
        Validity::InForce => None,
    }
}

/// `id`: the id of the finding. `None`: no exemption names one.
fn speaks_of(exemption: &Exemption, finding: &Finding, id: Option<&str>, apis: &Apis<'_>) -> bool {
    finding.rule.can_be_exempted()
        && (exemption.rules.is_empty() || exemption.rules.contains(&finding.rule))
        && (exemption.ids.is_empty() || exemption.ids.iter().any(|it| Some(it.as_str()) == id))
        && of_principal(exemption, finding)
        && (exemption.selector == Selector::default() || of_method(exemption, finding, apis))
}

fn of_principal(exemption: &Exemption, finding: &Finding) -> bool {
    if exemption.principals.is_empty() {
        return true;
    }
    finding.place.principal.as_ref().is_some_and(|principal| {
        let means = |name| {
            let mut patterns = exemption.principals.iter();
            patterns.any(|pattern| pattern::matches(pattern, name))
        };
        principal.names().any(means)
    })
}

/// A `match` speaks of methods: never of a finding that is not about one.
fn of_method(exemption: &Exemption, finding: &Finding, apis: &Apis<'_>) -> bool {
    let place = &finding.place;
    let (Some(region), Some(api), Some(stage), Some((verb, path))) =
        (&place.region, &place.api, &place.stage, place.method())
    else {
        return false;
    };
    let Some(known) = apis.get(&(region.as_str(), api.id.as_str())) else {
        return false;
    };
    let stage = stage_place(known, stage);
    let meets = |exposure| {
        let met = exemption.selector.meets(stage, verb, path, exposure);
        met.is_some()
    };
    // Settings that may not be deployed exempt nothing: the wider exposure must be met, too.
    match &finding.reach {
        Some(reach) => meets(Some(reach.exposure)) && meets(Some(reach.widest)),
        None => meets(None),
    }
}
