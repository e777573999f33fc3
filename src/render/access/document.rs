//! The public JSON of access, version 1: a type of its own, as the report's is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{AccessReport, HolderAccess, MethodRow};
use crate::audit::access::NearMiss;
use crate::audit::finding::{ApiRef, Place};
use crate::iam::document::Effect;
use crate::inventory::Gap;
use crate::render::json::Tool;

/// The version of this JSON. It grows when a reader of the older one would misread the newer.
const SCHEMA_VERSION: u32 = 1;

/// The answers.
#[derive(Debug, Serialize)]
pub struct AccessDocument<'a> {
    schema_version: u32,
    tool: Tool,
    account: &'a str,
    partition: &'a str,
    taken_at: String,
    /// Whether everything was read.
    complete: bool,
    gaps: &'a BTreeSet<Gap>,
    methods: Vec<MethodJson<'a>>,
    /// How many methods leave the decision to something else, by authorization type.
    not_decided_by_iam: &'a BTreeMap<String, usize>,
}

#[derive(Debug, Serialize)]
struct MethodJson<'a> {
    region: &'a str,
    api: ApiJson<'a>,
    stage: &'a str,
    verb: &'a str,
    path: &'a str,
    route_key: Option<&'a str>,
    resource_arn: Option<String>,
    /// Empty: not known.
    authorization: Vec<&'a str>,
    callers: Vec<CallerJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ApiJson<'a> {
    id: &'a str,
    name: &'a str,
    kind: &'static str,
}

#[derive(Debug, Serialize)]
struct CallerJson<'a> {
    kind: &'static str,
    name: &'a str,
    arn: &'a str,
    verdict: &'static str,
    conditional: bool,
    /// Whether anyone can become the role, by its trust policy. Left out where that is not so, or not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    open_to_guests: bool,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    proof: Option<ProofJson<'a>>,
}

#[derive(Debug, Serialize)]
struct ProofJson<'a> {
    allowed: Option<&'a str>,
    denied: Option<&'a str>,
    statements: Vec<StatementJson<'a>>,
    across_colons: &'a [String],
    not_read: &'a [String],
    /// The grants that were meant for the method and miss it.
    near_misses: Vec<NearMissJson<'a>>,
}

#[derive(Debug, Serialize)]
struct NearMissJson<'a> {
    policy: &'a str,
    statement: &'a str,
    resource: &'a str,
    mistakes: Vec<MistakeJson>,
}

#[derive(Debug, Serialize)]
struct MistakeJson {
    code: &'static str,
    says: String,
}

#[derive(Debug, Serialize)]
struct StatementJson<'a> {
    policy: &'a str,
    statement: &'a str,
    effect: &'static str,
    conditional: bool,
}

/// The answers as a document to be serialized.
pub fn access_document<'a>(report: &'a AccessReport<'_>) -> AccessDocument<'a> {
    let inventory = report.inventory;
    AccessDocument {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        account: &inventory.account,
        partition: &inventory.partition,
        taken_at: inventory.taken_at.to_string(),
        complete: report.gaps.is_empty(),
        gaps: &report.gaps,
        methods: report.rows.iter().map(|row| method(report, row)).collect(),
        not_decided_by_iam: &report.elsewhere,
    }
}

fn method<'a>(report: &AccessReport<'_>, row: &'a MethodRow<'_>) -> MethodJson<'a> {
    let method = row.method;
    let place = Place {
        account: report.inventory.account.clone(),
        region: Some(method.api.region.clone()),
        api: Some(ApiRef::from(method.api)),
        stage: Some(method.stage.name.clone()),
        verb: Some(method.verb.to_owned()),
        path: method.path.starts_with('/').then(|| method.path.to_owned()),
        ..Place::default()
    };
    MethodJson {
        region: &method.api.region,
        api: ApiJson {
            id: &method.api.id,
            name: &method.api.name,
            kind: method.api.kind.as_str(),
        },
        stage: &method.stage.name,
        verb: method.verb,
        path: method.path,
        route_key: method.route_key,
        resource_arn: place.execute_api_arn(&report.inventory.partition),
        authorization: method.authorizations.iter().map(|it| it.as_str()).collect(),
        callers: row.callers.iter().map(caller).collect(),
    }
}

fn near_miss(near: &NearMiss) -> NearMissJson<'_> {
    let mistakes = near.mistakes.iter().map(|it| MistakeJson {
        code: it.code(),
        says: it.to_string(),
    });
    NearMissJson {
        policy: &near.policy,
        statement: &near.statement,
        resource: &near.pattern,
        mistakes: mistakes.collect(),
    }
}

fn caller<'a>(caller: &'a HolderAccess<'_>) -> CallerJson<'a> {
    let proof = caller.decided.as_ref().map(|decided| ProofJson {
        allowed: decided.access.allowed.as_deref(),
        denied: decided.access.denied.as_deref(),
        statements: decided
            .reasons
            .iter()
            .map(|reason| StatementJson {
                policy: &reason.policy,
                statement: &reason.statement,
                effect: match reason.effect {
                    Effect::Allow => "Allow",
                    Effect::Deny => "Deny",
                },
                conditional: reason.conditional,
            })
            .collect(),
        across_colons: &decided.across_colons,
        not_read: &decided.unread,
        near_misses: caller.near_misses.iter().map(near_miss).collect(),
    });
    CallerJson {
        kind: caller.holder.kind.as_str(),
        name: &caller.holder.name,
        arn: &caller.holder.arn,
        verdict: caller.cell.verdict.as_str(),
        conditional: caller.cell.conditional,
        open_to_guests: !caller.holder.guests.is_empty(),
        proof,
    }
}
