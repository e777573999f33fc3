//! What a rule says of a method when it fires: the place, how severe and how sure that is, and what was read.

use std::sync::Arc;

use super::view::{MethodView, Snapshot};
use crate::audit::finding::{
    Confidence, Evidence, Exposure, Place, ReachedBy, Remedy, Severity, Source, Text, Violation,
};
use crate::inventory::served::{Known, ServedDeployment};
use crate::inventory::{
    ApiKind, AuthorizationType, DeploymentSource, DraftMethod, Inventory, WRITING_VERBS, quoted,
};
use crate::policy_file::Required;
use crate::template;

impl MethodView<'_> {
    /// The place of a finding about this method.
    pub fn place(&self, inventory: &Inventory) -> Place {
        Place::of_stage(&inventory.account, self.api, &self.stage.name).at_method(
            self.verb,
            self.path,
            self.route_key,
        )
    }

    /// A violation at this method. `severity` is what it would be if anyone could reach the method.
    pub fn violation(
        &self,
        inventory: &Inventory,
        severity: Severity,
        message: impl Into<Text>,
        evidence: Evidence,
        remedy: Remedy,
    ) -> Violation {
        let place = self.place(inventory);
        // Which networks are let in, only the whole policy tells.
        let networks = (self.api.resource_policy.as_ref())
            .filter(|_| self.reach.widest == Exposure::NetworkLimited)
            .map(|it| format!("{it:?}"));
        Violation::new(self.severity(severity), place, message, evidence, remedy)
            .reached_by(self.reached_by())
            .reaching(networks)
    }

    /// How bad it is that a deployed method is open: critical for a verb that changes something, where anyone on the internet
    /// reaches it, or may. An edit of the draft that nobody deployed changes nothing of it.
    pub(in crate::audit) fn severity_of(&self, open: Snapshot<'_>) -> Severity {
        let anyone = matches!(self.reach.widest, Exposure::Public | Exposure::Unknown);
        let is_plain = !open.api_key_required && self.api.kind != ApiKind::WebSocket;
        if is_plain && anyone && WRITING_VERBS.contains(&self.verb) {
            Severity::Critical
        } else {
            Severity::High
        }
    }

    /// The severity of a finding about this method. A method that answers only OPTIONS, and is no preflight, gives
    /// little away; one that only some callers reach gives less.
    pub fn severity(&self, of_others: Severity) -> Severity {
        let severity = if self.options_only {
            Severity::Low
        } else {
            of_others
        };
        self.reach.widest.lowers(severity)
    }

    /// Who can call the method, in words that go before "can call this method". Settings that may not be
    /// deployed keep nobody out.
    pub fn callers(&self) -> &'static str {
        self.reach.widest.callers()
    }

    /// How sure a snapshot makes us. A resource policy and a disabled default endpoint are read as they
    /// stand in the API's settings: both take a deployment to hold, and what it froze of them cannot be
    /// read.
    pub fn confidence(&self, snapshot: Snapshot<'_>) -> Confidence {
        let settings = self.api.resource_policy.is_some() || self.api.default_endpoint_disabled;
        // What a deployment froze that was made before is inferred from what was there before.
        let is_kept = self.is_in_a_file && snapshot.deployment.id == template::KEPT;
        let confidence = if !snapshot.authorization.is_deployed() || settings || is_kept {
            Confidence::Medium
        } else {
            Confidence::High
        };
        self.reach.exposure.shakes(confidence)
    }

    /// What the policy file demands here, as evidence.
    pub fn demanded(&self, of: &AuthorizationType) -> Evidence {
        // There is at least one demand: without an entry, the default of the policy file.
        let demand = self.unmet(of).or(self.demands.first().copied());
        let says = demand.map_or_else(String::new, Required::in_words);
        Evidence::new(Source::PolicyFile, says)
    }

    /// What a snapshot says, as evidence.
    pub fn snapshot_evidence(&self, snapshot: Snapshot<'_>, source: Source) -> Evidence {
        let ServedDeployment { id, known } = snapshot.deployment;
        let stage = &self.stage.name;
        let authorization = snapshot.authorization.kind();
        let authorization = authorization.map_or("unknown", AuthorizationType::as_str);
        let key = if snapshot.api_key_required {
            ", an API key is required"
        } else {
            ""
        };
        if self.is_in_a_file && id == template::KEPT {
            let says = format!(
                "the stage keeps its deployment, which was made before; the method had authorization type {authorization}{key} then"
            );
            return Evidence::new(Source::Template, says);
        }
        if self.is_in_a_file {
            let says = format!("the file gives it authorization type {authorization}{key}");
            return Evidence::new(Source::Template, says);
        }
        let kind = if source == Source::Canary {
            "the canary's deployment"
        } else {
            "deployment"
        };
        let read = snapshot.deployment.read();
        let is_deployed = snapshot.authorization.is_deployed();
        let says = match read.filter(|_| is_deployed).map(|it| it.source) {
            None => {
                let lacks = match known {
                    Known::Nothing => "could not be read",
                    Known::Whole(_) | Known::WithoutMethods(_) => {
                        "does not tell the authorization type"
                    }
                };
                let drafted = drafted_in_words(self.verb, snapshot.authorization.inferred_from());
                format!("{kind} {id} {lacks}; {drafted} says {authorization}{key}")
            }
            Some(DeploymentSource::Summary) => {
                format!("{kind} {id} serves authorization type {authorization}{key}")
            }
            Some(DeploymentSource::Routes) => format!(
                "stage {stage} deploys routes at once, and this one has authorization type {authorization}"
            ),
            Some(DeploymentSource::Export) => {
                format!("the export of stage {stage} shows authorization type {authorization}")
            }
        };
        Evidence {
            source: if is_deployed {
                source
            } else {
                Source::Inferred
            },
            reference: Some(id.to_owned().into()),
            dated: read.and_then(|it| it.created_at),
            says: says.into(),
        }
    }

    /// What the draft says, as evidence.
    pub fn draft_evidence(&self) -> Evidence {
        if self.keeps_a_deployment() {
            return self.planned_evidence();
        }
        let says = match (self.draft, &self.api.draft) {
            (Some(draft), _) => {
                let authorization = draft.authorization.as_ref();
                let authorization = authorization.map_or("unknown", AuthorizationType::as_str);
                let authorizer = self.authorizer(draft);
                format!("the draft says {authorization}{authorizer}")
            }
            (None, Some(_)) => {
                "the draft no longer has this method: a deployment removes it".to_owned()
            }
            (None, None) => "the draft could not be read".to_owned(),
        };
        Evidence {
            reference: self.draft.map(|draft| draft.resource_id.clone()),
            ..Evidence::new(Source::Draft, says)
        }
    }

    /// Whether its stage keeps a deployment that the file does not replace.
    pub(in crate::audit) fn keeps_a_deployment(&self) -> bool {
        self.is_in_a_file && self.stage.served().any(|id| id == template::KEPT)
    }

    /// What the file says, where its stage serves something else.
    fn planned_evidence(&self) -> Evidence {
        let authorization = self.draft.map(|it| it.authorization.as_ref());
        let says = match authorization {
            None => "the file no longer has this method".to_owned(),
            Some(authorization) => {
                let authorization = authorization.map_or("unknown", AuthorizationType::as_str);
                format!(
                    "the file gives it authorization type {authorization} now, and makes no new deployment"
                )
            }
        };
        Evidence::new(Source::Template, says)
    }

    /// The authorizer that a drafted method names, in words.
    fn authorizer(&self, draft: &DraftMethod) -> String {
        let Some(id) = &draft.authorizer_id else {
            return String::new();
        };
        match self.api.authorizers.iter().find(|it| it.id == *id) {
            Some(it) => format!(", by authorizer {} ({}, {id})", quoted(&it.name), it.kind),
            None => format!(", by authorizer {id}"),
        }
    }

    /// Who reaches the method and by which URLs, for a finding.
    pub fn reached_by(&self) -> ReachedBy {
        self.reached_as(self.reach.exposure, self.reach.widest)
    }

    /// The same, for callers whom the resource policy treats otherwise than anonymous ones.
    pub(in crate::audit) fn reached_as(&self, exposure: Exposure, widest: Exposure) -> ReachedBy {
        ReachedBy {
            exposure,
            widest,
            urls: Arc::clone(&self.at_stage.urls),
        }
    }
}

/// The method of the draft that a type was inferred from, in words, for a method of this verb.
pub(in crate::audit) fn drafted_in_words(verb: &str, from: Option<&DraftMethod>) -> String {
    match from.filter(|it| it.verb != verb) {
        Some(any) => format!("the draft's {} {}", any.verb, any.path),
        None => "the draft".to_owned(),
    }
}
