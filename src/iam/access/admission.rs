//! Whom from outside an API's resource policy lets in: anybody without a signature, and principals of accounts
//! that have nothing to do with ours.
//!
//! The question is the one of every other caller, put from each place that requests come from: would a request
//! of the method be allowed? What is not known is taken to be in the caller's favor, so that a method about which
//! too little is known is never called closed.
//!
//! Sources: [how resource policies affect authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html)
//! and [condition keys for resource policies](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-condition-keys.html).

use std::cell::Cell;

use crate::iam::access::deciding::across_colons;
use crate::iam::access::outsider::{Outsider, context};
use crate::iam::access::tally::{allows_any, verdict};
use crate::iam::access::vantage::{Share, Vantage, vantages, vantages_of_private};
use crate::iam::access::verdict::Verdict;
use crate::iam::decide::compile::compile;
use crate::iam::decide::question::{Attached, Question};
use crate::iam::decide::statement::Live;
use crate::iam::decide::weigh::Weighed;
use crate::iam::document::{INVOKE, Policy};
use crate::iam::pattern::budget::BUDGET;
use crate::iam::pattern::library::Patterns;
use crate::iam::pattern::template::Template;

/// How much work is done for all questions about one policy and one kind of caller.
const WHOLE_BUDGET: usize = 20 * BUDGET;

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
///
/// ```
/// use gatewatch::iam::document::Policy;
/// use gatewatch::iam::{Admission, Admissions, Outsider, Template};
///
/// let policy = Policy::from_json(
///     r#"{"Version": "2012-10-17", "Statement": [
///         {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
///          "Resource": "execute-api:/prod/GET/*"},
///         {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
///          "Resource": "execute-api:/prod/POST/*",
///          "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]}"#,
/// )
/// .unwrap();
/// let anonymous = Admissions::new(&policy, Outsider::Anonymous, "111122223333", "a1b2c3d4e5");
/// let of = |verb: &str| {
///     let place = ["aws", "eu-west-1", "111122223333"];
///     anonymous.of(&Template::of_method(place, ["a1b2c3d4e5", "prod"], &[verb], "/pets"))
/// };
/// assert_eq!(of("GET"), Admission::FromAnywhere);
/// assert_eq!(of("POST"), Admission::FromNetworks);
/// assert_eq!(of("DELETE"), Admission::Refused);
/// ```
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
        Self::from_places(policy, who, [account, api], vantages(policy))
    }

    /// The same for a private API, which nobody reaches but through a VPC endpoint: `FromAnywhere` where callers are let in
    /// from every account's.
    pub fn of_private(policy: &Policy, who: Outsider, account: &str, api: &str) -> Self {
        Self::from_places(policy, who, [account, api], vantages_of_private(policy))
    }

    /// The same for callers in VPCs of accounts that have nothing to do with this one: `FromAnywhere` where every such
    /// VPC is let in, which only a private API's policy can do.
    ///
    /// Source: [private APIs](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html).
    pub fn from_foreign_vpcs(policy: &Policy, who: Outsider, account: &str, api: &str) -> Self {
        Self::from_places(policy, who, [account, api], vec![Vantage::ForeignVpc])
    }

    fn from_places(
        policy: &Policy,
        who: Outsider,
        [account, api]: [&str; 2],
        from: Vec<Vantage>,
    ) -> Self {
        let caller = who.caller();
        let mut patterns = Patterns::default();
        let mut each: Vec<(Vec<Live>, Share)> = Vec::new();
        for vantage in from {
            let context = context(who, account, &vantage);
            let question = Question {
                caller: &caller,
                action: INVOKE,
                resource_account: account,
                api,
                context: &context,
            };
            let attached = Attached::ToResource {
                caller_has_boundary: false,
            };
            let live = compile(policy, question, attached, &mut patterns);
            let share = vantage.share();
            match each.iter_mut().find(|(known, _)| *known == live) {
                Some((_, known)) => known.add(share),
                None => each.push((live, share)),
            }
        }
        let shared = patterns.shared();
        let places = each.into_iter().map(|(live, share)| Place {
            weighed: Weighed::of_outsider(live, shared.clone()),
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
        let crosses = |place: &Place| !across_colons(&place.weighed, method).is_empty();
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
        let crosses = |place: &Place| !across_colons(&place.weighed, stage).is_empty();
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

#[cfg(test)]
mod tests {
    use super::Admission::{FromAnywhere, FromNetworks, Refused};
    use super::*;
    use serde_json::{Value, json};

    const PLACE: [&str; 3] = ["aws", "eu-west-1", "111122223333"];

    fn method(verbs: &[&str], path: &str) -> Template {
        Template::of_method(PLACE, ["abc", "prod"], verbs, path)
    }

    fn admissions(document: &Value, who: Outsider) -> Admissions {
        let policy = Policy::from_value(document).unwrap();
        Admissions::new(&policy, who, "111122223333", "abc")
    }

    /// What is said to anonymous callers and to strangers of `GET /pets`.
    fn said(statements: Value) -> (Admission, Admission) {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        let of = |who| admissions(&document, who).of(&method(&["GET"], "/pets"));
        (of(Outsider::Anonymous), of(Outsider::Stranger))
    }

    fn allow(condition: Value) -> Value {
        json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
               "Resource": "execute-api:/*", "Condition": condition})
    }

    fn deny(condition: Value) -> Value {
        let mut deny = allow(condition);
        deny["Effect"] = json!("Deny");
        deny
    }

    #[test]
    fn what_speaks_of_the_whole_api_is_settled_for_a_stage() {
        let of = |resource: &str| {
            let allow =
                json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": resource});
            json!({"Statement": [allow]})
        };
        let stage = Template::of_stage(PLACE, ["abc", "prod"]);
        let at_stage = |document: &Value| admissions(document, Outsider::Stranger).at_stage(&stage);
        for whole in [
            "*",
            "execute-api:/*",
            "execute-api:/prod/*",
            "arn:aws:execute-api:eu-west-1:111122223333:abc/*",
            "arn:aws:execute-api:eu-west-1:111122223333:*/*",
        ] {
            assert_eq!(at_stage(&of(whole)), Some(FromAnywhere), "{whole}");
        }
        assert_eq!(at_stage(&of("execute-api:/*/GET/*")), None);
        assert_eq!(at_stage(&of("execute-api:/test/*")), Some(Refused));
        // However long a path is, that is known without walking it.
        let many = json!({"Statement": vec![of("*")["Statement"][0].clone(); 9]});
        let parameters: String = (0..200).map(|number| format!("/{{p{number}}}")).collect();
        let long = method(&Template::VERBS, &parameters);
        assert_eq!(
            admissions(&many, Outsider::Stranger).of(&long),
            FromAnywhere
        );
        let unnamed = json!({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*"}});
        assert_eq!(at_stage(&unnamed), Some(Refused));
    }

    #[test]
    fn an_any_method_answers_the_verbs_that_are_left_and_denials_add_up() {
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
                           "Resource": "execute-api:/prod/GET/*"});
        let document = json!({"Statement": [allow]});
        let anonymous = admissions(&document, Outsider::Anonymous);
        assert_eq!(anonymous.of(&method(&Template::VERBS, "/x")), FromAnywhere);
        assert_eq!(
            anonymous.of(&method(&["DELETE", "POST", "PUT"], "/x")),
            Refused
        );
        let deny = |resource: &str| json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": resource});
        let both = json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            deny("execute-api:/prod/GET/pets/a*"), deny("execute-api:/prod/GET/pets/b*")]});
        let pet = method(&["GET"], "/pets/{petId}");
        assert_eq!(
            admissions(&both, Outsider::Anonymous).of(&pet),
            FromAnywhere
        );
        let all = json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            deny("execute-api:/prod/GET/pets/?"), deny("execute-api:/prod/GET/pets/??*")]});
        assert_eq!(admissions(&all, Outsider::Anonymous).of(&pet), Refused);
    }

    #[test]
    fn a_pattern_whose_meaning_is_not_certain_may_let_in_and_keeps_nobody_out() {
        for resource in [
            "execute-api:*",
            "arn:*:abc/prod/GET/pets",
            "arn:aws:execute-api:*:*/prod/GET/*",
        ] {
            let one = |effect: &str| json!({"Effect": effect, "Principal": "*", "Action": "*", "Resource": resource});
            assert_eq!(said(json!([one("Allow")])).0, FromAnywhere, "{resource}");
            let denied = json!([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}, one("Deny")]);
            assert_eq!(said(denied).0, FromAnywhere, "{resource}");
        }
    }

    #[test]
    fn many_question_marks_are_decided() {
        let hard = format!("execute-api:/prod/GET/*a{}", "?".repeat(60));
        let statement = |effect: &str, element: &str| {
            let mut statement = json!({"Effect": effect, "Principal": "*", "Action": "*"});
            statement[element] = json!(hard);
            statement
        };
        let allow = json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"});
        for (statements, expected) in [
            (json!([allow, statement("Deny", "Resource")]), FromAnywhere),
            (
                json!([allow, statement("Deny", "NotResource")]),
                FromAnywhere,
            ),
            (
                json!([
                    allow,
                    statement("Deny", "Resource"),
                    statement("Deny", "NotResource")
                ]),
                Refused,
            ),
            (json!([statement("Allow", "Resource")]), FromAnywhere),
            (
                json!([
                    statement("Allow", "Resource"),
                    statement("Deny", "Resource")
                ]),
                Refused,
            ),
        ] {
            let admissions = admissions(&json!({"Statement": statements}), Outsider::Anonymous);
            assert_eq!(
                admissions.of(&method(&["GET"], "/{petId}")),
                expected,
                "{statements}"
            );
        }
    }

    /// A request is allowed if the at most seventeen letters of its id hold eight orders of eight letters. To tell
    /// whether there is one takes trying all.
    #[test]
    fn a_policy_made_to_explode_ends_and_is_not_decided() {
        let deny = |element: &str, resource: String| {
            let mut deny = json!({"Effect": "Deny", "Principal": "*", "Action": "*"});
            deny[element] = json!(format!("execute-api:/prod/GET/{resource}"));
            deny
        };
        let orders = [
            "abcdefgh", "hgfedcba", "badcfehg", "ghefcdab", "cadbgehf", "fhegbdac", "daebhcgf",
            "fgchbead",
        ];
        let mut statements = vec![
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
            deny("Resource", format!("{}*", "?".repeat(18))),
        ];
        statements.extend(orders.iter().map(|order| {
            let letters: String = order.chars().map(|it| format!("*{it}")).collect();
            deny("NotResource", format!("{letters}*"))
        }));
        let admissions = admissions(&json!({"Statement": statements}), Outsider::Anonymous);
        let pet = method(&["GET"], "/{petId}");
        // However often it is asked: the work for one policy is bounded.
        for _ in 0..100 {
            assert_eq!(admissions.of(&pet), Admission::Undecided);
        }
        assert_eq!(
            admissions.at_stage(&Template::of_stage(PLACE, ["abc", "prod"])),
            None
        );
    }

    #[test]
    fn a_grant_to_networks_limits_and_one_to_what_can_be_forged_does_not() {
        for (condition, expected) in [
            (json!({}), FromAnywhere),
            (
                json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}}),
                FromAnywhere,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
                FromNetworks,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                FromNetworks,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}}),
                FromAnywhere,
            ),
            (
                json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                FromAnywhere,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
                FromNetworks,
            ),
            (
                json!({"StringLike": {"aws:Referer": "https://example.com/*"}}),
                FromAnywhere,
            ),
        ] {
            let allowed = json!([allow(condition.clone())]);
            assert_eq!(said(allowed).0, expected, "{condition}");
        }
        assert_eq!(said(json!([])).0, Refused);
    }

    #[test]
    fn a_denial_of_other_networks_limits_and_one_of_what_can_be_forged_does_not() {
        for (condition, expected) in [
            (json!({}), Refused),
            (
                json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                FromNetworks,
            ),
            (
                json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
                FromAnywhere,
            ),
            (
                json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
                FromNetworks,
            ),
            (
                json!({"StringNotLike": {"aws:UserAgent": "ours*"}}),
                FromAnywhere,
            ),
        ] {
            let all_but = json!([allow(json!({})), deny(condition.clone())]);
            assert_eq!(said(all_but).0, expected, "{condition}");
        }
    }

    #[test]
    fn only_a_statement_for_everybody_lets_outsiders_in() {
        let account = json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                              "Action": "execute-api:Invoke", "Resource": "*"}]);
        assert_eq!(said(account), (Refused, Refused));
        let listed = json!([{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::444455556666:root", "*"]},
                             "Action": "*", "Resource": "*"}]);
        assert_eq!(said(listed), (FromAnywhere, FromAnywhere));
        let all_but_one = json!([
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*", "Resource": "*"},
        ]);
        assert_eq!(said(all_but_one), (Refused, Refused));
    }

    #[test]
    fn a_condition_on_the_organization_keeps_outsiders_out() {
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-example"}});
        assert_eq!(said(json!([allow(organization)])), (Refused, Refused));
        let others = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}});
        let policy = json!([allow(json!({})), deny(others)]);
        assert_eq!(said(policy), (Refused, Refused));
        // The key is missing from an unsigned request, and from one whose account is in no
        // organization: IfExists lets both pass.
        let if_exists = json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-example"}});
        assert_eq!(
            said(json!([allow(if_exists)])),
            (FromAnywhere, FromAnywhere)
        );
    }

    #[test]
    fn a_foreign_vpc_is_let_in_where_nothing_narrows_to_ones_own() {
        let from_foreign = |statements: &Value| {
            let policy = Policy::from_value(&json!({"Statement": statements})).unwrap();
            let of =
                Admissions::from_foreign_vpcs(&policy, Outsider::Anonymous, "111122223333", "abc");
            of.of(&method(&["GET"], "/pets"))
        };
        for (condition, expected) in [
            (json!({}), FromAnywhere),
            (
                json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}),
                Refused,
            ),
            (
                json!({"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}),
                Refused,
            ),
            (
                json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}),
                Refused,
            ),
            (
                json!({"StringEquals": {"aws:VpceAccount": "111122223333"}}),
                Refused,
            ),
            (
                json!({"StringEquals": {"aws:VpceOrgID": "o-example"}}),
                Refused,
            ),
            (
                json!({"StringEquals": {"aws:PrincipalOrgID": "o-example"}}),
                Refused,
            ),
            (
                json!({"StringLike": {"aws:SourceVpce": "vpce-*"}}),
                FromAnywhere,
            ),
            (
                json!({"IpAddress": {"aws:VpcSourceIp": "10.0.0.0/8"}}),
                FromAnywhere,
            ),
            (
                json!({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}),
                FromAnywhere,
            ),
            (json!({"Null": {"aws:SourceVpce": "false"}}), FromAnywhere),
            (json!({"Null": {"aws:SourceVpce": "true"}}), Refused),
        ] {
            assert_eq!(
                from_foreign(&json!([allow(condition.clone())])),
                expected,
                "{condition}"
            );
        }
        for key in ["aws:SourceVpce", "aws:SourceVpc", "aws:VpceAccount"] {
            let others = deny(json!({"StringNotEquals": {key: "own"}}));
            assert_eq!(
                from_foreign(&json!([allow(json!({})), others])),
                Refused,
                "{key}"
            );
        }
        let without = deny(json!({"Null": {"aws:SourceVpce": "true"}}));
        assert_eq!(
            from_foreign(&json!([allow(json!({})), without])),
            FromAnywhere,
            "who comes without an endpoint is denied, and nobody else"
        );
    }

    #[test]
    fn a_denial_of_some_requests_leaves_the_others_open() {
        let other = json!({"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
                           "Resource": "execute-api:/prod/POST/*"});
        assert_eq!(said(json!([allow(json!({})), other])).0, FromAnywhere);
        let all_but = json!({"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
                             "NotResource": "execute-api:/prod/POST/*"});
        assert_eq!(said(json!([allow(json!({})), all_but])).0, Refused);
    }

    #[test]
    fn nothing_is_called_closed_for_want_of_knowledge() {
        let open = [
            json!([
                allow(json!({})),
                deny(json!({"IpAddress": {"aws:SourceIp": "::/0"}}))
            ]),
            json!([
                allow(json!({})),
                deny(json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}))
            ]),
            json!([allow(json!({"NotIpAddress": {"aws:SourceIp": "::/0"}}))]),
            json!([
                allow(json!({})),
                deny(json!({"Null": {"aws:Referer": "true"}}))
            ]),
            json!([allow(json!({"Null": {"aws:Referer": "false"}}))]),
            json!([
                allow(json!({})),
                deny(json!({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": "o-a/*"}})),
            ]),
            json!([
                allow(json!({})),
                deny(json!({"StringNotEquals": {"aws:SecureTransport": "true"}}))
            ]),
            json!([
                allow(json!({})),
                deny(json!({"Bool": {"aws:SecureTransport": "False"}}))
            ]),
            json!([allow(
                json!({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}})
            )]),
            json!([allow(
                json!({"ForAllValues:StringEquals": {"aws:SourceVpce": "vpce-1"}})
            )]),
            json!([
                allow(json!({})),
                deny(json!({"ForAnyValue:StringNotEquals": {"aws:SourceVpce": "vpce-1"}})),
            ]),
            json!([allow(json!({"StringLike": {"aws:SourceIp": "*.*"}}))]),
            json!([allow(json!({"IpAddress": {"aws:SourceIp":
                (0..=255).map(|first| format!("{first}.0.0.0/8")).collect::<Vec<_>>()}}))]),
            json!([
                allow(json!({})),
                deny(json!({"NotIpAddress": {"aws:SourceIp": "0.0.0.0/1"}}))
            ]),
        ];
        for statements in open {
            assert_eq!(said(statements.clone()).0, FromAnywhere, "{statements}");
        }
    }

    #[test]
    fn what_an_outsider_chooses_keeps_none_out() {
        for condition in [
            json!({"ArnEquals": {"aws:PrincipalArn": "*"}}),
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}}),
            json!({"StringEquals": {"aws:username": "alice"}}),
            json!({"StringEquals": {"aws:PrincipalTag/team": "x"}}),
            json!({"StringLike": {"aws:PrincipalOrgID": "o-*"}}),
            json!({"StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}}),
        ] {
            assert_eq!(
                said(json!([allow(condition.clone())])).1,
                FromAnywhere,
                "{condition}"
            );
        }
        for condition in [
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
            json!({"StringEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}}),
        ] {
            assert_eq!(
                said(json!([allow(condition.clone())])).1,
                Refused,
                "{condition}"
            );
        }
        let tag = deny(json!({"StringNotEquals": {"aws:PrincipalTag/team": "x"}}));
        assert_eq!(said(json!([allow(json!({})), tag])).1, FromAnywhere);
    }
}
