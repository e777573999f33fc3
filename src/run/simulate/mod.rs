//! One line of JSON in, one line out: what a request, or every request of a method, would be answered
//! under policies that need not be attached to anybody yet.

mod input;
mod output;
mod request;

use std::rc::Rc;

use foldhash::HashMap;
use serde_json::value::RawValue;

use crate::iam::document::Policy;
use crate::iam::{Policies, Question, Verdict, access, decide};
use input::{Case, Named, Object};
use output::Answer;

/// How many documents are kept. Cases mostly come with the same few policies.
const KEPT: usize = 4_096;

/// How many bytes of documents are kept in all.
const KEPT_BYTES: usize = 64 << 20;

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It is decided.
    Decided,
    /// To decide it takes more work than the bound allows: it is neither a yes nor a no.
    Undecided,
    /// The case could not be read: the answer is an `error`.
    Refused,
}

/// Answers cases. It keeps the policies that it has read, as the next case may bring them again.
#[derive(Debug, Default)]
pub struct Simulator {
    read: HashMap<String, Rc<Policy>>,
    bytes: usize,
}

impl Simulator {
    /// Answers one line with one line, without its line break. A line that cannot be answered is answered
    /// by an `error`. The second: what the answer is worth.
    pub fn answer(&mut self, line: &[u8]) -> (String, Worth) {
        let answered = std::str::from_utf8(line)
            .map_err(|_| "the line is not UTF-8".to_owned())
            .and_then(|line| {
                let case: Object<Case<'_>> =
                    serde_json::from_str(line).map_err(|it| input::said(&it))?;
                let case = case.0;
                let answer = self.of_case(&case)?;
                let worth = match &answer {
                    Answer::Method { verdict, .. } if *verdict == Verdict::Undecided.as_str() => {
                        Worth::Undecided
                    }
                    _ => Worth::Decided,
                };
                Ok((output::line(case.id.map(RawValue::get), &answer), worth))
            });
        match answered {
            Ok(answered) => answered,
            Err(error) => {
                let id = input::id_of(line);
                let line = output::line(id.as_deref(), &Answer::Error { error });
                (line, Worth::Refused)
            }
        }
    }

    fn of_case(&mut self, case: &Case<'_>) -> Result<Answer, String> {
        let request = &case.request.0;
        let mut identity = Vec::new();
        for (number, named) in case.identity_policies.iter().flatten().enumerate() {
            let at = format!("identityPolicies[{number}]");
            identity.push(self.named(&at, &named.0)?);
        }
        let mut scps = Vec::new();
        for (number, level) in case.scps.iter().flatten().enumerate() {
            let mut policies = Vec::new();
            for (index, named) in level.iter().enumerate() {
                policies.push(self.named(&format!("scps[{number}][{index}]"), &named.0)?);
            }
            scps.push(policies);
        }
        let boundary = case.boundary.map(|it| self.policy("boundary", it));
        let boundary = boundary.transpose()?;
        let resource = case.resource_policy;
        let resource = resource.map(|it| self.policy("resourcePolicy", it));
        let resource = resource.transpose()?;
        let policies = Policies {
            identity: identity.iter().map(AsRef::as_ref).collect(),
            boundary: boundary.as_deref(),
            scps: scps
                .iter()
                .map(|level| level.iter().map(AsRef::as_ref).collect())
                .collect(),
            resource: resource.as_deref(),
        };
        let caller = request::principal(&request.principal)?;
        request::action(&request.action)?;
        let context = input::context(&request.context)?;
        let scps_of_all = policies.scps.iter().flatten();
        let limits = policies.boundary.into_iter().chain(policies.resource);
        let all = policies.identity.iter().chain(scps_of_all).copied();
        request::comparable(all.chain(limits), &request.context)?;
        let named_account = request.resource_account.as_deref();
        let question = |resource_account, api| Question {
            caller: &caller,
            action: &request.action,
            resource_account,
            api,
            context: &context,
        };
        match (&request.resource, &request.template) {
            (Some(resource), None) => {
                let (resource, account) = request::resource(resource, &request.action)?;
                let account = request::resource_account(named_account, account)?;
                let api = resource.splitn(6, ':').nth(5);
                let api = api.and_then(|it| it.split('/').next());
                let question = question(&account, api.unwrap_or_default());
                Ok(Answer::Request {
                    decision: decide(&policies, question, &resource).as_str(),
                })
            }
            (None, Some(template)) => {
                let (template, account) = request::template(template, &request.action)?;
                let account = request::resource_account(named_account, Some(account))?;
                let access = access(&policies, question(&account, template.api()), &template);
                Ok(Answer::Method {
                    verdict: access.verdict.as_str(),
                    conditional: access.conditional,
                    allowed: access.allowed,
                    denied: access.denied,
                })
            }
            _ => Err("request: it needs either `resource` or `template`".to_owned()),
        }
    }

    fn named(&mut self, at: &str, named: &Named<'_>) -> Result<Rc<Policy>, String> {
        let at = match &named.name {
            Some(name) => format!("{at} (`{name}`)"),
            None => at.to_owned(),
        };
        self.policy(&at, named.policy)
    }

    fn policy(&mut self, at: &str, raw: &RawValue) -> Result<Rc<Policy>, String> {
        if let Some(known) = self.read.get(raw.get()) {
            return Ok(Rc::clone(known));
        }
        // A document as AWS returns it is a text within the JSON.
        let inner = raw.get().starts_with('"');
        let inner = inner.then(|| serde_json::from_str::<String>(raw.get()));
        let read = match inner {
            Some(Ok(text)) => Policy::from_json(&text),
            _ => Policy::from_json(raw.get()),
        };
        let policy = Rc::new(read.map_err(|error| format!("{at}: {error}"))?);
        self.bytes += raw.get().len();
        if self.read.len() >= KEPT || self.bytes > KEPT_BYTES {
            self.read.clear();
            self.bytes = raw.get().len();
        }
        self.read.insert(raw.get().to_owned(), Rc::clone(&policy));
        Ok(policy)
    }
}
