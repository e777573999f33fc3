//! From what was read of a file to an inventory.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::alternative::Alternative;
use super::comments::Excused;
use super::domain::{Domains, UnknownDomain};
use super::draft::{ApiDraft, Caller, MethodDraft, Selected, StageDraft};
use super::kind::FileKind;
use super::laid::{Identity, Laid};
use super::nested::Nested;
use super::options::{KEPT, Options, STAGE};
use super::origin::Origins;
use super::reading::Reading;
use super::scope;
use super::tree::{Spot, Unknown};
use crate::inventory::{
    Api, ApiKind, AuthorizationType, Canary, CustomDomain, DeployedMethod, Deployment,
    DeploymentSource, DomainMapping, DraftMethod, Gap, GapKind, Inventory, Location, OPTIONS,
    Reason, SCHEMA_VERSION, Scope, Stage, listed, partition_of,
};

/// How many methods of one file are judged in stages beside the first one of their API: a method is judged, and may
/// be a finding, in each stage. CloudFormation takes 500 resources, and API Gateway ten stages of an API by default.
///
/// Sources: [CloudFormation quotas](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html),
/// [API Gateway quotas](https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html).
const MOST: usize = 20_000;

/// Methods by path and verb.
type Methods = BTreeMap<(String, String), Written>;

/// A method, and what it asks of its callers.
type Written = (MethodDraft, Caller);

/// The integration of a preflight.
const MOCK: &str = "MOCK";

/// How many stages are named in a gap.
const NAMED: usize = 3;

/// A template as an inventory.
#[derive(Debug, Clone)]
pub struct Translated {
    /// What the file is. `None`: it could not be read.
    pub kind: Option<FileKind>,
    /// The templates that it makes stacks of, where they are files beside it. They are not looked at here.
    pub nested: Vec<Nested>,
    /// The names of the other files that resources or methods of it were read from. One that is taken in where neither is
    /// made is judged by itself.
    pub taken_in: Vec<String>,
    /// The stacks that it makes of templates which cannot be read here: gaps, unless each of the stacks is judged by itself, as a
    /// hook judges them.
    pub unfollowed: Vec<Assumed>,
    /// What the rules judge.
    pub inventory: Inventory,
    /// Where in the file each API and method stands.
    pub origins: Origins,
    /// The methods that may be made in the place of those of the inventory.
    pub alternatives: Vec<Alternative>,
    /// The exemptions that it says itself.
    pub excused: Vec<Excused>,
    /// What was taken for granted.
    pub assumed: Vec<Assumed>,
    /// Names that cannot be told.
    pub doubts: Vec<Doubt>,
    /// What is a gap, whatever the policy file says, at its place in the files, in their order.
    pub unclear: Vec<(Location, String)>,
    /// Its APIs, where it is laid over an account.
    pub laid: Vec<Laid>,
    /// The ARNs of the principals that it makes: others are named by it, and are made elsewhere.
    pub made: BTreeSet<String>,
    /// What was there before, where it is laid over an account and says so: the state of a Terraform plan.
    pub earlier: Option<Box<Translated>>,
}

impl Translated {
    /// Says that a template which this one makes a stack of is looked at, too.
    pub fn followed(&mut self, nested: &Nested) {
        let is_said = |it: &Assumed| it.at == nested.at && it.says.contains("another template");
        self.assumed.retain(|it| !is_said(it));
    }

    /// Says that something which belongs to no API cannot be told.
    pub fn add_gap(&mut self, at: &Location, why: &str) {
        self.inventory.gaps.push(self.gap_at(at, why));
        self.unclear.push((at.clone(), why.to_owned()));
    }

    fn gap_at(&self, at: &Location, why: &str) -> Gap {
        Gap {
            region: self.inventory.scope.regions.first().cloned(),
            reason: Reason::Unresolved,
            ..Gap::malformed(GapKind::Region, format!("{at}: {why}"))
        }
    }

    /// Says of the stacks whose templates cannot be read here that each of them is judged by itself.
    pub fn judged_by_themselves(&mut self) {
        self.assumed.append(&mut self.unfollowed);
    }

    /// The stacks whose templates cannot be read here, as gaps.
    pub(crate) fn stacks_not_read(&self) -> Vec<Gap> {
        let stacks = self.unfollowed.iter();
        stacks.map(|it| self.gap_at(&it.at, &it.says)).collect()
    }
}

/// Something that was taken for granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumed {
    /// The id of the API that it is about. `None`: it is about the whole file.
    pub api: Option<String>,
    /// Where in the file.
    pub at: Location,
    /// What, and why.
    pub says: String,
}

/// A name that cannot be told, and that a policy file may select by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// What kind of name.
    pub about: Selected,
    /// The gap that it is where a policy file selects by it.
    pub gap: Gap,
    /// The assumption that it is everywhere else. `None`: another one says so already.
    pub assumed: Option<Assumed>,
}

/// What every gap and place of one file shares.
struct Context<'a> {
    /// The Region of what belongs to no API.
    region: &'a str,
    /// The Region of an API of which the file says none.
    stand_in: &'a str,
    origins: Origins,
    /// How many methods are still judged in stages beside each API's first one.
    left: usize,
    /// What is a gap, at its place.
    unclear: Vec<(Location, String)>,
}

pub(super) fn translated(
    file: &str,
    reading: Reading,
    options: &Options,
    now: Timestamp,
) -> Translated {
    let regions = regions(&reading, options);
    let main = regions.first().cloned();
    let main = main.as_deref().unwrap_or(&options.region);
    let mut context = Context {
        region: main,
        stand_in: &options.region,
        origins: Origins::new(
            file,
            reading.files.clone(),
            (reading.addresses.clone(), reading.constructs.clone()),
        ),
        left: MOST,
        unclear: Vec::new(),
    };
    let nested = reading.nested.iter().map(|it| Nested {
        id: it.id.clone(),
        at: context.origins.location(it.at),
        file: it.file.clone(),
        parameters: it.parameters.clone(),
    });
    let nested: Vec<Nested> = nested.collect();
    let taken_in = taken_in(&reading);
    let mut translated = Translated {
        kind: reading.kind,
        nested,
        taken_in,
        unfollowed: Vec::new(),
        inventory: Inventory {
            schema_version: SCHEMA_VERSION,
            account: options.account().to_owned(),
            partition: partition_of(main).to_owned(),
            taken_at: now,
            scope: Scope {
                template: Some(file.to_owned()),
                ..Scope::new(regions, Vec::new())
            },
            apis: Vec::new(),
            domains: None,
            iam: None,
            gaps: Vec::new(),
        },
        origins: Origins::default(),
        alternatives: Vec::new(),
        excused: Vec::new(),
        assumed: Vec::new(),
        doubts: Vec::new(),
        unclear: Vec::new(),
        laid: Vec::new(),
        made: BTreeSet::new(),
        earlier: (reading.earlier).map(|it| Box::new(translated_earlier(file, *it, options, now))),
    };
    for unknown in &reading.gaps {
        translated
            .inventory
            .gaps
            .push(context.gap(GapKind::Region, None, unknown));
    }
    for Unknown { why, at } in &reading.unfollowed {
        let stack = context.assumed(None, why.clone(), *at);
        context.unclear.push((stack.at.clone(), why.clone()));
        translated.unfollowed.push(stack);
    }
    for said in &reading.said {
        match said.excused(context.origins.location(said.at)) {
            Some(Ok(excused)) => translated.excused.push(excused),
            Some(Err(why)) => {
                let unknown = Unknown { why, at: said.at };
                let gap = context.gap(GapKind::Region, None, &unknown);
                translated.inventory.gaps.push(gap);
            }
            None => {}
        }
    }
    for (about, unknown) in &reading.doubts {
        translated.doubts.push(context.doubt(*about, None, unknown));
    }
    for (says, at) in reading.assumed {
        translated.assumed.push(context.assumed(None, says, at));
    }
    if let Some(found) = reading.iam {
        for unknown in &found.gaps {
            let gap = context.gap(GapKind::Iam, None, unknown);
            translated.inventory.gaps.push(Gap {
                region: None,
                ..gap
            });
        }
        let known: Vec<String> = (translated.assumed.iter())
            .map(|it| it.says.clone())
            .collect();
        let assumed = found.assumed.into_iter();
        for (says, at) in assumed.filter(|(says, _)| !known.contains(says)) {
            translated.assumed.push(context.assumed(None, says, at));
        }
        for (arn, at) in found.places {
            context.origins.add_principal(arn, at);
        }
        translated.made = found.made;
        translated.inventory.iam = Some(found.iam);
    }
    context.domains(reading.domains, &reading.apis, options, &mut translated);
    for (_, draft) in reading.apis {
        let id = draft.inventory_id().to_owned();
        context.origins.add_api(&id, draft.at);
        if let Some(identity) = &draft.identity {
            translated.laid.push(Laid {
                name: draft.id.clone(),
                at: context.origins.location(draft.at),
                region: draft
                    .region
                    .clone()
                    .unwrap_or_else(|| options.region.clone()),
                id,
                identity: identity.clone(),
                is_partial: draft.is_elsewhere,
                stages: draft.stages.iter().map(|it| it.name.clone()).collect(),
            });
        }
        let api = context.api(draft, &mut translated);
        translated.inventory.apis.push(api);
    }
    translated.inventory.gaps.sort();
    translated
        .assumed
        .sort_by(|one, other| one.at.cmp(&other.at));
    translated.origins = context.origins;
    translated.unclear = context.unclear;
    translated.unclear.sort();
    translated.unclear.dedup();
    translated
}

/// What was there before. Its places are those of another text, and say nothing.
fn translated_earlier(
    file: &str,
    reading: Reading,
    options: &Options,
    now: Timestamp,
) -> Translated {
    let mut earlier = translated(file, reading, options, now);
    earlier.unclear.clear();
    earlier
}

/// The other files in which something stands that is judged.
fn taken_in(reading: &Reading) -> Vec<String> {
    let apis = reading.apis.values().flat_map(|api| {
        let methods = api.methods.iter().map(|it| it.at);
        let gaps = api.gaps.iter().map(|it| it.at);
        methods.chain(gaps).chain(api.defined_at).chain([api.at])
    });
    let gaps = reading.gaps.iter().map(|it| it.at);
    let mut judged = reading.of_resources.clone();
    judged.extend(apis.chain(gaps).map(|it| it.file));
    let numbered = (1..).zip(&reading.files);
    let judged = numbered.filter(|(number, _)| judged.contains(number));
    judged.map(|(_, name)| name.clone()).collect()
}

/// The Regions of the APIs, that of the first one first; the one that is given, or stands in, where the file says none.
fn regions(reading: &Reading, options: &Options) -> Vec<String> {
    let mut regions: Vec<String> = Vec::new();
    for api in reading.apis.values() {
        let region = api.region.as_ref().unwrap_or(&options.region);
        if !regions.contains(region) {
            regions.push(region.clone());
        }
    }
    if regions.is_empty() {
        regions.push(options.region.clone());
    }
    regions
}

impl Context<'_> {
    /// Adds the custom domain names. What cannot be told of them hides a URL: where the file is laid over an account, of which all
    /// others are known, that is a gap.
    fn domains(
        &mut self,
        domains: Domains,
        apis: &BTreeMap<String, ApiDraft>,
        options: &Options,
        translated: &mut Translated,
    ) {
        let names = domains.names.into_iter().map(|it| CustomDomain {
            region: it.region.unwrap_or_else(|| self.stand_in.to_owned()),
            name: it.name,
            endpoint_types: it.endpoint_types,
            mutual_tls: it.mutual_tls,
            resource_policy: it.resource_policy,
            mappings: (it.mappings.into_iter())
                .map(|mapping| DomainMapping {
                    base_path: mapping.base_path,
                    api_id: match apis.get(&mapping.api) {
                        Some(draft) => draft.inventory_id().to_owned(),
                        None => mapping.api,
                    },
                    stage: mapping.stage,
                })
                .collect(),
        });
        let names: Vec<CustomDomain> = names.collect();
        translated.inventory.domains = (!names.is_empty()).then_some(names);
        for UnknownDomain { name, unknown } in domains.unknown {
            if options.around.is_some() {
                let gap = self.gap(GapKind::Domains, None, &unknown);
                translated.inventory.gaps.push(Gap {
                    subject: name,
                    ..gap
                });
            } else {
                let says = format!("a custom domain name {}", unknown.why);
                let assumed = self.assumed(None, says, unknown.at);
                translated.assumed.push(assumed);
            }
        }
    }

    fn assumed(&self, api: Option<&Api>, says: String, at: Spot) -> Assumed {
        Assumed {
            api: api.map(|api| api.id.clone()),
            at: self.origins.location(at),
            says,
        }
    }

    /// A gap, which is noted with its place.
    fn gap(&mut self, kind: GapKind, api: Option<&Api>, unknown: &Unknown) -> Gap {
        let location = self.origins.location(unknown.at);
        self.unclear.push((location, unknown.why.clone()));
        self.gap_in_case(kind, api, unknown)
    }

    /// What may be a gap.
    fn gap_in_case(&self, kind: GapKind, api: Option<&Api>, unknown: &Unknown) -> Gap {
        let location = self.origins.location(unknown.at);
        let gap = Gap {
            region: Some(self.region.to_owned()),
            reason: Reason::Unresolved,
            ..Gap::malformed(kind, format!("{location}: {}", unknown.why))
        };
        match api {
            Some(api) => gap.at(api),
            None => gap,
        }
    }

    fn doubt(&self, about: Selected, api: Option<&Api>, unknown: &Unknown) -> Doubt {
        let what = match about {
            Selected::Region => "the Region",
            Selected::Api => "the API's name",
            Selected::Stage => "the stage's name",
            Selected::Tags => "a tag",
            Selected::Path => "the path",
        };
        let said = Unknown {
            why: format!("{what} {}", unknown.why),
            at: unknown.at,
        };
        Doubt {
            about,
            gap: self.gap_in_case(GapKind::Api, api, &said),
            assumed: Some(self.assumed(api, said.why, unknown.at)),
        }
    }

    fn api(&mut self, mut draft: ApiDraft, translated: &mut Translated) -> Api {
        draft.complete();
        let lacks_connect = draft.lacks_connect();
        let id = draft.inventory_id().to_owned();
        let is_laid = draft.identity.is_some();
        let is_known = matches!(draft.identity, Some(Identity::Known { .. }));
        let region = (draft.region).unwrap_or_else(|| self.stand_in.to_owned());
        let mut api = Api {
            region: region.clone(),
            name: match draft.name {
                Some(name) => name,
                None if draft.is_elsewhere => String::new(),
                None => draft.id.clone(),
            },
            id,
            kind: draft.kind,
            tags: draft.tags,
            endpoint_types: draft.endpoint_types,
            default_endpoint_disabled: draft.default_endpoint_disabled,
            resource_policy: draft.resource_policy.map(|policy| {
                let stages = draft.stages.iter().map(|stage| stage.name.as_str());
                let told = !draft.doubts.iter().any(|(it, _)| *it == Selected::Stage);
                let stages: Vec<&str> = stages.filter(|_| told).collect();
                match is_laid {
                    // The account, and the ids of its APIs, are known then.
                    true => policy,
                    false => scope::understood(policy, &region, &stages),
                }
            }),
            stages: Some(Vec::new()),
            cors: draft.cors,
            authorizers: draft.authorizers,
            deployments: Vec::new(),
            draft: Some(Vec::new()),
        };
        for unknown in &draft.gaps {
            let gap = self.gap(GapKind::Api, Some(&api), unknown);
            translated.inventory.gaps.push(gap);
        }
        for (about, unknown) in &draft.doubts {
            let doubt = self.doubt(*about, Some(&api), unknown);
            translated.doubts.push(Doubt {
                // Of an API that is elsewhere, one assumption says all that is not known.
                assumed: doubt.assumed.filter(|_| !draft.is_elsewhere),
                ..doubt
            });
        }
        for (parent, at) in &draft.unknown_parents {
            let why = format!("of resource `{parent}` is not known: it is not in this file");
            let unknown = Unknown { why, at: *at };
            if is_laid {
                let said = Unknown {
                    why: format!("the path {}", unknown.why),
                    at: *at,
                };
                let gap = self.gap(GapKind::Api, Some(&api), &said);
                translated.inventory.gaps.push(gap);
                continue;
            }
            translated
                .doubts
                .push(self.doubt(Selected::Path, Some(&api), &unknown));
        }
        let mut assumed = draft.assumed;
        if lacks_connect {
            let says = match draft.is_elsewhere {
                true => {
                    "the WebSocket API has no `$connect` route in the file: nothing here authorizes its callers"
                }
                false => {
                    "the WebSocket API has no route in the file: nothing here authorizes its callers"
                }
            };
            assumed.push((says.to_owned(), draft.at));
        }
        let gaps = &mut translated.inventory.gaps;
        let (methods, others) = self.weakest(&api, draft.methods, gaps);
        // A plan makes each method once, so that what it keeps has none beside it.
        let kept = (draft.kept).map(|it| self.weakest(&api, it, gaps).0);
        let others = others.into_iter();
        (translated.alternatives)
            .extend(others.filter_map(|it| self.alternative(&api, &methods, it)));
        let kept = kept.filter(|kept| !kept.is_empty() && !are_the_same(kept, &methods));
        if methods.is_empty() && kept.is_none() {
            // Nothing is deployed of an API without methods.
            api.stages = Some(Vec::new());
        } else {
            if draft.stages.is_empty() && !is_known {
                let says = format!(
                    "no stage is in the file: judged as if deployed to one called `{STAGE}`"
                );
                assumed.push((says, draft.at));
            }
            // Laid over an account, a stage keeps what the account has there, whether or not the plan changes methods.
            let keeps = draft.stages.iter().any(StageDraft::serves_what_was_before);
            let has_kept = kept.is_some() || (is_laid && keeps);
            let mut stages = stages(draft.stages, api.kind, has_kept);
            let most = methods.len().max(kept.as_ref().map_or(0, BTreeMap::len));
            let gap = self.bound(&api, &mut stages, most);
            translated.inventory.gaps.extend(gap);
            api.stages = Some(stages);
        }
        for (says, at) in assumed {
            translated.assumed.push(self.assumed(Some(&api), says, at));
        }
        self.deployed(&mut api, kept, &methods);
        self.drafted(&mut api, methods);
        api
    }

    /// Adds the deployments that the stages serve.
    fn deployed(&mut self, api: &mut Api, kept: Option<Methods>, methods: &Methods) {
        let is_served = |id: &str| {
            let mut stages = api.stages.iter().flatten();
            stages.any(|stage| stage.served().any(|it| it == id))
        };
        let (serves_new, serves_kept) = (is_served(STAGE), is_served(KEPT));
        if let Some(kept) = kept.filter(|_| serves_kept) {
            self.deployment(api, KEPT, &kept);
        }
        if serves_new {
            self.deployment(api, STAGE, methods);
        }
    }

    /// Leaves out the stages that would take more judgements than the bound allows, each with all of the API's methods,
    /// and names them.
    fn bound(&mut self, api: &Api, stages: &mut Vec<Stage>, methods: usize) -> Option<Gap> {
        let beside_the_first = self.left / methods.max(1);
        let kept = stages.len().min(beside_the_first.saturating_add(1));
        self.left = self
            .left
            .saturating_sub(methods.saturating_mul(kept.saturating_sub(1)));
        let left_out = stages.split_off(kept);
        if left_out.is_empty() {
            return None;
        }
        let count = left_out.len();
        let names = listed(left_out.into_iter().map(|stage| stage.name), NAMED);
        let at = self
            .origins
            .api(&api.id)
            .unwrap_or_else(|| self.origins.start());
        let message = format!(
            "{at}: {count} stages with {methods} methods each are more than are judged of one file, and were left out: {names}"
        );
        Some(Gap {
            reason: Reason::TooMuchWork,
            ..Gap::malformed(GapKind::Api, message).at(api)
        })
    }

    /// The methods by path and verb, and those that stand beside them. How a method is authorized that cannot be told is a gap.
    fn weakest(
        &mut self,
        api: &Api,
        drafts: Vec<MethodDraft>,
        gaps: &mut Vec<Gap>,
    ) -> (Methods, Vec<Written>) {
        let (mut methods, mut others) = (Methods::new(), Vec::new());
        for method in drafts {
            let subject = format!("{} {}", method.verb, method.path);
            let caller = match &method.caller {
                Ok(caller) => caller.clone(),
                Err(unknown) => {
                    let said = Unknown {
                        why: format!("how {subject} is authorized: it {}", unknown.why),
                        at: unknown.at,
                    };
                    let gap = self.gap(GapKind::Method, Some(api), &said);
                    gaps.push(gap.about(&subject));
                    continue;
                }
            };
            let key = (method.path.clone(), method.verb.clone());
            // Two conditions may make the same method, and only a deployment knows which: the one that
            // asks less of its callers counts.
            let other = methods.get(&key).map(|(_, other)| other);
            if let Some(other) = other.filter(|other| are_beside(other, &caller)) {
                let said = Unknown {
                    why: format!(
                        "how {subject} is authorized: it is written twice, with {} and {}, and which one counts only a deployment tells",
                        other.authorization, caller.authorization
                    ),
                    at: method.at,
                };
                gaps.push(self.gap(GapKind::Method, Some(api), &said).about(&subject));
            }
            let written = (method, caller);
            let known = methods.get(&key);
            if known.is_none_or(|known| asks_less(&written, known)) {
                others.extend(methods.insert(key, written));
            } else {
                others.push(written);
            }
        }
        (methods, others)
    }

    /// A method beside the one that is judged at its place.
    fn alternative(
        &self,
        api: &Api,
        methods: &Methods,
        (method, caller): Written,
    ) -> Option<Alternative> {
        let (at, note) = (method.at, caller.note.clone());
        let judged = methods.get(&(method.path.clone(), method.verb.clone()))?;
        let drafted = drafted(method, caller);
        Some(Alternative {
            differs: self::drafted(judged.0.clone(), judged.1.clone()) != drafted,
            api: api.id.clone(),
            method: drafted,
            at,
            location: self.origins.location(at),
            note,
        })
    }

    /// Adds a deployment that froze these methods.
    fn deployment(&mut self, api: &mut Api, id: &str, methods: &Methods) {
        let deployed = methods.values().map(|(method, caller)| DeployedMethod {
            verb: method.verb.as_str().into(),
            path: method.path.as_str().into(),
            route_key: method.route_key.as_deref().map(Into::into),
            authorization: Some(caller.authorization.clone()),
            api_key_required: caller.api_key_required,
            // What the next deployment brings is the draft's, and told there.
            integration: (method.integration.as_deref())
                .filter(|_| id == KEPT)
                .map(Into::into),
        });
        let deployed: Vec<DeployedMethod> = deployed.collect();
        if deployed.is_empty() {
            return;
        }
        for (method, caller) in methods.values() {
            self.stands(api, method, caller);
        }
        api.deployments.push(Deployment {
            id: id.to_owned(),
            created_at: None,
            source: match api.kind {
                ApiKind::Rest => DeploymentSource::Summary,
                ApiKind::Http | ApiKind::WebSocket => DeploymentSource::Routes,
            },
            methods: Some(deployed),
        });
    }

    /// The methods as the file has them.
    fn drafted(&mut self, api: &mut Api, methods: Methods) {
        let mut drafted = Vec::new();
        for (method, caller) in methods.into_values() {
            self.stands(api, &method, &caller);
            drafted.push(self::drafted(method, caller));
        }
        api.draft = Some(drafted);
    }

    /// Notes where a method stands. The last place counts.
    fn stands(&mut self, api: &Api, method: &MethodDraft, caller: &Caller) {
        let verb_and_path = || format!("{} {}", method.verb, method.path);
        let subject = method.route_key.clone().unwrap_or_else(verb_and_path);
        let note = caller.note.clone();
        self.origins.add_method(&api.id, subject, method.at, note);
    }
}

/// A method as the file has it.
fn drafted(method: MethodDraft, caller: Caller) -> DraftMethod {
    DraftMethod {
        resource_id: format!("{} {}", method.verb, method.path).into(),
        verb: method.verb.into(),
        path: method.path.into(),
        route_key: method.route_key.map(Into::into),
        authorization: Some(caller.authorization),
        api_key_required: caller.api_key_required,
        authorizer_id: caller.authorizer_id.map(Into::into),
        integration: method.integration.map(Into::into),
    }
}

/// Whether a method asks less of its callers than another one. One that may be a preflight counts only beside others that are
/// none.
fn asks_less((method, caller): &Written, (other, of_other): &Written) -> bool {
    let may_be_preflight = |it: &MethodDraft| {
        let integration = it.integration.as_deref();
        it.verb == OPTIONS && integration.is_none_or(|it| it == MOCK)
    };
    let asked = (strength(caller), may_be_preflight(method));
    asked < (strength(of_other), may_be_preflight(other))
}

/// Whether two sets of methods ask the same of their callers, and the preflights among them answer by the same integrations.
fn are_the_same(one: &Methods, other: &Methods) -> bool {
    let asked = |(method, caller): &(MethodDraft, Caller)| {
        let integration = method.integration.clone();
        (
            caller.authorization.clone(),
            caller.api_key_required,
            integration.filter(|_| method.verb == OPTIONS),
        )
    };
    one.len() == other.len()
        && one
            .iter()
            .all(|(key, method)| other.get(key).is_some_and(|it| asked(it) == asked(method)))
}

/// Whether neither of two authorization types is known to ask less than the other, so that a policy file may accept one
/// and not the other.
fn are_beside(one: &Caller, other: &Caller) -> bool {
    one.authorization != other.authorization && strength(one).0 == strength(other).0
}

/// How much a method asks of its callers. Between two foreign authorizers nothing tells, and the same one always counts.
fn strength(caller: &Caller) -> (u8, &str, bool) {
    let rank = match caller.authorization {
        AuthorizationType::None => 0,
        AuthorizationType::AwsIam => 2,
        _ => 1,
    };
    (rank, caller.authorization.as_str(), caller.api_key_required)
}

/// The stages of an API that has methods. Where the file has none, one stands in. `has_kept`: what a stage keeps is another
/// deployment than the one of the file.
fn stages(drafts: Vec<StageDraft>, kind: ApiKind, has_kept: bool) -> Vec<Stage> {
    let deployment = |keeps: bool| match keeps && has_kept {
        true => KEPT.to_owned(),
        false => STAGE.to_owned(),
    };
    let stage = |name, tags, keeps| Stage {
        name,
        deployment_id: Some(deployment(keeps)),
        auto_deploy: kind != ApiKind::Rest && !(keeps && has_kept),
        auto_deploy_failed: false,
        canary: None,
        updated_at: None,
        tags,
    };
    if drafts.is_empty() {
        return vec![stage(STAGE.to_owned(), BTreeMap::new(), false)];
    }
    drafts
        .into_iter()
        .map(|it| Stage {
            canary: it.canary.map(|canary| Canary {
                deployment_id: deployment(canary.keeps),
                percent_traffic: canary.percent,
            }),
            ..stage(it.name, it.tags, it.keeps)
        })
        .collect()
}
