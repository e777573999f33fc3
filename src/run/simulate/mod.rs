//! One line of JSON in, one line out: what a request, or every request of a method, would be answered
//! under policies that need not be attached to anybody yet.

mod expect;
mod input;
mod output;
mod request;

use std::rc::Rc;

use foldhash::HashMap;
use serde_json::value::RawValue;

use crate::iam::document::Policy;
use crate::iam::{Policies, Question, access, decide};
use input::{Case, Named, Object, Request};
use output::{Answer, Line};

/// How many documents are kept. Cases mostly come with the same few policies.
const KEPT: usize = 4_096;

/// How many bytes of documents are kept in all.
const KEPT_BYTES: usize = 64 << 20;

/// What an answer is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// It is decided.
    Decided,
    /// It is decided, and not what the case expects.
    Unexpected,
    /// To decide it takes more work than the bound allows, or what it depends on is not known: it is neither a yes nor a no.
    Undecided,
    /// The case could not be read: the answer is an `error`.
    Refused,
}

/// Answers cases. It keeps the policies that it has read, as the next case may bring them again.
///
/// ```
/// use gatewatch::run::simulate::{Simulator, Worth};
///
/// let case = br#"{"id": 1,
///     "identityPolicies": [{"policy": {"Version": "2012-10-17", "Statement": {
///         "Effect": "Allow", "Action": "execute-api:Invoke",
///         "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/1"}}}],
///     "request": {"principal": "arn:aws:iam::111122223333:user/alice", "action": "execute-api:Invoke",
///         "template": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/{petId}"}}"#;
/// let (answer, worth) = Simulator::default().answer(case);
/// assert!(answer.starts_with(r#"{"id":1,"verdict":"SOME""#), "{answer}");
/// assert_eq!(worth, Worth::Decided);
/// ```
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
                let Object(case): Object<Case<'_>> =
                    serde_json::from_str(line).map_err(|it| input::said(&it))?;
                let answer = self.of_case(&case)?;
                let expected = case.expect.as_deref();
                let is_met = expected.map(|it| expect::is_met(it, &answer)).transpose()?;
                let differs = is_met == Some(false);
                let worth = match &answer {
                    _ if answer.is_undecided() => Worth::Undecided,
                    _ if differs => Worth::Unexpected,
                    _ => Worth::Decided,
                };
                let line = Line {
                    answer: &answer,
                    expected: expected.filter(|_| differs),
                };
                Ok((output::line(case.id.map(RawValue::get), &line), worth))
            });
        match answered {
            Ok(answered) => answered,
            Err(error) => {
                let id = input::id_of(line);
                let line = Line {
                    answer: &Answer::Error { error },
                    expected: None,
                };
                let line = output::line(id.as_deref(), &line);
                (line, Worth::Refused)
            }
        }
    }

    fn of_case(&mut self, case: &Case<'_>) -> Result<Answer, String> {
        let read = self.read_policies(case)?;
        of_request(&read.weighing(), &case.request.0)
    }

    /// Reads the policies of a case.
    fn read_policies(&mut self, case: &Case<'_>) -> Result<ReadPolicies, String> {
        let mut read = ReadPolicies::default();
        for (number, named) in case.identity_policies.iter().flatten().enumerate() {
            let at = || format!("identityPolicies[{number}]");
            read.identity.push(self.named(at, &named.0)?);
        }
        for (number, level) in case.scps.iter().flatten().enumerate() {
            let mut policies = Vec::new();
            for (index, named) in level.iter().enumerate() {
                let at = || format!("scps[{number}][{index}]");
                policies.push(self.named(at, &named.0)?);
            }
            read.scps.push(policies);
        }
        if let Some(raw) = case.boundary {
            read.boundary = Some(self.policy(|| "boundary".to_owned(), raw)?);
        }
        if let Some(raw) = case.resource_policy {
            read.resource = Some(self.policy(|| "resourcePolicy".to_owned(), raw)?);
        }
        for (number, named) in case.session_policies.iter().flatten().enumerate() {
            let at = || format!("sessionPolicies[{number}]");
            read.session.push(self.named(at, &named.0)?);
        }
        if let Some(raw) = case.vpc_endpoint_policy {
            read.endpoint = Some(self.policy(|| "vpcEndpointPolicy".to_owned(), raw)?);
        }
        Ok(read)
    }

    fn named(&mut self, at: impl Fn() -> String, named: &Named<'_>) -> Result<Rc<Policy>, String> {
        let at = || match &named.name {
            Some(name) => format!("{} (`{name}`)", at()),
            None => at(),
        };
        self.policy(at, named.policy)
    }

    /// Reads a policy, or takes it from those that are kept. `at`: where it stands, which only an error says.
    fn policy(&mut self, at: impl Fn() -> String, raw: &RawValue) -> Result<Rc<Policy>, String> {
        if let Some(known) = self.read.get(raw.get()) {
            return Ok(Rc::clone(known));
        }
        // A document as AWS returns it is a text within the JSON.
        let read = match serde_json::from_str::<String>(raw.get()) {
            Ok(text) => Policy::from_json(&text),
            Err(_) => Policy::from_json(raw.get()),
        };
        let policy = Rc::new(read.map_err(|error| format!("{}: {error}", at()))?);
        self.bytes += raw.get().len();
        if self.read.len() >= KEPT || self.bytes > KEPT_BYTES {
            self.read.clear();
            self.bytes = raw.get().len();
        }
        self.read.insert(raw.get().to_owned(), Rc::clone(&policy));
        Ok(policy)
    }
}

/// The policies of a case.
#[derive(Debug, Default)]
struct ReadPolicies {
    identity: Vec<Rc<Policy>>,
    boundary: Option<Rc<Policy>>,
    /// Level by level, as in the case.
    scps: Vec<Vec<Rc<Policy>>>,
    resource: Option<Rc<Policy>>,
    session: Vec<Rc<Policy>>,
    endpoint: Option<Rc<Policy>>,
}

impl ReadPolicies {
    /// The policies, as the engine weighs them.
    fn weighing(&self) -> Policies<'_> {
        let scps = self.scps.iter();
        Policies {
            identity: self.identity.iter().map(AsRef::as_ref).collect(),
            boundary: self.boundary.as_deref(),
            scps: scps
                .map(|level| level.iter().map(AsRef::as_ref).collect())
                .collect(),
            resource: self.resource.as_deref(),
            session: self.session.iter().map(AsRef::as_ref).collect(),
            endpoint: self.endpoint.as_deref(),
        }
    }
}

/// Answers a request, or all requests of a method, under these policies.
fn of_request(policies: &Policies<'_>, request: &Request<'_>) -> Result<Answer, String> {
    let caller = request::principal(&request.principal)?;
    request::action(&request.action)?;
    let context = input::context(&request.context)?;
    let scps = policies.scps.iter().flatten();
    let limits = [policies.boundary, policies.resource, policies.endpoint];
    let of_caller = policies
        .identity
        .iter()
        .chain(scps)
        .chain(&policies.session);
    let all = of_caller.copied().chain(limits.into_iter().flatten());
    if !policies.session.is_empty() {
        request::has_session(&request.principal)?;
    }
    request::comparable(all, &request.context)?;
    let named_account = request.resource_account.as_deref();
    let question = |resource_account, api| Question {
        caller: &caller,
        action: &request.action,
        resource_account,
        api,
        context: &context,
    };
    match (&request.resource, &request.template) {
        (Some(text), None) => {
            let (resource, account_of_arn) = request::resource(text, &request.action)?;
            let account = request::resource_account(named_account, account_of_arn)?;
            let question = question(&account, api_of(&resource));
            Ok(Answer::Request {
                decision: decide(policies, question, &resource).as_str(),
            })
        }
        (None, Some(text)) => {
            let (template, account_of_arn) = request::template(text, &request.action)?;
            let account = request::resource_account(named_account, Some(account_of_arn))?;
            let access = access(policies, question(&account, template.api()), &template);
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

/// The API's id in the ARN of a request: the first part of what the ARN names. Empty, where the text is no such ARN.
fn api_of(resource: &str) -> &str {
    let named = resource.splitn(6, ':').nth(5);
    named.and_then(|it| it.split('/').next()).unwrap_or("")
}
