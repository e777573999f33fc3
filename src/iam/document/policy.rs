//! The IAM policy language as data.
//!
//! Source: [grammar of the IAM JSON policy language](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html).

use strum::IntoStaticStr;

use super::operator::Operator;

/// A policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The version of the language it is written in.
    pub version: Version,
    /// Its statements, in order.
    pub statements: Vec<Statement>,
}

impl Policy {
    /// How reports call a statement: its `Sid`, or its place, such as `Statement[0]`.
    pub fn place(&self, statement: usize) -> String {
        let sid = self.statements.get(statement).and_then(|it| it.sid.clone());
        sid.unwrap_or_else(|| format!("Statement[{statement}]"))
    }
}

/// The version of the policy language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, which is also meant where a document names none: `${…}` is plain text.
    V2008,
    /// `2012-10-17`: `${…}` is a policy variable.
    V2012,
}

/// What a statement does where it applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, IntoStaticStr)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`.
    Deny,
}

impl Effect {
    /// The word in a policy.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// `Sid`.
    pub sid: Option<String>,
    /// `Effect`.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`. `None`: an identity policy's, which speaks of its holder.
    pub principals: Option<Principals>,
    /// `Action` or `NotAction`.
    pub actions: Patterns,
    /// `Resource` or `NotResource`. `None`: everything that the policy is attached to.
    pub resources: Option<Patterns>,
    /// `Condition`: all of them must hold.
    pub conditions: Vec<Condition>,
}

/// A list of patterns, or of everything but them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patterns {
    /// Whether the element is the `Not…` one.
    pub negated: bool,
    /// The patterns, with wildcards and, in resources, policy variables.
    pub patterns: Vec<String>,
}

/// A list of principals, or of everybody but them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// Whether the element is `NotPrincipal`.
    pub negated: bool,
    /// Those named.
    pub named: Vec<Named>,
}

/// One principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// `"*"` or `{"AWS": "*"}`.
    Everybody,
    /// An account's id, an ARN or a unique id.
    Aws(String),
    /// An identity provider: its users are meant. The domain name of one that IAM has built in, such as
    /// `cognito-identity.amazonaws.com`, or the ARN of an account's own.
    Federated(String),
    /// A service of AWS, such as `events.amazonaws.com`. It is no caller that this library asks about.
    Service(String),
    /// An account by its canonical user id, as Amazon S3 takes it. It is no caller that this library asks about.
    CanonicalUser(String),
}

/// One key of a `Condition`: it holds where the operator, applied to the key's value in the request,
/// finds one of the values (or, negated, none of them).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The operator.
    pub operator: Operator,
    /// The key in lower case: keys ignore case.
    pub key: String,
    /// The values, in the text that they were written in. They may hold policy variables.
    pub values: Vec<String>,
}
