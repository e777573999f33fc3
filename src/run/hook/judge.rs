//! From the texts that an event leads to, to what the operation would bring.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::payload::{Change, Payload};
use crate::audit::Report;
use crate::audit::finding::Finding;
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
        let stages: Vec<String> = changes.iter().filter_map(Change::new_stage).collect();
        let is_changed = |it: &Finding| {
            let stage = it.place.stage.as_ref();
            stage.is_some_and(|it| stages.iter().any(|stage| stage.as_str() == it.as_str()))
                || new.iter().any(|new| is_same(new, it))
        };
        let known = report.evaluation.all_findings().cloned();
        let known: Vec<Finding> = known.collect();
        let mut operation = self.operation(report, |it| !is_changed(it), Untold::Nothing);
        // A parameter may have another value than the one that the template is read with: what only the changes show counts, too.
        for mut finding in new {
            if !known.iter().any(|it| is_same(&finding, it)) && !is_open_in(&inventory, &finding) {
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
        read.ok_or_else(|| "the template is an inventory of gatewatch".to_owned())
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

/// Whether a finding about a changed resource by itself and one about the template may be the same. By itself, a method does
/// not tell its API, which has no name then; a REST API's does not tell its path either.
fn is_same(alone: &Finding, whole: &Finding) -> bool {
    let (one, other) = (&alone.place, &whole.place);
    let is_told = one.api.as_ref().is_some_and(|it| !it.name.is_empty());
    let [one_id, other_id] = [one, other].map(|it| it.api.as_ref().map(|api| &api.id));
    let is_there = !is_told || (one_id == other_id && one.path == other.path);
    let is_method = one.verb == other.verb && one.route_key == other.route_key;
    alone.rule == whole.rule && is_method && is_there
}

/// Whether the template itself has an open method of this verb or route, which the policy file accepts.
fn is_open_in(inventory: &Inventory, finding: &Finding) -> bool {
    let apis = inventory.apis.iter();
    let mut methods = apis.flat_map(|api| api.draft.iter().flatten());
    methods.any(|method| {
        method.authorization == Some(AuthorizationType::None)
            && (finding.place.verb.as_deref() == Some(method.verb.as_str())
                || finding.place.route_key.is_some() && finding.place.route_key == method.route_key)
    })
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
