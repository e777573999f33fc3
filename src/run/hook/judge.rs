//! From the texts that an event leads to, to what the operation would bring.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::payload::{Change, Payload};
use crate::audit::Report;
use crate::audit::finding::{Finding, RuleId, Text};
use crate::audit::operation::{Before, Operation, Untold, is_of_operation};
use crate::inventory::{AuthorizationType, Inventory};
use crate::policy_file::PolicyFile;
use crate::run::events::HookResource;
use crate::template::{self, Options, Translated};

/// The largest template, in bytes. CloudFormation takes none that is larger.
///
/// Source: [quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html).
const LARGEST_TEMPLATE: usize = 1024 * 1024;

/// How a template is called in what is said of it.
const TEMPLATE: &str = "template";

/// By what an operation is judged.
#[derive(Debug, Clone)]
pub(super) struct Judge {
    pub(super) policy: PolicyFile,
    pub(super) region: String,
    pub(super) now: Timestamp,
    pub(super) today: Date,
}

impl Judge {
    /// What the operation of a stack would bring.
    ///
    /// # Errors
    /// Where its template is none that can be read.
    pub(super) fn stack(&self, payload: &Payload) -> Result<Operation, String> {
        let report = self.report(self.whole(payload.template()?)?);
        // What was deployed and cannot be read now excuses nothing.
        let before = payload.previous_template();
        let before = before.and_then(|it| self.whole(it).ok());
        let before = before.map_or_else(Before::default, |it| Before::of(&self.report(it)));
        let is_there = |it: &Finding| before.has(it);
        Ok(self.operation(report, is_there, Untold::Nothing))
    }

    /// What a change set would bring: of what is wrong with its template that which it changes.
    ///
    /// # Errors
    /// Where its template is none that can be read.
    pub(super) fn change_set(&self, payload: &Payload) -> Result<Operation, String> {
        let template = self.whole(payload.template()?)?;
        let inventory = template.inventory.clone();
        let report = self.report(template);
        let Some(changes) = payload.changes() else {
            return Ok(self.operation(report, |_| false, Untold::Nothing));
        };
        let before = self.by_themselves(changes, |it| it.before())?;
        let before = Before::of(&before);
        let after = self.by_themselves(changes, |it| it.after())?;
        let new = after.evaluation.findings.into_iter();
        let new = new.filter(|it| is_of_operation(it) && !before.has(it));
        let new: Vec<Finding> = new.collect();
        let stages: BTreeSet<String> = changes.iter().filter_map(Change::new_stage).collect();
        let of_new = Sameness::of(&new);
        let is_changed = |it: &Finding| {
            let stage = it.place.stage.as_ref();
            stage.is_some_and(|it| stages.contains(it.as_str())) || of_new.has_alone(it)
        };
        let known = Sameness::of(report.evaluation.all_findings());
        let open = OpenMethods::of(&inventory);
        let mut operation = self.operation(report, |it| !is_changed(it), Untold::Nothing);
        // A parameter may have another value than the one that the template is read with: what only the changes show counts, too.
        for mut finding in new {
            if !known.has_whole(&finding) && !open.have(&finding) {
                by_itself(&mut finding, Untold::OfMethod);
                operation.add(finding, false, Untold::OfMethod, &self.policy, self.today);
            }
        }
        Ok(operation)
    }

    /// What a resource would bring. `in_stack`: whether the hook judges the template that it is of as well. `Ok(None)`: its
    /// type has nothing to do with who can call what.
    ///
    /// # Errors
    /// Where its properties are none that can be read.
    pub(super) fn resource(
        &self,
        resource: &HookResource,
        in_stack: bool,
    ) -> Result<Option<Operation>, String> {
        let HookResource {
            kind,
            id,
            properties,
            previous,
        } = resource;
        let Some(untold) = untold(kind) else {
            return Ok(None);
        };
        let alone = |properties: &Map<String, Value>| {
            let mut resources = Map::new();
            resources.insert(id.clone(), json!({"Type": kind, "Properties": properties}));
            self.resources(resources)
        };
        let report = alone(properties)?;
        let before = previous.as_ref().and_then(|it| alone(it).ok());
        let before = before.map_or_else(Before::default, |it| Before::of(&it));
        let mut operation = self.operation(report, |it| before.has(it), untold);
        operation.judged_with_template = in_stack;
        let findings = [
            &mut operation.brought,
            &mut operation.slight,
            &mut operation.standing,
            &mut operation.undecided,
        ];
        for finding in findings.into_iter().flatten() {
            by_itself(finding, untold);
        }
        Ok(Some(operation))
    }

    /// A report about the changed resources of a change set, each without the others.
    fn by_themselves(
        &self,
        changes: &[Change],
        state: impl Fn(&Change) -> Result<Option<Map<String, Value>>, String>,
    ) -> Result<Report, String> {
        let mut resources = Map::new();
        for change in changes
            .iter()
            .filter(|it| untold(&it.resource_type).is_some())
        {
            if let Some(mut resource) = state(change)? {
                resource.insert("Type".to_owned(), json!(change.resource_type));
                let resource = Value::Object(resource);
                resources.insert(change.logical_resource_id.clone(), resource);
            }
        }
        self.resources(resources)
    }

    fn resources(&self, resources: Map<String, Value>) -> Result<Report, String> {
        let text = json!({"Resources": resources}).to_string();
        Ok(self.report(self.template(&text)?))
    }

    /// A template that CloudFormation takes.
    fn whole(&self, text: &str) -> Result<Translated, String> {
        match text.len() {
            0..=LARGEST_TEMPLATE => self.template(text),
            bytes => Err(format!(
                "the template has {bytes} bytes, and CloudFormation takes {LARGEST_TEMPLATE} at most"
            )),
        }
    }

    fn template(&self, text: &str) -> Result<Translated, String> {
        let options = Options {
            region: self.region.clone(),
            region_is_known: true,
            parameters: [].into(),
            around: None,
        };
        let read = template::read(TEMPLATE, text, &options, self.now);
        let read = read.map_err(|error| format!("the template cannot be read: {error}"))?;
        let mut template =
            read.ok_or_else(|| "the template is an inventory of gatewatch".to_owned())?;
        // A nested stack is an operation of its own, with its own template.
        template.judged_by_themselves();
        Ok(template)
    }

    fn report(&self, template: Translated) -> Report {
        Report::of_template(template, &self.policy, self.today)
    }

    fn operation(
        &self,
        report: Report,
        is_there: impl Fn(&Finding) -> bool,
        untold: Untold,
    ) -> Operation {
        Operation::new(report, is_there, untold, &self.policy, self.today)
    }
}

/// What a resource of this type does not tell of its methods, by itself. `None`: it does not change what a method asks of its
/// callers.
fn untold(kind: &str) -> Option<Untold> {
    match kind {
        "AWS::ApiGateway::Method"
        | "AWS::ApiGatewayV2::Route"
        | "AWS::ApiGatewayV2::ApiGatewayManagedOverrides" => Some(Untold::OfMethod),
        "AWS::ApiGateway::RestApi" | "AWS::ApiGatewayV2::Api" => Some(Untold::OfApi),
        _ => None,
    }
}

/// What tells methods of findings apart: the rule, the verb and the key of a route.
type OfMethod = (RuleId, Option<Text>, Option<Text>);

/// The id of an API, and a path in it.
type At = (Option<String>, Option<Text>);

/// Findings, by what a finding about a changed resource by itself and one about the template have in common where they are the
/// same. By itself, a method does not tell its API, which has no name then; a REST API's does not tell its path either. There
/// may be thousands of both, so that none is compared with all others.
#[derive(Default)]
struct Sameness {
    /// Their places, by what tells their methods apart. `None`: a finding that does not tell its place.
    places: BTreeMap<OfMethod, BTreeSet<Option<At>>>,
}

impl Sameness {
    fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut same = Sameness::default();
        for finding in findings {
            let of_method = same.places.entry(of_method(finding)).or_default();
            of_method.insert(Some(at(finding)));
            if !is_told(finding) {
                of_method.insert(None);
            }
        }
        same
    }

    /// Whether a finding about the template is one of these, which are about resources by themselves.
    fn has_alone(&self, whole: &Finding) -> bool {
        let places = self.places.get(&of_method(whole));
        places.is_some_and(|it| it.contains(&None) || it.contains(&Some(at(whole))))
    }

    /// Whether a finding about a resource by itself is one of these, which are about the template.
    fn has_whole(&self, alone: &Finding) -> bool {
        let places = self.places.get(&of_method(alone));
        places.is_some_and(|it| !is_told(alone) || it.contains(&Some(at(alone))))
    }
}

fn of_method(finding: &Finding) -> OfMethod {
    let place = &finding.place;
    (finding.rule, place.verb.clone(), place.route_key.clone())
}

fn at(finding: &Finding) -> At {
    let api = finding.place.api.as_ref();
    (api.map(|it| it.id.clone()), finding.place.path.clone())
}

fn is_told(finding: &Finding) -> bool {
    let api = finding.place.api.as_ref();
    api.is_some_and(|it| !it.name.is_empty())
}

/// The open methods of a template, which the policy file may accept, by their verbs and route keys.
#[derive(Default)]
struct OpenMethods {
    verbs: BTreeSet<Text>,
    route_keys: BTreeSet<Text>,
}

impl OpenMethods {
    fn of(inventory: &Inventory) -> Self {
        let mut open = OpenMethods::default();
        let methods = inventory.apis.iter();
        let methods = methods.flat_map(|api| api.draft.iter().flatten());
        for method in methods.filter(|it| it.authorization == Some(AuthorizationType::None)) {
            open.verbs.insert(method.verb.clone());
            open.route_keys.extend(method.route_key.clone());
        }
        open
    }

    /// Whether one of them has the verb or the route key of a finding.
    fn have(&self, finding: &Finding) -> bool {
        let place = &finding.place;
        let verb = place.verb.as_ref();
        let route_key = place.route_key.as_ref();
        verb.is_some_and(|it| self.verbs.contains(it))
            || route_key.is_some_and(|it| self.route_keys.contains(it))
    }
}

/// Takes from a finding about a resource that was shown by itself what only stands in for what is not known: a line of the
/// text that it was put into to be read, and a stage.
fn by_itself(finding: &mut Finding, untold: Untold) {
    finding.place.location = None;
    if untold == Untold::OfMethod {
        finding.place.stage = None;
    }
    let remedy = &mut finding.remedy;
    if let Some(code) = &remedy.infrastructure_as_code {
        remedy.summary = code.clone();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::audit::finding::{ApiRef, Evidence, Place, Remedy, Severity, Source, Violation};

    /// Whether a finding about a changed resource by itself and one about the template may be the same, one by one.
    fn is_same(alone: &Finding, whole: &Finding) -> bool {
        let (one, other) = (&alone.place, &whole.place);
        let is_told = one.api.as_ref().is_some_and(|it| !it.name.is_empty());
        let [one_id, other_id] = [one, other].map(|it| it.api.as_ref().map(|api| &api.id));
        let is_there = !is_told || (one_id == other_id && one.path == other.path);
        let is_method = one.verb == other.verb && one.route_key == other.route_key;
        alone.rule == whole.rule && is_method && is_there
    }

    fn findings() -> Vec<Finding> {
        let mut all = Vec::new();
        for rule in [RuleId::OpenMethod, RuleId::ApiKeyOnly] {
            for (id, name) in [("a", "A"), ("b", "B"), ("a", ""), ("c", "")] {
                for (verb, path, key) in [
                    (Some("GET"), Some("/a"), None),
                    (Some("GET"), Some("/b"), None),
                    (Some("PUT"), Some("/a"), None),
                    (None, None, Some("$default")),
                ] {
                    let place = Place {
                        api: Some(Arc::new(ApiRef {
                            id: id.to_owned(),
                            name: name.to_owned(),
                            kind: None,
                        })),
                        verb: verb.map(Text::from),
                        path: path.map(Text::from),
                        route_key: key.map(Text::from),
                        ..Place::of_account("111122223333")
                    };
                    let read = Evidence::new(Source::Template, "read");
                    let remedy = Remedy::new("mend it");
                    let violation = Violation::new(Severity::High, place, "open", read, remedy);
                    all.push(violation.into_finding(rule));
                }
            }
        }
        all
    }

    #[test]
    fn looking_findings_up_says_what_comparing_each_with_all_says() {
        let all = findings();
        for one in &all {
            let same = Sameness::of([one]);
            for other in &all {
                assert_eq!(
                    same.has_alone(other),
                    is_same(one, other),
                    "{one:?} {other:?}"
                );
                assert_eq!(
                    same.has_whole(other),
                    is_same(other, one),
                    "{one:?} {other:?}"
                );
            }
        }
        for several in all.chunks(5) {
            let same = Sameness::of(several);
            for other in &all {
                let alone = several.iter().any(|it| is_same(it, other));
                assert_eq!(same.has_alone(other), alone, "{other:?}");
                let whole = several.iter().any(|it| is_same(other, it));
                assert_eq!(same.has_whole(other), whole, "{other:?}");
            }
        }
    }
}
