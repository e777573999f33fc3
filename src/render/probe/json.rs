//! What was asked of the deployed URLs and answered, as a part of a report's JSON.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::audit::probe::{Judged, LeftOut, MethodPlace, Outcome, Planned, Probed, Shows, Verdict};
use crate::inventory::Reason;

/// What was asked and answered, as a part of a report.
#[derive(Debug, Serialize)]
pub(in crate::render) struct ProbeJson<'a> {
    counts: BTreeMap<&'static str, usize>,
    requests: Vec<AnsweredJson<'a>>,
    left_out: Vec<LeftOutJson<'a>>,
}

#[derive(Debug, Serialize)]
struct MethodJson<'a> {
    region: &'a str,
    api_id: &'a str,
    stage: &'a str,
    method_verb: &'a str,
    path: &'a str,
}

/// A request.
#[derive(Debug, Serialize)]
pub(super) struct RequestJson<'a> {
    #[serde(flatten)]
    method: MethodJson<'a>,
    verb: &'a str,
    url: &'a str,
    signed: bool,
    arn: &'a str,
    expected: String,
}

/// A method that is not asked.
#[derive(Debug, Serialize)]
pub(super) struct LeftOutJson<'a> {
    #[serde(flatten)]
    method: MethodJson<'a>,
    why: &'a str,
}

#[derive(Debug, Serialize)]
struct AnsweredJson<'a> {
    #[serde(flatten)]
    request: RequestJson<'a>,
    verdict: &'static str,
    /// Why it disagrees or was not judged.
    why: Option<&'a str>,
    /// Null: there was no answer.
    answer: Option<AnswerJson<'a>>,
    /// Why there was none.
    failed: Option<Reason>,
}

#[derive(Debug, Serialize)]
struct AnswerJson<'a> {
    status: u16,
    error_type: Option<&'a str>,
    shows: &'static str,
    body_bytes: usize,
    body_is_cut: bool,
    body_sha256: &'a str,
}

/// What was asked and answered.
pub(in crate::render) fn probe_json(probed: &Probed) -> ProbeJson<'_> {
    let verdicts = ["agrees", "disagrees", "not-judged"];
    ProbeJson {
        counts: verdicts.map(|it| (it, probed.count(it))).into(),
        requests: probed.requests.iter().map(answered).collect(),
        left_out: probed.left_out.iter().map(left_out).collect(),
    }
}

fn method(place: &MethodPlace) -> MethodJson<'_> {
    MethodJson {
        region: &place.region,
        api_id: &place.api,
        stage: &place.stage,
        method_verb: &place.verb,
        path: &place.path,
    }
}

/// A request for programs.
pub(super) fn request(planned: &Planned) -> RequestJson<'_> {
    RequestJson {
        method: method(&planned.method),
        verb: &planned.verb,
        url: &planned.url,
        signed: planned.signed,
        arn: &planned.arn,
        expected: planned.expected.in_words(),
    }
}

/// A method that is not asked, for programs.
pub(super) fn left_out(left: &LeftOut) -> LeftOutJson<'_> {
    LeftOutJson {
        method: method(&left.method),
        why: &left.why,
    }
}

fn answered(judged: &Judged) -> AnsweredJson<'_> {
    let (answer, failed) = match &judged.outcome {
        Outcome::Failed { reason, .. } => (None, Some(*reason)),
        Outcome::Answered(answer) => {
            let answer = AnswerJson {
                status: answer.status,
                error_type: answer.error_type.as_deref(),
                shows: Shows::of(judged.planned.kind, answer).as_str(),
                body_bytes: answer.body_bytes,
                body_is_cut: answer.is_cut,
                body_sha256: &answer.body_sha256,
            };
            (Some(answer), None)
        }
    };
    AnsweredJson {
        request: request(&judged.planned),
        verdict: judged.verdict.as_str(),
        why: match &judged.verdict {
            Verdict::Agrees => None,
            Verdict::Disagrees { why, .. } => Some(why),
            Verdict::NotJudged { why, .. } => Some(why),
        },
        answer,
        failed,
    }
}
