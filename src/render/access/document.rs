//! The public JSON of access, version 1: a type of its own, as the report's is.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use serde::ser::{SerializeSeq as _, SerializeStruct as _};
use serde::{Serialize, Serializer};

use super::{AccessQuestion, HolderAccess, MethodRow};
use crate::audit::access::{HolderKind, KeptOut, NearMiss, NotAsked};
use crate::audit::finding::{ApiRef, Place};
use crate::inventory::{Api, Gap, Inventory};
use crate::render::json::Tool;
use crate::render::words::write_pretty;

/// The version of this JSON. It grows when a reader of the older one would misread the newer.
const SCHEMA_VERSION: u32 = 1;

/// The answers, which are written while they are found. What they leave open is known at the end, and stands there.
struct AccessDocument<'q, 'e> {
    question: &'q AccessQuestion<'e>,
    /// What could not be read or decided, once the answers are written.
    gaps: OnceCell<BTreeSet<Gap>>,
}

impl Serialize for AccessDocument<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let AccessDocument { question, gaps } = self;
        let inventory = question.inventory;
        let mut document = serializer.serialize_struct("AccessDocument", 11)?;
        document.serialize_field("schema_version", &SCHEMA_VERSION)?;
        document.serialize_field("tool", &Tool::this())?;
        document.serialize_field("account", &inventory.account)?;
        document.serialize_field("partition", &inventory.partition)?;
        document.serialize_field("taken_at", &inventory.taken_at.to_string())?;
        document.serialize_field("methods", &Methods(question))?;
        // How many methods leave the decision to something else, by authorization type.
        document.serialize_field("not_decided_by_iam", &question.elsewhere)?;
        // Whom resource policies let in besides, and who are no callers that can be asked about.
        let not_asked: Vec<NotAskedJson<'_>> = question.not_asked.iter().map(not_asked).collect();
        document.serialize_field("not_asked_about", &not_asked)?;
        // The statements that let nobody in, or not everybody whom they name.
        let kept_out: Vec<KeptOutJson<'_>> = question.kept_out.iter().map(kept_out).collect();
        document.serialize_field("kept_out", &kept_out)?;
        let gaps = gaps.get_or_init(|| question.gaps());
        // Whether everything was read.
        document.serialize_field("complete", &gaps.is_empty())?;
        document.serialize_field("gaps", gaps)?;
        document.end()
    }
}

/// The methods with their callers.
struct Methods<'q, 'e>(&'q AccessQuestion<'e>);

impl Serialize for Methods<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Methods(question) = self;
        let mut methods = serializer.serialize_seq(None)?;
        let mut written = Ok(());
        question.answer(&mut |rows| {
            for row in &rows {
                if written.is_ok() {
                    written = methods.serialize_element(&method(question.inventory, row));
                }
            }
            written.is_ok()
        });
        written?;
        methods.end()
    }
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
struct KeptOutJson<'a> {
    region: &'a str,
    api: ApiJson<'a>,
    statement: &'a str,
    says: &'a str,
}

#[derive(Debug, Serialize)]
struct NotAskedJson<'a> {
    region: &'a str,
    api: ApiJson<'a>,
    statement: &'a str,
    kind: &'static str,
    principal: &'a str,
}

#[derive(Debug, Serialize)]
struct CallerJson<'a> {
    kind: &'static str,
    name: &'a str,
    /// `None`: an organization's is not known.
    arn: Option<&'a str>,
    verdict: &'static str,
    conditional: bool,
    /// Whether anyone can become the role, by its trust policy. Left out where that is not so, or not known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    open_to_guests: bool,
    /// Whether it is of another account, whose own policies are not read: the verdict is what the API's resource policy
    /// lets in, and that account must allow the call, too. Left out where that is not so.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    admitted_only: bool,
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

/// Answers a question as JSON, which is written while the answers are found: those of a whole account may not fit into
/// memory. Returns what could not be read or decided.
///
/// # Errors
/// Where it cannot be written.
pub fn write_access(
    question: &AccessQuestion<'_>,
    out: impl io::Write,
) -> io::Result<BTreeSet<Gap>> {
    let document = AccessDocument {
        question,
        gaps: OnceCell::new(),
    };
    write_pretty(&document, out)?;
    Ok(document
        .gaps
        .into_inner()
        .unwrap_or_else(|| question.gaps()))
}

fn method<'a>(inventory: &Inventory, row: &'a MethodRow<'_>) -> MethodJson<'a> {
    let method = row.method;
    let place = Place {
        account: inventory.account.as_str().into(),
        region: Some(method.api.region.as_str().into()),
        api: Some(Arc::new(ApiRef::from(method.api))),
        stage: Some(method.stage.name.as_str().into()),
        verb: Some(method.verb.into()),
        path: method.path.starts_with('/').then(|| method.path.into()),
        ..Place::default()
    };
    MethodJson {
        region: &method.api.region,
        api: ApiJson::of(method.api),
        stage: &method.stage.name,
        verb: method.verb,
        path: method.path,
        route_key: method.route_key,
        resource_arn: place.execute_api_arn(&inventory.partition),
        authorization: method.authorizations.iter().map(|it| it.as_str()).collect(),
        callers: row.callers.iter().map(caller).collect(),
    }
}

impl<'a> ApiJson<'a> {
    fn of(api: &'a Api) -> Self {
        ApiJson {
            id: &api.id,
            name: &api.name,
            kind: api.kind.as_str(),
        }
    }
}

fn not_asked<'a>(of: &'a NotAsked<'_>) -> NotAskedJson<'a> {
    NotAskedJson {
        region: &of.api.region,
        api: ApiJson::of(of.api),
        statement: &of.statement,
        kind: of.what,
        principal: &of.name,
    }
}

fn kept_out<'a>(of: &'a KeptOut<'_>) -> KeptOutJson<'a> {
    KeptOutJson {
        region: &of.api.region,
        api: ApiJson::of(of.api),
        statement: &of.statement,
        says: &of.why,
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
                effect: reason.effect.as_str(),
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
        arn: (caller.holder.kind != HolderKind::Organization).then_some(&*caller.holder.arn),
        verdict: caller.cell.verdict.as_str(),
        conditional: caller.cell.conditional,
        open_to_guests: !caller.holder.guests.is_empty(),
        admitted_only: caller.holder.kind.is_outside(),
        proof,
    }
}
