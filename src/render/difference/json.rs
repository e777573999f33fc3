//! The public JSON of a difference, version 1: a type of its own, as the report's is.

use serde::Serialize;

use crate::audit::difference::{
    AccessChange, Change, Difference, FindingChange, Grade, Side, Unknown,
};
use crate::audit::finding::Severity;
use crate::audit::overlay::Projection;
use crate::inventory::{Gap, Scope};
use crate::render::report::finding_json::{LocationJson, PlaceJson, location, place};
use crate::render::report::json::Tool;
use crate::template::{Identity, Laid};

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
    /// Where files are laid over an account.
    #[serde(skip_serializing_if = "Option::is_none")]
    laid_over: Option<LaidOverJson<'a>>,
}

/// What is said of files that are laid over an account, beside what changes.
#[derive(Debug, Serialize)]
struct LaidOverJson<'a> {
    files: Vec<&'a str>,
    apis: Vec<LaidJson<'a>>,
    standing: Vec<FindingChangeJson<'a>>,
    stays: Vec<SaidJson<'a>>,
    assumptions: Vec<SaidJson<'a>>,
}

/// Which API of the account one of a file is.
#[derive(Debug, Serialize)]
struct LaidJson<'a> {
    name: &'a str,
    location: LocationJson<'a>,
    region: &'a str,
    id: Option<&'a str>,
    told_by: Option<&'static str>,
    doubt: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct SaidJson<'a> {
    says: &'a str,
    location: Option<LocationJson<'a>>,
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
        laid_over: None,
    }
}

/// What files change of an account, for programs.
pub fn projection_document(projection: &Projection) -> DifferenceDocument<'_> {
    let files = projection.files.checked.iter();
    let stays = projection.stays.iter();
    let assumed = projection.assumed.iter();
    DifferenceDocument {
        laid_over: Some(LaidOverJson {
            files: files.map(|(name, _)| name.as_str()).collect(),
            apis: projection.apis.iter().map(laid).collect(),
            standing: projection.standing.iter().map(finding).collect(),
            stays: stays
                .map(|it| SaidJson {
                    says: &it.what,
                    location: it.at.as_ref().map(location),
                })
                .collect(),
            assumptions: assumed
                .map(|(says, at)| SaidJson {
                    says,
                    location: Some(location(at)),
                })
                .collect(),
        }),
        ..difference_document(&projection.difference)
    }
}

fn laid(laid: &Laid) -> LaidJson<'_> {
    let (id, told_by, doubt) = match &laid.identity {
        Identity::Known { id, by } => (Some(id.as_str()), Some(by.as_str()), None),
        Identity::New { doubt } => (None, None, doubt.as_deref()),
    };
    LaidJson {
        name: &laid.name,
        location: location(&laid.at),
        region: &laid.region,
        id,
        told_by,
        doubt,
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
