//! The public JSON of a difference, version 1: a type of its own, as the report's is.

use serde::Serialize;

use crate::audit::difference::{
    AccessChange, Change, Difference, FindingChange, Grade, Side, Unknown,
};
use crate::audit::finding::Severity;
use crate::inventory::{Gap, Scope};
use crate::render::report::finding_json::{PlaceJson, place};
use crate::render::report::json::Tool;

/// The version of this JSON. It grows when a reader of the older one would misread the newer.
const SCHEMA_VERSION: u32 = 1;

/// What changed.
#[derive(Debug, Serialize)]
pub struct DifferenceDocument<'a> {
    schema_version: u32,
    tool: Tool,
    account: &'a str,
    outcome: &'static str,
    before: SideJson<'a>,
    after: SideJson<'a>,
    changes: Vec<ChangeJson<'a>>,
    access: Vec<AccessJson<'a>>,
    findings: Vec<FindingChangeJson<'a>>,
    unknown: Vec<UnknownJson<'a>>,
}

#[derive(Debug, Serialize)]
struct SideJson<'a> {
    taken_at: String,
    scope: &'a Scope,
    complete: bool,
    gaps: Vec<&'a Gap>,
}

#[derive(Debug, Serialize)]
struct ChangeJson<'a> {
    kind: &'static str,
    #[serde(flatten)]
    place: PlaceJson<'a>,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct AccessJson<'a> {
    direction: &'static str,
    kind: &'static str,
    name: &'a str,
    region: Option<&'a str>,
    api: Option<&'a str>,
    stage: Option<&'a str>,
    before: &'a str,
    after: &'a str,
    methods: &'a [String],
}

#[derive(Debug, Serialize)]
struct FindingChangeJson<'a> {
    id: &'a str,
    rule: &'a str,
    place: &'a str,
    message: &'a str,
    before: Option<GradeJson>,
    after: Option<GradeJson>,
}

#[derive(Debug, Serialize)]
struct GradeJson {
    severity: Severity,
    exempted: bool,
}

#[derive(Debug, Serialize)]
struct UnknownJson<'a> {
    side: &'static str,
    what: &'a str,
    why: &'a str,
}

/// What changed, for programs.
pub fn difference_document(difference: &Difference) -> DifferenceDocument<'_> {
    DifferenceDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        account: &difference.account,
        outcome: difference.outcome().as_str(),
        before: side(&difference.before),
        after: side(&difference.after),
        changes: difference.changes.iter().map(change).collect(),
        access: difference.access.iter().map(access).collect(),
        findings: difference.findings.iter().map(finding).collect(),
        unknown: difference.unknown.iter().map(unknown).collect(),
    }
}

fn side(side: &Side) -> SideJson<'_> {
    SideJson {
        taken_at: side.taken_at.to_string(),
        scope: &side.scope,
        complete: side.gaps.is_empty(),
        gaps: side.gaps.iter().collect(),
    }
}

fn change(change: &Change) -> ChangeJson<'_> {
    ChangeJson {
        kind: change.kind.as_str(),
        // No principal is named by a partition here.
        place: place("", &change.place),
        before: change.before.as_deref(),
        after: change.after.as_deref(),
    }
}

fn access(change: &AccessChange) -> AccessJson<'_> {
    AccessJson {
        direction: change.direction.as_str(),
        kind: change.kind.as_str(),
        name: &change.name,
        region: change.place.region.as_deref(),
        api: change.place.api.as_ref().map(|it| it.id.as_str()),
        stage: change.place.stage.as_deref(),
        before: &change.before,
        after: &change.after,
        methods: &change.methods,
    }
}

fn finding(change: &FindingChange) -> FindingChangeJson<'_> {
    FindingChangeJson {
        id: &change.id,
        rule: &change.rule,
        place: &change.place,
        message: &change.message,
        before: change.before.map(grade),
        after: change.after.map(grade),
    }
}

fn grade(grade: Grade) -> GradeJson {
    GradeJson {
        severity: grade.severity,
        exempted: grade.exempted,
    }
}

fn unknown(unknown: &Unknown) -> UnknownJson<'_> {
    UnknownJson {
        side: unknown.side.as_str(),
        what: &unknown.what,
        why: &unknown.why,
    }
}
