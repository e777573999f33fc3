//! Findings about a template: in words that fit a file that is not deployed yet, and with their places in it.

use std::sync::Arc;

use super::finding::{Evidence, Finding, Place, Source, Text};
use super::rules::Evaluation;
use crate::inventory::Location;
use crate::template::{Origin, Origins};

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
