//! All that one scan read.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Api, Document, Gap, GapKind, Iam, Reason};

/// The version of the inventory's JSON. It grows when an older gatewatch would misread a newer file.
pub const SCHEMA_VERSION: u32 = 1;

/// All that one scan of one account read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// The version of this format: [`SCHEMA_VERSION`].
    pub schema_version: u32,
    /// The account's id, twelve digits.
    pub account: String,
    /// The partition: `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// When the reading began.
    pub taken_at: Timestamp,
    /// What the scan was asked to read.
    pub scope: Scope,
    /// The APIs, ordered by Region and id.
    pub apis: Vec<Api>,
    /// The IAM principals. `None`: they could not be read.
    pub iam: Option<Iam>,
    /// What could not be read. [`Inventory::gaps`] adds what is missing without being named here.
    pub gaps: Vec<Gap>,
}

/// What a scan was asked to read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// The Regions.
    pub regions: Vec<String>,
    /// The ids or names of the APIs. Empty: all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub apis: Vec<String>,
}

/// Why a text is not an inventory that this version can read.
#[derive(Debug, thiserror::Error)]
pub enum InventoryError {
    /// It is not JSON, or not of this shape.
    #[error("not an inventory: {0}")]
    Shape(#[from] serde_json::Error),
    /// It carries no `schema_version`.
    #[error(
        "not an inventory: no `schema_version`; write one with `gatewatch collect -o inventory.json`"
    )]
    NoVersion,
    /// It was written by a newer gatewatch.
    #[error(
        "the inventory has schema version {found}, and this gatewatch reads up to {SCHEMA_VERSION}; \
         check it with the gatewatch that wrote it, or a newer one"
    )]
    Future {
        /// The version in the file.
        found: u64,
    },
}

impl Inventory {
    /// Reads an inventory from its JSON.
    ///
    /// # Errors
    /// [`InventoryError`], for a text that is no inventory or one of a schema version that this
    /// gatewatch does not know. Unknown fields are errors: what is not understood must not be skipped.
    pub fn from_json(text: &str) -> Result<Self, InventoryError> {
        #[derive(Deserialize)]
        struct Versioned {
            schema_version: Option<u64>,
        }
        let found = serde_json::from_str::<Versioned>(text)?
            .schema_version
            .ok_or(InventoryError::NoVersion)?;
        if found > u64::from(SCHEMA_VERSION) {
            return Err(InventoryError::Future { found });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// The inventory as indented JSON, ending in a line break.
    ///
    /// # Errors
    /// None for the types of this crate; the signature is `serde_json`'s.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }

    /// Every gap, in order and once each: those that the reading named, and those that the data shows.
    /// A file that simply lacks a stage's deployment is thus as incomplete as one that says so.
    pub fn gaps(&self) -> BTreeSet<Gap> {
        let mut gaps: BTreeSet<Gap> = self.gaps.iter().cloned().collect();
        for api in &self.apis {
            gaps.extend(self.api_gaps(api));
        }
        match &self.iam {
            Some(iam) => gaps.extend(self.iam_gaps(iam)),
            None if !self.names(GapKind::Iam, None, None) => {
                gaps.insert(unnamed(GapKind::Iam, None, None, "the IAM principals"));
            }
            None => {}
        }
        gaps
    }

    fn api_gaps(&self, api: &Api) -> Vec<Gap> {
        let mut gaps = Vec::new();
        match &api.stages {
            Some(stages) => {
                for stage in stages {
                    gaps.extend(self.stage_gaps(api, stage));
                }
            }
            None if !self.names(GapKind::Api, Some(api), None) => {
                gaps.push(unnamed(GapKind::Api, Some(api), None, "the stages"));
            }
            None => {}
        }
        // Nothing is compared with the draft of an API that is not deployed: it need not be read.
        let deployed = api.stages.as_ref().is_some_and(|stages| !stages.is_empty());
        if deployed && api.draft.is_none() && !self.names(GapKind::Draft, Some(api), None) {
            gaps.push(unnamed(
                GapKind::Draft,
                Some(api),
                None,
                "the editable tree",
            ));
        }
        if let Some(Document::Unparsed { error, .. }) = &api.resource_policy {
            gaps.push(Gap {
                message: format!(
                    "the resource policy does not parse: {error}; its effect is unknown"
                ),
                ..unnamed(GapKind::ResourcePolicy, Some(api), None, "")
            });
        }
        gaps
    }

    fn stage_gaps(&self, api: &Api, stage: &super::Stage) -> Vec<Gap> {
        let canary = stage
            .canary
            .as_ref()
            .map(|canary| canary.deployment_id.as_str());
        let mut gaps = Vec::new();
        for id in stage.deployment_id.as_deref().into_iter().chain(canary) {
            let Some(deployment) = api.deployment(id) else {
                if !self.names(GapKind::Stage, Some(api), Some(&stage.name)) {
                    gaps.push(Gap {
                        subject: Some(id.to_owned()),
                        ..unnamed(
                            GapKind::Stage,
                            Some(api),
                            Some(&stage.name),
                            &format!("deployment {id}"),
                        )
                    });
                }
                continue;
            };
            gaps.extend(unknown_methods(api, stage, deployment));
        }
        gaps
    }

    fn iam_gaps(&self, iam: &Iam) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let mut document = |subject: &str, what: String, document: &Document| {
            if let Document::Unparsed { error, .. } = document {
                gaps.push(Gap {
                    subject: Some(subject.to_owned()),
                    message: format!("{what} does not parse: {error}; its effect is unknown"),
                    ..unnamed(GapKind::PolicyDocument, None, None, "")
                });
            }
        };
        let principals = (iam.groups.iter().map(|it| (&it.arn, &it.inline)))
            .chain(iam.users.iter().map(|it| (&it.arn, &it.inline)))
            .chain(iam.roles.iter().map(|it| (&it.arn, &it.inline)));
        for (arn, inline) in principals {
            for policy in inline {
                document(
                    arn,
                    format!("inline policy `{}`", policy.name),
                    &policy.document,
                );
            }
        }
        for policy in &iam.policies {
            document(
                &policy.arn,
                format!("managed policy `{}`", policy.name),
                &policy.document,
            );
        }
        let attached: BTreeSet<_> = (iam.groups.iter().flat_map(|it| &it.attached))
            .chain(iam.users.iter().flat_map(|it| &it.attached))
            .chain(iam.roles.iter().flat_map(|it| &it.attached))
            .collect();
        for policy in attached {
            let named = self
                .gaps
                .iter()
                .any(|gap| gap.subject.as_ref() == Some(&policy.arn));
            if !named && iam.policy(&policy.arn).is_none() {
                gaps.push(Gap {
                    subject: Some(policy.arn.clone()),
                    message: format!(
                        "the document of attached policy `{}` is not known",
                        policy.name
                    ),
                    ..unnamed(GapKind::PolicyDocument, None, None, "")
                });
            }
        }
        gaps
    }

    /// Whether the reading itself named a gap of this kind at this place.
    fn names(&self, kind: GapKind, api: Option<&Api>, stage: Option<&str>) -> bool {
        self.gaps.iter().any(|gap| {
            gap.kind == kind
                && gap.api.as_deref() == api.map(|api| api.id.as_str())
                && gap.region.as_deref() == api.map(|api| api.region.as_str())
                && (stage.is_none() || gap.stage.as_deref() == stage)
        })
    }
}

/// Methods whose authorization neither the deployment nor the editable tree tells.
fn unknown_methods(api: &Api, stage: &super::Stage, deployment: &super::Deployment) -> Vec<Gap> {
    let Some(methods) = &deployment.methods else {
        // The editable tree stands in for the whole summary: see `rules::view`.
        let untold = api
            .draft
            .iter()
            .flatten()
            .filter(|method| method.authorization.is_none());
        let mut gaps: Vec<Gap> = untold
            .map(|method| unknown_method(api, stage, &deployment.id, &method.verb, &method.path))
            .collect();
        if api.draft.is_none() {
            gaps.push(Gap {
                subject: Some(deployment.id.clone()),
                message: format!(
                    "deployment {} came without its summary, and there is no editable tree to infer it from",
                    deployment.id
                ),
                ..unnamed(GapKind::Stage, Some(api), Some(&stage.name), "")
            });
        }
        return gaps;
    };
    methods
        .iter()
        .filter(|method| {
            let told = method.authorization.is_some()
                || api
                    .draft_method(&method.verb, &method.path)
                    .is_some_and(|draft| draft.authorization.is_some());
            !told
        })
        .map(|method| unknown_method(api, stage, &deployment.id, &method.verb, &method.path))
        .collect()
}

fn unknown_method(
    api: &Api,
    stage: &super::Stage,
    deployment: &str,
    verb: &str,
    path: &str,
) -> Gap {
    Gap {
        subject: Some(format!("{verb} {path}")),
        message: format!(
            "neither deployment {deployment} nor the editable tree tells the authorization type of {verb} {path}"
        ),
        ..unnamed(GapKind::Method, Some(api), Some(&stage.name), "")
    }
}

/// A gap that shows in the data and that no failed call explains.
fn unnamed(kind: GapKind, api: Option<&Api>, stage: Option<&str>, what: &str) -> Gap {
    Gap {
        kind,
        region: api.map(|api| api.region.clone()),
        api: api.map(|api| api.id.clone()),
        stage: stage.map(str::to_owned),
        subject: None,
        operation: None,
        reason: Reason::Malformed,
        message: format!("not in the inventory: {what}"),
    }
}
