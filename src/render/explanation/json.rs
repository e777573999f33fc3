//! The public JSON of an explanation, version 1: a type of its own, as the report's is.

use serde::Serialize;

use crate::audit::finding::Text;
use crate::audit::rules::{Demand, Explained, ExplainedFinding, Explanation, Judged, WhoCan};
use crate::inventory::{AuthorizationType, Gap};
use crate::render::report::finding_json::{
    EvidenceJson, FindingJson, LocationJson, PlaceJson, evidence, finding, location, place,
};
use crate::render::report::json::Tool;
use crate::render::report::tags::Tagged;

/// The version of this JSON. It grows when a reader of the older one would misread the newer.
const SCHEMA_VERSION: u32 = 1;

/// An explanation.
#[derive(Debug, Serialize)]
pub struct ExplanationDocument<'a> {
    schema_version: u32,
    tool: Tool,
    account: &'a str,
    partition: &'a str,
    /// The finding that was asked about. Null: it was a method.
    finding: Option<JudgedJson<'a>>,
    methods: Vec<MethodJson<'a>>,
}

#[derive(Debug, Serialize)]
struct MethodJson<'a> {
    #[serde(flatten)]
    place: PlaceJson<'a>,
    resource_arn: Option<String>,
    exposure: Option<&'static str>,
    urls: &'a [Text],
    demands: Vec<DemandJson<'a>>,
    accepted_preflight: Option<&'a str>,
    readings: Vec<EvidenceJson<'a>>,
    gaps: &'a [Gap],
    /// Null: no stage serves it, or the IAM principals are not known.
    who_can: Option<WhoCanJson<'a>>,
    findings: Vec<JudgedJson<'a>>,
}

#[derive(Debug, Serialize)]
struct WhoCanJson<'a> {
    anyone: bool,
    asks_iam: bool,
    other_types: &'a [String],
    allowed: Vec<AllowedJson<'a>>,
    /// Whether all users, groups and roles could be read.
    complete: bool,
}

#[derive(Debug, Serialize)]
struct AllowedJson<'a> {
    verdict: &'static str,
    conditional: bool,
    who: &'a [String],
}

#[derive(Debug, Serialize)]
struct DemandJson<'a> {
    verbs: &'a [String],
    says: &'a str,
    /// Null: every known type but NONE.
    accepted: Option<&'a [AuthorizationType]>,
    /// The one that decides first.
    entries: Vec<EntryJson<'a>>,
}

#[derive(Debug, Serialize)]
struct EntryJson<'a> {
    policy_line: usize,
    decides: bool,
    asks_for: &'a str,
    why: &'a str,
}

#[derive(Debug, Serialize)]
struct JudgedJson<'a> {
    #[serde(flatten)]
    finding: FindingJson<'a>,
    exempted: bool,
    exemptions: Vec<VerdictJson<'a>>,
}

#[derive(Debug, Serialize)]
struct VerdictJson<'a> {
    policy_line: Option<usize>,
    /// Where it stands, where the template says it itself.
    location: Option<LocationJson<'a>>,
    covers: bool,
    /// Why it does not.
    refusal: Option<&'a str>,
}

/// The whole explanation.
pub fn explanation_document(explained: &Explained) -> ExplanationDocument<'_> {
    let methods = explained.methods.iter();
    ExplanationDocument {
        finding: None,
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        account: &explained.account,
        partition: &explained.partition,
        methods: methods
            .map(|method| method_json(method, &explained.partition))
            .collect(),
    }
}

/// The same of a finding.
pub fn finding_explanation_document(explained: &ExplainedFinding) -> ExplanationDocument<'_> {
    let partition = explained.partition.as_str();
    ExplanationDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        account: &explained.account,
        partition,
        finding: Some(judged_json(&explained.judged, partition)),
        methods: explained
            .method
            .iter()
            .map(|it| method_json(it, partition))
            .collect(),
    }
}

fn judged_json<'a>(judged: &'a Judged, partition: &str) -> JudgedJson<'a> {
    JudgedJson {
        // An explanation is about what is demanded and deployed: it does not tell the tags.
        finding: finding(partition, &judged.finding, Tagged::default()),
        exempted: judged.exempted,
        exemptions: (judged.exemptions.iter())
            .map(|verdict| VerdictJson {
                policy_line: verdict.comment.is_none().then_some(verdict.line),
                location: verdict.comment.as_ref().map(location),
                covers: verdict.refusal.is_none(),
                refusal: verdict.refusal.as_deref(),
            })
            .collect(),
    }
}

fn who_can_json(who_can: &WhoCan) -> WhoCanJson<'_> {
    let allowed = who_can.allowed.iter().map(|it| AllowedJson {
        verdict: it.verdict.as_str(),
        conditional: it.conditional,
        who: &it.who,
    });
    WhoCanJson {
        anyone: who_can.anyone,
        asks_iam: who_can.asks_iam,
        other_types: &who_can.others,
        allowed: allowed.collect(),
        complete: !who_can.is_partial,
    }
}

fn method_json<'a>(method: &'a Explanation, partition: &str) -> MethodJson<'a> {
    let judged = method.judged.iter().map(|it| judged_json(it, partition));
    MethodJson {
        place: place(partition, &method.place),
        resource_arn: method.place.execute_api_arn(partition),
        exposure: method.reach.as_ref().map(|reach| reach.exposure.as_str()),
        urls: method.reach.as_ref().map_or(&[], |reach| &*reach.urls),
        demands: method.demands.iter().map(demand).collect(),
        accepted_preflight: method.accepted_preflight.as_deref(),
        readings: method.readings.iter().map(evidence).collect(),
        gaps: &method.gaps,
        who_can: method.who_can.as_ref().map(who_can_json),
        findings: judged.collect(),
    }
}

fn demand(demand: &Demand) -> DemandJson<'_> {
    let entries = demand.entries.iter().enumerate();
    DemandJson {
        verbs: &demand.verbs,
        says: &demand.says,
        accepted: demand.accepted.as_deref(),
        entries: entries
            .map(|(index, entry)| EntryJson {
                policy_line: entry.line,
                decides: index == 0,
                asks_for: &entry.asks_for,
                why: &entry.why,
            })
            .collect(),
    }
}
