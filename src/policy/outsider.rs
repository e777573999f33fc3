//! What an API's resource policy says to callers from outside: anonymous ones, and principals of
//! somebody else's account.
//!
//! Sources: [how resource policies affect authorization](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html)
//! and [condition keys for resource policies](https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-condition-keys.html).

use serde_json::Value;

use super::condition::{Effect, When, when};
use super::coverage::{BUDGET, Coverage, MethodArn, coverage};
use super::statement::{covers_invoke, one_or_more, statements, texts};

/// Who is calling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outsider {
    /// Nobody in particular: the request is not signed.
    Anonymous,
    /// A principal of an account that has nothing to do with the API.
    Signed,
}

/// What the policy says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The caller is let in, from anywhere.
    Open,
    /// The caller is let in from certain networks only.
    NetworkLimited,
    /// The caller is refused.
    Refused,
}

/// What a resource policy says to an outsider who calls a method.
///
/// Conservative where it cannot be known: what a caller can forge (Referer, User-Agent) narrows nothing,
/// and a condition whose keys are not known at audit time is taken to let the caller in.
pub fn outsider(document: &Value, who: Outsider, method: MethodArn<'_>) -> Outcome {
    let mut allowed = None;
    let mut limited = false;
    let mut budget = BUDGET;
    for statement in statements(document) {
        let covered = covered(statement, method, &mut budget);
        if covered == Coverage::None || !covers_invoke(statement) || !names(statement) {
            continue;
        }
        let effect = match texts(statement, "Effect").next() {
            Some("Deny") => Effect::Deny,
            _ => Effect::Allow,
        };
        match (effect, when(statement.get("Condition"), who, effect)) {
            (Effect::Deny, When::Always) if covered == Coverage::All => return Outcome::Refused,
            (Effect::Deny, When::ExceptFromNetworks) if covered == Coverage::All => limited = true,
            (Effect::Allow, When::Always | When::ExceptFromNetworks | When::AtWill) => {
                allowed = Some(Outcome::Open);
            }
            (Effect::Allow, When::FromNetworks) => {
                allowed = allowed.or(Some(Outcome::NetworkLimited));
            }
            _ => {}
        }
    }
    match allowed {
        Some(Outcome::Open) if limited => Outcome::NetworkLimited,
        Some(outcome) => outcome,
        // A resource policy that allows nobody refuses everybody.
        None => Outcome::Refused,
    }
}

/// What a resource policy says to an outsider who calls any method of a stage, whichever it is. `None`: it
/// may depend on the method. The verb and the path of `method` do not matter.
pub fn outsider_at_stage(
    document: &Value,
    who: Outsider,
    method: MethodArn<'_>,
) -> Option<Outcome> {
    let mut elements = statements(document).flat_map(|it| {
        let resources = texts(it, "Resource");
        resources.chain(texts(it, "NotResource"))
    });
    let settled = elements.all(|pattern| is_all_of_it(pattern, method));
    settled.then(|| outsider(document, who, method))
}

/// Whether a pattern takes in every method of the API, which a look at it tells.
fn is_all_of_it(pattern: &str, method: MethodArn<'_>) -> bool {
    if pattern == "*" || pattern == "execute-api:/*" {
        return true;
    }
    let parts: Vec<&str> = pattern.splitn(6, ':').collect();
    let [arn, partition, service, region, account, rest] = parts.as_slice() else {
        return false;
    };
    (*arn, *service) == ("arn", "execute-api")
        && (*partition, *region) == (method.partition, method.region)
        && *account == method.account
        && rest.strip_suffix("/*") == Some(method.api)
}

/// How much of the method the statement speaks of. Without a Resource, all of it.
fn covered(statement: &Value, method: MethodArn<'_>, budget: &mut usize) -> Coverage {
    let mut all = |element| -> Vec<Coverage> {
        texts(statement, element)
            .map(|pattern| {
                if is_all_of_it(pattern, method) {
                    Coverage::All
                } else {
                    coverage(pattern, method, budget)
                }
            })
            .collect()
    };
    // The most that one pattern takes in: together they may take in more, which is not weighed.
    let most = |covers: Vec<Coverage>| {
        if covers.contains(&Coverage::All) {
            Coverage::All
        } else if covers.iter().any(|it| *it != Coverage::None) {
            Coverage::Some
        } else {
            Coverage::None
        }
    };
    if statement.get("NotResource").is_some() {
        match most(all("NotResource")) {
            Coverage::All => Coverage::None,
            Coverage::Some => Coverage::Some,
            Coverage::None => Coverage::All,
        }
    } else if statement.get("Resource").is_some() {
        most(all("Resource"))
    } else {
        Coverage::All
    }
}

/// Whether the statement speaks of the caller.
fn names(statement: &Value) -> bool {
    match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => is_everybody(principal),
        // Everybody but those named: an outsider is not among them, unless all are.
        (None, Some(not)) => !is_everybody(not),
        (None, None) => false,
    }
}

/// `"*"`, or `{"AWS": "*"}`.
fn is_everybody(principal: &Value) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Object(kinds) => one_or_more(kinds.get("AWS")).any(|it| it.as_str() == Some("*")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const METHOD: MethodArn<'_> = MethodArn {
        partition: "aws",
        region: "eu-west-1",
        account: "111122223333",
        api: "abc",
        stage: "prod",
        verb: "GET",
        path: "/pets",
    };

    fn outcomes(statements: Value) -> (Outcome, Outcome) {
        let document = json!({"Version": "2012-10-17", "Statement": statements});
        (
            outsider(&document, Outsider::Anonymous, METHOD),
            outsider(&document, Outsider::Signed, METHOD),
        )
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
    fn what_speaks_of_the_whole_api_says_the_same_of_every_method() {
        let of = |resource: &str| {
            let allow =
                json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": resource});
            json!({"Statement": [allow]})
        };
        let at_stage = |document: &Value| outsider_at_stage(document, Outsider::Signed, METHOD);
        for whole in [
            "*",
            "execute-api:/*",
            "arn:aws:execute-api:eu-west-1:111122223333:abc/*",
        ] {
            assert_eq!(at_stage(&of(whole)), Some(Outcome::Open), "{whole}");
            for path in ["/", "/{proxy+}", "/pets/{petId}"] {
                for verb in ["GET", "ANY"] {
                    let method = MethodArn {
                        verb,
                        path,
                        ..METHOD
                    };
                    let outcome = outsider(&of(whole), Outsider::Signed, method);
                    assert_eq!(outcome, Outcome::Open, "{whole} {verb} {path}");
                }
            }
        }
        for part in [
            "execute-api:/prod/*",
            "execute-api:/*/GET/*",
            "arn:aws:execute-api:eu-west-1:111122223333:*/*",
        ] {
            assert_eq!(at_stage(&of(part)), None, "{part}");
        }
        let many = json!({"Statement": vec![of("*")["Statement"][0].clone(); 9]});
        assert_eq!(at_stage(&many), Some(Outcome::Open));
        // However long the path is, that is known without walking it.
        let parameters: String = (0..200).map(|number| format!("/{{p{number}}}")).collect();
        let long = MethodArn {
            verb: "ANY",
            path: &parameters,
            ..METHOD
        };
        assert_eq!(outsider(&many, Outsider::Signed, long), Outcome::Open);
        let unnamed = json!({"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*"}});
        assert_eq!(at_stage(&unnamed), Some(Outcome::Refused));
    }

    #[test]
    fn networks_limit_and_what_can_be_forged_does_not() {
        use Outcome::{NetworkLimited, Open, Refused};
        for (statements, expected) in [
            (
                json!([allow(
                    json!({"IpAddress": {"aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"]}})
                )]),
                Open,
            ),
            (
                json!([allow(json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))]),
                NetworkLimited,
            ),
            (json!([allow(json!({}))]), Open),
            (
                json!([allow(
                    json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
                )]),
                NetworkLimited,
            ),
            (
                json!([allow(
                    json!({"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "0.0.0.0/0"]}})
                )]),
                Open,
            ),
            (
                json!([allow(
                    json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
                )]),
                Open,
            ),
            (
                json!([allow(json!({"StringEquals": {"aws:SourceVpce": "vpce-1"}}))]),
                NetworkLimited,
            ),
            (
                json!([allow(
                    json!({"StringLike": {"aws:Referer": "https://example.com/*"}})
                )]),
                Open,
            ),
            (
                json!([
                    allow(json!({})),
                    deny(json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
                ]),
                NetworkLimited,
            ),
            (
                json!([
                    allow(json!({})),
                    deny(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
                ]),
                Open,
            ),
            (
                json!([
                    allow(json!({})),
                    deny(json!({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}))
                ]),
                NetworkLimited,
            ),
            (
                json!([
                    allow(json!({})),
                    deny(json!({"StringNotLike": {"aws:UserAgent": "ours*"}}))
                ]),
                Open,
            ),
            (json!([allow(json!({})), deny(json!({}))]), Refused),
            (json!([]), Refused),
        ] {
            assert_eq!(outcomes(statements.clone()).0, expected, "{statements}");
        }
    }

    #[test]
    fn only_a_statement_for_everybody_lets_outsiders_in() {
        let account = json!([{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
                              "Action": "execute-api:Invoke", "Resource": "*"}]);
        assert_eq!(outcomes(account), (Outcome::Refused, Outcome::Refused));
        let listed = json!([{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::444455556666:root", "*"]},
                             "Action": "*", "Resource": "*"}]);
        assert_eq!(outcomes(listed), (Outcome::Open, Outcome::Open));
        let all_but_one = json!([
            {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "*", "Resource": "*"},
        ]);
        assert_eq!(outcomes(all_but_one), (Outcome::Refused, Outcome::Refused));
    }

    #[test]
    fn a_condition_on_the_organization_keeps_outsiders_out() {
        let organization = json!({"StringEquals": {"aws:PrincipalOrgID": "o-example"}});
        assert_eq!(
            outcomes(json!([allow(organization)])),
            (Outcome::Refused, Outcome::Refused)
        );
        let others = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-example"}});
        let policy = json!([allow(json!({})), deny(others)]);
        assert_eq!(outcomes(policy), (Outcome::Refused, Outcome::Refused));
        // The key is missing from an unsigned request, and from one whose account is in no
        // organization: IfExists lets both pass.
        let if_exists = json!({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-example"}});
        assert_eq!(
            outcomes(json!([allow(if_exists)])),
            (Outcome::Open, Outcome::Open)
        );
    }

    #[test]
    fn a_denial_of_some_requests_leaves_the_others_open() {
        let other = json!({"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
                           "Resource": "execute-api:/prod/POST/*"});
        assert_eq!(outcomes(json!([allow(json!({})), other])).0, Outcome::Open);
        let all_but = json!({"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke",
                             "NotResource": "execute-api:/prod/POST/*"});
        assert_eq!(
            outcomes(json!([allow(json!({})), all_but])).0,
            Outcome::Refused
        );
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
            assert_eq!(
                outcomes(statements.clone()).0,
                Outcome::Open,
                "{statements}"
            );
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
                outcomes(json!([allow(condition.clone())])).1,
                Outcome::Open,
                "{condition}"
            );
        }
        for condition in [
            json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}),
            json!({"StringEquals": {"aws:PrincipalAccount": ["111122223333", "444455556666"]}}),
        ] {
            assert_eq!(
                outcomes(json!([allow(condition.clone())])).1,
                Outcome::Refused,
                "{condition}"
            );
        }
        let tag = deny(json!({"StringNotEquals": {"aws:PrincipalTag/team": "x"}}));
        assert_eq!(outcomes(json!([allow(json!({})), tag])).1, Outcome::Open);
    }
}
