//! Whom from outside an API's resource policy lets in: anybody without a signature, and principals of accounts
//! that have nothing to do with ours.
//!
//! The question is the one of every other caller, put from each place that requests come from: would a request
//! of the method be allowed? What is not known turns out in the caller's favor, so that a method is never
//! called closed for want of knowledge.
//!
//! Sources: [how resource policies affect authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html)
//! and [condition keys for resource policies](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-condition-keys.html).

use std::cell::Cell;

use super::access::{Verdict, across_colons_of, allows_any, verdict};
use super::caller::Caller;
use super::context::Context;
use super::language::Policy;
use super::prepared::Patterns;
use super::template::Template;
use super::vantage::{SOURCE_IP, Share, Vantage, vantages};
use super::walk::BUDGET;
use super::weigh::{Attached, Live, Question, Weighed, compile};

/// How much work is done for all questions about one policy and one kind of caller.
const WHOLE_BUDGET: usize = 20 * BUDGET;

/// Who calls from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outsider {
    /// Nobody in particular: the request is not signed.
    Anonymous,
    /// A principal of an account that has nothing to do with ours.
    Stranger,
}

/// Whom a resource policy lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// The caller, from anywhere on the internet.
    FromAnywhere,
    /// The caller, from certain networks only.
    FromNetworks,
    /// Nobody.
    Refused,
    /// It takes more work than the bound allows to tell.
    Undecided,
}

/// An API's resource policy, made ready to be asked about outsiders.
#[derive(Debug)]
pub struct Admissions {
    /// What the policy says at each place that it tells apart.
    places: Vec<Place>,
    /// Work that is left for questions.
    budget: Cell<usize>,
}

/// Places that requests come from, and what weighs on requests from there.
#[derive(Debug)]
struct Place {
    weighed: Weighed,
    share: Share,
}

impl Admissions {
    /// Makes the resource policy of an API of this account ready.
    pub fn new(policy: &Policy, who: Outsider, account: &str, api: &str) -> Self {
        let caller = match who {
            Outsider::Anonymous => Caller::Anonymous,
            Outsider::Stranger => Caller::Stranger,
        };
        let mut patterns = Patterns::default();
        let mut each: Vec<(Vec<Live>, Share)> = Vec::new();
        for vantage in vantages(policy) {
            let context = context(who, account, &vantage);
            let question = Question {
                caller: &caller,
                action: "execute-api:Invoke",
                resource_account: account,
                api,
                context: &context,
            };
            let attached = Attached::ToResource {
                caller_has_boundary: false,
            };
            let live = compile(policy, question, attached, &mut patterns);
            let share = match vantage {
                Vantage::Addresses { share, .. } => share,
                Vantage::Vpc => Share::default(),
            };
            match each.iter_mut().find(|(known, _)| *known == live) {
                Some((_, known)) => known.add(share),
                None => each.push((live, share)),
            }
        }
        let patterns = patterns.shared();
        let places = each.into_iter().map(|(live, share)| Place {
            weighed: Weighed::of_outsider(live, patterns.clone()),
            share,
        });
        Admissions {
            places: places.collect(),
            budget: Cell::new(WHOLE_BUDGET),
        }
    }

    /// Whether a caller is let in to some request of a method.
    pub fn of(&self, method: &Template) -> Admission {
        let mut budget = BUDGET.min(self.budget.get());
        let given = budget;
        let admission = self.admission(|place| {
            let allowed = allows_any(&place.weighed, method, &mut budget);
            allowed.ok()
        });
        self.budget
            .set(self.budget.get().saturating_sub(given - budget));
        // Whether a `*` runs across a `:` is written both ways in AWS's guides: then it may let in.
        let crosses = |place: &Place| !across_colons_of(&place.weighed, method).is_empty();
        match admission {
            Admission::Refused if self.places.iter().any(crosses) => Admission::FromAnywhere,
            admission => admission,
        }
    }

    /// The same for each request of a whole stage, where the policy says the same of all of them. `None`: what
    /// it says depends on the method, or takes work to tell.
    ///
    /// `stage` has the requests of the stage, whatever verb and path they have.
    pub fn at_stage(&self, stage: &Template) -> Option<Admission> {
        let mut says_the_same = true;
        let admission = self.admission(|place| {
            let mut budget = LITTLE;
            let verdict = verdict(&place.weighed, stage, &mut budget);
            says_the_same &= matches!(verdict, Ok(Verdict::All | Verdict::None));
            Some(verdict == Ok(Verdict::All))
        });
        let crosses = |place: &Place| !across_colons_of(&place.weighed, stage).is_empty();
        let is_settled =
            says_the_same && (admission != Admission::Refused || !self.places.iter().any(crosses));
        is_settled.then_some(admission)
    }

    /// What it comes to, by whether requests from a place are let in. `None`: that could not be decided.
    fn admission(&self, mut lets_in: impl FnMut(&Place) -> Option<bool>) -> Admission {
        let mut share = Share::default();
        let (mut somewhere, mut undecided) = (false, false);
        for place in &self.places {
            match lets_in(place) {
                Some(true) => {
                    somewhere = true;
                    share.add(place.share);
                }
                Some(false) => {}
                None => undecided = true,
            }
        }
        if share.is_wide() {
            Admission::FromAnywhere
        } else if undecided {
            Admission::Undecided
        } else if somewhere {
            Admission::FromNetworks
        } else {
            Admission::Refused
        }
    }
}

/// How much work is done to see whether a policy says the same of a whole stage.
const LITTLE: usize = 10_000;

/// What is known of an outsider's requests from one place.
///
/// Source: [global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html).
fn context(who: Outsider, account: &str, vantage: &Vantage) -> Context {
    let mut context = Context::open();
    // API Gateway answers HTTPS alone.
    context.set("aws:SecureTransport", vec!["true".to_owned()]);
    context.set("aws:ResourceAccount", vec![account.to_owned()]);
    match vantage {
        Vantage::Addresses { sample, .. } => {
            context.set_sample(SOURCE_IP, sample.clone());
            for key in ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
                context.set_absent(key);
            }
            // Of the VPC endpoint: its account and organization.
            context.set_absent_below("aws:vpce");
        }
        Vantage::Vpc => {
            // The key is there except when a VPC endpoint was used, says the page on condition keys.
            context.set_absent(SOURCE_IP);
            for key in ["aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp"] {
                context.set_present(key);
            }
        }
    }
    // Services set these when they call for somebody.
    const ON_BEHALF: [&str; 3] = ["aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID"];
    match who {
        Outsider::Anonymous => {
            context.set("aws:PrincipalType", vec!["Anonymous".to_owned()]);
            context.set_absent_below("aws:principal");
            for key in ON_BEHALF.iter().chain(&["aws:username", "aws:userid"]) {
                context.set_absent(key);
            }
        }
        Outsider::Stranger => {
            context.set("aws:PrincipalIsAWSService", vec!["false".to_owned()]);
            context.set_foreign("aws:PrincipalAccount", false);
            context.set_foreign("aws:PrincipalArn", false);
            for key in ON_BEHALF
                .iter()
                .chain(&["aws:PrincipalOrgID", "aws:PrincipalOrgPaths"])
            {
                context.set_foreign(key, true);
            }
        }
    }
    context
}
