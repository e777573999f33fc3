//! The public JSON of what is to be asked, version 1.

use serde::Serialize;
use serde_json::Value;

use super::json::{LeftOutJson, RequestJson, left_out, request};
use super::policy::signing_policy;
use crate::audit::probe::Plan;
use crate::inventory::Gap;
use crate::render::json::Tool;

/// The version of this JSON. It grows when a reader of the older one would misread the newer.
const SCHEMA_VERSION: u32 = 1;

/// What is to be asked.
#[derive(Debug, Serialize)]
pub struct PlanDocument<'a> {
    schema_version: u32,
    tool: Tool,
    requests: Vec<RequestJson<'a>>,
    left_out: Vec<LeftOutJson<'a>>,
    gaps: &'a [Gap],
    /// The IAM policy that whoever signs needs. Null: nothing is signed, and no permission is needed.
    policy: Option<Value>,
}

/// What is to be asked, for programs.
pub fn plan_document(plan: &Plan) -> PlanDocument<'_> {
    PlanDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        requests: plan.requests.iter().map(request).collect(),
        left_out: plan.left_out.iter().map(left_out).collect(),
        gaps: &plan.gaps,
        policy: signing_policy(plan),
    }
}
