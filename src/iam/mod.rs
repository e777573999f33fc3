//! The IAM policy engine: who is allowed what by which policies.
//!
//! ```text
//! JSON ─▶ document ─▶ Policy ─┐
//!                             ├─▶ decide ─▶ one decision
//! request, what is known ─────┤
//!                             └─▶ access ─▶ ALL, SOME, NONE of a method's requests, with reasons
//!         (condition and pattern are what both ask)
//! ```
//!
//! A library of its own: it imports nothing of the rest, reads no AWS, no clock and no file. The README beside it has the
//! glossary, and what is proven.
//!
//! # Reading a policy
//!
//! [`Policy::from_json`](document::Policy::from_json) takes what AWS takes: one statement in place of a list, one value in
//! place of a list, names of operators and keys in any case.
//!
//! ```
//! use gatewatch::iam::document::{Effect, Policy, Version};
//!
//! let policy = Policy::from_json(
//!     r#"{"Version": "2012-10-17", "Statement": {"Sid": "Pets", "Effect": "Allow",
//!         "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:a1b2c3d4e5/prod/GET/pets/*"}}"#,
//! )
//! .unwrap();
//! assert_eq!(policy.version, Version::V2012);
//! assert_eq!(policy.statements[0].effect, Effect::Allow);
//! assert_eq!(policy.statements[0].sid.as_deref(), Some("Pets"));
//! ```
//!
//! A document that is not understood is refused as a whole, with the place of the first mistake:
//!
//! ```
//! use gatewatch::iam::document::Policy;
//!
//! let refused = |text: &str| Policy::from_json(text).unwrap_err().to_string();
//! assert_eq!(
//!     refused(r#"{"Statement": [{"Effect": "Permit", "Action": "*", "Resource": "*"}]}"#),
//!     "Statement[0].Effect: it is Allow or Deny",
//! );
//! assert_eq!(
//!     refused(
//!         r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*",
//!             "Condition": {"StringLikes": {"aws:username": "a*"}}}]}"#
//!     ),
//!     "Statement[0].Condition.StringLikes: there is no such operator",
//! );
//! // Readers do not agree on which of the two counts.
//! assert_eq!(
//!     refused(r#"{"Statement": [{"Effect": "Deny", "Effect": "Allow"}]}"#),
//!     "line 1, column 42: an object has a key twice, which AWS refuses",
//! );
//! ```
//!
//! # One request
//!
//! [`decide`] answers for one request of which everything is known: the caller, the policies that weigh on it, and the
//! condition keys.
//!
//! ```
//! use gatewatch::iam::document::{INVOKE, Policy};
//! use gatewatch::iam::{Caller, Context, Decision, Policies, Question, decide};
//!
//! let identity = Policy::from_json(
//!     r#"{"Version": "2012-10-17", "Statement": [
//!         {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"},
//!         {"Effect": "Deny", "Action": "*", "Resource": "*",
//!          "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}"#,
//! )
//! .unwrap();
//! let policies = Policies {
//!     identity: vec![&identity],
//!     ..Policies::default()
//! };
//! let alice = Caller::read("arn:aws:iam::111122223333:user/alice").unwrap();
//! let from = |address: &str| {
//!     let mut context = Context::complete();
//!     context.set("aws:SourceIp", vec![address.to_owned()]);
//!     let question = Question {
//!         caller: &alice,
//!         action: INVOKE,
//!         resource_account: "111122223333",
//!         api: "a1b2c3d4e5",
//!         context: &context,
//!     };
//!     let request = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/7";
//!     decide(&policies, question, request)
//! };
//! assert_eq!(from("203.0.113.7"), Decision::Allowed);
//! assert_eq!(from("198.51.100.7"), Decision::ExplicitlyDenied);
//! ```
//!
//! # All requests of a method
//!
//! [`access`] answers for every request of a method at once, with an example of each answer. What is not known at audit
//! time, such as the caller's address, is left open: the answer is then the most that may be allowed, and
//! [`conditional`](Access::conditional). [`deciding`] names the statements that the answer comes from.
//!
//! ```
//! use gatewatch::iam::document::{Effect, INVOKE, Policy};
//! use gatewatch::iam::{
//!     Caller, Context, Policies, Question, Template, Verdict, access, deciding,
//! };
//!
//! let identity = Policy::from_json(
//!     r#"{"Version": "2012-10-17", "Statement": [
//!         {"Effect": "Allow", "Action": "execute-api:Invoke",
//!          "Resource": "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/*"},
//!         {"Effect": "Deny", "Action": "execute-api:Invoke",
//!          "Resource": "arn:aws:execute-api:*:*:*/prod/GET/pets/secret-*"},
//!         {"Effect": "Allow", "Action": "execute-api:Invoke",
//!          "Resource": "arn:aws:execute-api:*:*:*/prod/DELETE/pets/*",
//!          "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}"#,
//! )
//! .unwrap();
//! let policies = Policies {
//!     identity: vec![&identity],
//!     ..Policies::default()
//! };
//! let context = Context::open();
//! let question = Question {
//!     caller: &Caller::read("arn:aws:iam::111122223333:user/alice").unwrap(),
//!     action: INVOKE,
//!     resource_account: "111122223333",
//!     api: "a1b2c3d4e5",
//!     context: &context,
//! };
//! let method = |verb: &str, path: &str| {
//!     let place = ["aws", "eu-west-1", "111122223333"];
//!     Template::of_method(place, ["a1b2c3d4e5", "prod"], &[verb], path)
//! };
//! let verdict = |verb: &str, path: &str| access(&policies, question, &method(verb, path)).verdict;
//! assert_eq!(verdict("GET", "/orders/{orderId}"), Verdict::All);
//! assert_eq!(verdict("POST", "/orders"), Verdict::None);
//!
//! // Some pets are secret, and one of those is the example of a request that is not allowed.
//! let pets = access(&policies, question, &method("GET", "/pets/{petId}"));
//! assert_eq!((pets.verdict, pets.conditional), (Verdict::Some, false));
//! assert!(pets.denied.unwrap().contains("/prod/GET/pets/secret-"));
//!
//! // Whether alice has signed in with a second factor is not known: ALL, if she has.
//! let delete = access(&policies, question, &method("DELETE", "/pets/{petId}"));
//! assert_eq!((delete.verdict, delete.conditional), (Verdict::All, true));
//!
//! // Which statements decide, by their places from 0.
//! let why = deciding(&policies, question, &method("GET", "/pets/{petId}"));
//! let why: Vec<_> = why.iter().map(|it| (it.policy, it.statement, it.effect)).collect();
//! assert_eq!(why, [(0, 0, Effect::Allow), (0, 1, Effect::Deny)]);
//! ```

mod access;
mod condition;
mod decide;
pub mod document;
mod near_miss;
pub mod pattern;
mod truth;

pub use access::admission::{Admission, Admissions};
pub use access::deciding::{Deciding, Explained, access, deciding, explained, speaking};
pub use access::elsewhere::{Elsewhere, take_out_other_partitions};
pub use access::endpoints::{Endpoint, endpoints};
pub use access::granting::{allows_every_call, denies_calls, invoke_grants, is_blanket, named_api};
pub use access::guests::{Admitted, Guest, guests};
pub use access::networks::{Mistaken, mistaken_networks};
pub use access::not_asked::{NotAsked, not_asked};
pub use access::other_accounts::OtherAccount;
pub use access::outsider::Outsider;
pub use access::reading::{Reading, Touched, Weighing};
pub use access::speaking::StageKind;
pub use access::survey::Survey;
pub use access::verdict::{Access, Verdict};
pub use condition::context::{Context, Lookup};
pub use condition::evaluate::holds;
pub use decide::caller::Caller;
pub use decide::question::{Attached, Policies, Question};
pub use decide::request::{Decision, decide, may};
pub use document::{
    Document, parse_document, parse_resource_policy, resource_policy, trust_policy,
};
pub use near_miss::{Aim, Mistake, NearMiss, near_misses};
pub use pattern::meets::PatternAt;
pub use pattern::template::{NoTemplate, Template};
pub use truth::Truth;
