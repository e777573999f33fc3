//! Findings about a template: in words that fit a file that is not deployed yet, and with their places in it.

use std::sync::Arc;

use jiff::civil::Date;

use super::alternatives;
use super::bound::Bound;
use super::comments;
use super::finding::{ApiRef, Evidence, Finding, Place, Source, Text};
use super::method::{About, Assumption};
use super::report::Report;
use super::rules::Evaluation;
use crate::inventory::{Inventory, Location};
use crate::policy_file::PolicyFile;
use crate::template::{
    Alternative, Assumed, Doubt, Excused, Origin, Origins, Selected, Translated,
};

/// A template as an inventory, for a policy file.
pub(super) struct InFile {
    pub(super) inventory: Inventory,
    pub(super) origins: Origins,
    /// The methods that may be made in the place of those of the inventory.
    pub(super) alternatives: Vec<Alternative>,
    pub(super) assumed: Vec<Assumed>,
    pub(super) excused: Vec<Excused>,
}

impl InFile {
    /// What cannot be told of a name is a gap where the policy file selects by it.
    pub(super) fn new(template: Translated, policy: &PolicyFile) -> Self {
        let Translated {
            mut inventory,
            origins,
            mut assumed,
            doubts,
            excused,
            alternatives,
            unfollowed,
            ..
        } = template;
        inventory.gaps.extend(unfollowed);
        for doubt in doubts {
            if matters(&doubt, policy) {
                inventory.gaps.push(doubt.gap);
            } else {
                assumed.extend(doubt.assumed);
            }
        }
        InFile {
            inventory,
            origins,
            alternatives,
            assumed,
            excused,
        }
    }
}

impl Report {
    /// Judges a template, by the same rules as an inventory. Of the groups that the policy file names, those are judged that
    /// are in the template. `today` is the day, in UTC, by which exemptions expire.
    pub fn of_template(template: Translated, policy: &PolicyFile, today: Date) -> Self {
        Report::of_template_within(template, policy, today, Bound::default())
    }

    /// The same, and keeps as many findings as the bound allows.
    pub(super) fn of_template_within(
        template: Translated,
        policy: &PolicyFile,
        today: Date,
        bound: Bound,
    ) -> Self {
        let mut file = InFile::new(template, policy);
        let mut report = Report::within(&file.inventory, policy, today, bound);
        let evaluation = &mut report.evaluation;
        retell_all(evaluation, &file.origins);
        let excused = std::mem::take(&mut file.excused);
        let mut comments = comments::comments(excused, &file.inventory, (policy, today));
        comments::cover(evaluation, &mut comments, &file.origins);
        alternatives::judge(evaluation, &file, &mut comments, (policy, today, bound));
        let InFile {
            inventory,
            origins,
            assumed,
            ..
        } = file;
        comments::finish(evaluation, comments, &inventory, policy);
        for assumption in &mut evaluation.assumptions {
            locate(&mut assumption.place, &origins);
        }
        let assumed = assumed.into_iter();
        let assumptions = assumed.map(|it| assumption(it, &inventory));
        evaluation.assumptions.extend(assumptions);
        report
    }
}

/// Whether a policy file selects by a name that cannot be told: its demands could be others.
fn matters(doubt: &Doubt, policy: &PolicyFile) -> bool {
    let mut selectors = policy.require.iter().map(|it| &it.selector);
    selectors.any(|selector| match doubt.about {
        Selected::Region => !selector.region.is_empty(),
        Selected::Api => !selector.api.is_empty() || !selector.api_id.is_empty(),
        Selected::Stage => !selector.stage.is_empty(),
        Selected::Tags => !selector.tags.is_empty(),
        Selected::Path => !selector.path.is_empty(),
    })
}

fn assumption(assumed: Assumed, inventory: &Inventory) -> Assumption {
    let Assumed { api, at, says } = assumed;
    let mut apis = inventory.apis.iter();
    let api = api.and_then(|id| apis.find(|it| it.id == id));
    Assumption {
        place: Place {
            account: inventory.account.as_str().into(),
            region: api.map(|it| it.region.as_str().into()),
            api: api.map(|it| Arc::new(ApiRef::from(it))),
            location: Some(Box::new(at)),
            ..Place::default()
        },
        says,
        about: About::Place,
    }
}

/// How the method of a place is named among those of its API. `None`: the place is none of a method.
pub(super) fn method_name(place: &Place) -> Option<String> {
    match (&place.route_key, &place.verb, &place.path) {
        (Some(key), _, _) => Some(key.to_string()),
        (None, Some(verb), Some(path)) => Some(format!("{verb} {path}")),
        _ => None,
    }
}

fn origin<'a>(place: &Place, origins: &'a Origins) -> Option<Origin<'a>> {
    origins.method(&place.api.as_ref()?.id, &method_name(place)?)
}

/// Says where a place stands: its method, else its API, else the beginning of the file.
pub(super) fn locate(place: &mut Place, origins: &Origins) {
    // An exemption stands in the policy file, not in the template.
    if place.exemption.is_some() {
        return;
    }
    let location = location(place, origins).unwrap_or_else(|| origins.start());
    place.location = Some(Box::new(location));
}

/// Where a place stands: its method, else its API, else its principal. `None`: none of them is in the file.
pub(super) fn location(place: &Place, origins: &Origins) -> Option<Location> {
    let method = origin(place, origins).map(|it| it.location);
    let api = || origins.api(&place.api.as_ref()?.id);
    let principal = || origins.principal(place.principal.as_ref()?.known_arn.as_deref()?);
    method.or_else(api).or_else(principal)
}

/// The URLs that a file tells: those below its custom domain names. The default endpoint has none before the API is made.
pub(super) fn told(urls: &[Text]) -> Arc<[Text]> {
    let told = urls.iter().filter(|it| !it.contains(".execute-api."));
    told.cloned().collect()
}

/// Says of all findings where they stand.
pub(super) fn retell_all(evaluation: &mut Evaluation, origins: &Origins) {
    let exempted = evaluation.exempted.iter_mut().map(|it| &mut it.finding);
    for finding in evaluation.findings.iter_mut().chain(exempted) {
        retell(finding, origins);
    }
}

/// Says of a finding where it stands. Of a method, what only a deployment has goes: the draft beside it, URLs, and
/// commands, as the next deployment of the template would undo what they mend.
pub(super) fn retell(finding: &mut Finding, origins: &Origins) {
    locate(&mut finding.place, origins);
    let (Some(location), Some(origin)) = (&finding.place.location, origin(&finding.place, origins))
    else {
        return;
    };
    let reference = Some(Text::from(location.to_string()));
    let evidence = finding.evidence.edit();
    evidence.retain(|it| it.source != Source::Draft);
    let read = evidence.iter_mut();
    for read in read.filter(|it| it.source == Source::Template) {
        read.reference.clone_from(&reference);
    }
    if let Some(note) = origin.note {
        evidence.push(Evidence {
            reference,
            ..Evidence::new(Source::Template, note.to_owned())
        });
    }
    if let Some(reach) = &mut finding.reach {
        reach.urls = told(&reach.urls);
    }
    let remedy = &mut finding.remedy;
    remedy.commands.clear();
    if origins.are_of_terraform() && remedy.terraform.is_some() {
        remedy.infrastructure_as_code = remedy.terraform.map(Text::from);
    }
    remedy.summary = match &remedy.infrastructure_as_code {
        Some(code) => format!("change it at {location}, then check the file again ({code})").into(),
        None => format!("{}; it stands at {location}", remedy.summary).into(),
    };
}
