//! `gatewatch simulate`: JSON lines in, JSON lines out; and the examples of AWS's documentation, each
//! with the page it stands on.

use std::fs;

use serde_json::{Value, json};

use crate::support::command::Shell;
use crate::support::package;

const METHOD: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/{petId}";

/// The answers to these lines. Where one is an error, undecided or not as expected, the exit status says so.
fn answers(lines: &str) -> Vec<Value> {
    let run = Shell::bare().run_with_input(&["simulate"], lines);
    let answers = run.stdout.lines();
    let answers: Vec<Value> = answers
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let any = |is: &dyn Fn(&Value) -> bool| answers.iter().any(is);
    let expected = if any(&|it| it.get("error").is_some()) {
        2
    } else if any(&|it| it["verdict"] == "UNDECIDED" || it["decision"] == "UNDECIDED") {
        3
    } else {
        i32::from(any(&|it| it.get("expected").is_some()))
    };
    assert_eq!(run.status, expected, "{}", run.stderr);
    answers
}

fn case(id: Value, change: impl FnOnce(&mut Value)) -> String {
    let mut case = json!({
        "id": id,
        "identityPolicies": [{"name": "own", "policy": {"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": METHOD.replace("{petId}", "4*")}]}}],
        "request": {"principal": "arn:aws:iam::111122223333:user/alice", "action": "execute-api:Invoke",
                    "template": METHOD, "resourceAccount": "111122223333", "context": {}},
    });
    change(&mut case);
    case.to_string()
}

#[test]
fn the_examples_of_the_documentation_are_answered_as_documented() {
    let mut files = 0;
    let mut wrong = Vec::new();
    for entry in fs::read_dir(package("tests/simulate")).unwrap() {
        let path = entry.unwrap().path();
        let page: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        assert!(
            page["source"]
                .as_str()
                .unwrap()
                .starts_with("https://docs.aws.amazon.com/")
        );
        let cases = page["cases"].as_array().unwrap();
        let lines: Vec<String> = cases.iter().map(|it| it["in"].to_string()).collect();
        let answers = answers(&lines.join("\n"));
        assert_eq!(answers.len(), cases.len());
        for (case, answer) in cases.iter().zip(&answers) {
            assert_eq!(answer["id"], case["in"]["id"]);
            let expected = case["out"].as_object().unwrap();
            if expected.iter().any(|(key, value)| answer[key] != *value) {
                wrong.push(format!(
                    "{}: {} gave {answer}",
                    path.display(),
                    case["says"]
                ));
            }
        }
        files += 1;
    }
    assert!(files >= 10, "only {files} pages");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_line_has_its_answer_and_a_bad_one_stops_nothing() {
    let lines = [
        case(json!("template"), |_| {}),
        "not JSON".to_owned(),
        case(json!({"a": 1}), |it| {
            let request = it["request"].as_object_mut().unwrap();
            request.remove("template");
            request.insert(
                "resource".to_owned(),
                json!(METHOD.replace("{petId}", "42")),
            );
        }),
        String::new(),
        case(json!(3), |it| it["boundry"] = json!({})),
        case(json!(4), |it| {
            it["identityPolicies"][0]["policy"] = json!({"Statement": [{"Effect": "allow"}]})
        }),
        case(json!(5), |it| it["request"]["principal"] = json!("alice")),
        case(json!(6), |it| it["request"]["resource"] = json!("x")),
        case(json!(7), |it| it["request"]["template"] = json!("/pets")),
        case(json!(8), |it| {
            it["request"]["context"] = json!({"k": {"a": 1}})
        }),
        // A document as AWS returns it: a text within the JSON.
        case(json!(9), |it| {
            it["identityPolicies"][0]["policy"] =
                json!(it["identityPolicies"][0]["policy"].to_string());
        }),
    ];
    let answers = answers(&lines.join("\n"));
    let whole = |id: Value| {
        json!({
            "id": id, "verdict": "SOME", "conditional": false,
            "allowed": METHOD.replace("{petId}", "4"), "denied": METHOD.replace("{petId}", "x"),
        })
    };
    let error = |id: Value, error: &str| json!({"id": id, "error": error});
    let expected = [
        whole(json!("template")),
        error(Value::Null, "expected ident (column 2)"),
        json!({"id": {"a": 1}, "decision": "Allowed"}),
        error(
            json!(3),
            &format!(
                "{} (column 462)",
                "unknown field `boundry`, expected one of `id`, `identityPolicies`, `resourcePolicy`, `boundary`, \
             `scps`, `sessionPolicies`, `vpcEndpointPolicy`, `expect`, `meta`, `request`"
            ),
        ),
        error(
            json!(4),
            "identityPolicies[0] (`own`): Statement[0].Effect: it is Allow or Deny",
        ),
        error(
            json!(5),
            "request.principal: `alice` is neither an ARN with an account, such as \
             arn:aws:iam::111122223333:user/alice, nor `anonymous`",
        ),
        error(
            json!(6),
            "request: it needs either `resource` or `template`",
        ),
        error(
            json!(7),
            "request.template: `/pets` is no template: they look like \
             arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/VERB/pets/{petId}",
        ),
        error(
            json!(8),
            "request.context.k: a text, a number, a boolean or a list of them is wanted",
        ),
        whole(json!(9)),
    ];
    assert_eq!(answers, expected);
}

#[test]
fn a_line_that_is_no_text_and_one_of_megabytes_are_answered() {
    let run = Shell::bare().run_with_input(&["simulate", "nowhere.jsonl"], "");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("nowhere.jsonl cannot be read"),
        "{}",
        run.stderr
    );
    let long = "x".repeat(6_000_000);
    let lines = [
        case(json!(1), |it| {
            it["identityPolicies"][0]["policy"]["Statement"][0]["Resource"] = json!(long)
        }),
        "[".repeat(1_000_000),
        case(json!(2), |_| {}),
    ];
    let answers = answers(&lines.join("\n"));
    assert_eq!(answers[0]["verdict"], "NONE");
    assert!(answers[1]["error"].is_string());
    assert_eq!(answers[2]["verdict"], "SOME");
}

#[test]
fn a_verdict_that_is_not_reached_is_said_and_is_no_success() {
    let hard = package("tests/scenarios/undecided-by-the-policies-of-a-role/inventory.json");
    let hard: Value = serde_json::from_str(&std::fs::read_to_string(hard).unwrap()).unwrap();
    let hard = &hard["iam"]["roles"][0]["inline"][0]["document"]["json"];
    let line = case(json!(1), |it| {
        it["identityPolicies"][0]["policy"] = hard.clone();
    });
    let run = Shell::bare().run_with_input(&["simulate"], &line);
    assert_eq!(run.status, 3, "{}", run.stdout);
    assert!(run.stdout.contains("UNDECIDED"), "{}", run.stdout);
    assert!(
        run.stderr.contains("1 line(s) are UNDECIDED"),
        "{}",
        run.stderr
    );
}

/// A slip of the pen is denied by every policy: a test of "nobody may" would pass on it.
#[test]
fn what_is_no_request_is_an_error_and_no_answer() {
    let request = |key: &str, value: &str| {
        let (key, value) = (key.to_owned(), value.to_owned());
        case(json!(format!("{key} {value}")), |it| {
            let request = it["request"].as_object_mut().unwrap();
            if key == "resource" {
                request.remove("template");
            }
            request.insert(key, json!(value));
        })
    };
    let head = "arn:aws:execute-api:eu-west-1:111122223333";
    let mut lines = Vec::new();
    for action in [
        "execute-api:Invok",
        "Invoke",
        "",
        ":",
        "execute-api:",
        ":Invoke",
        "execute-api:*",
        "execute-api:Inv?ke",
        "*",
        "execute-api:Invoke ",
        " execute-api:Invoke",
        "execute_api:Invoke",
        "s3:GetObject",
        "s3:Get*",
        "executeapi:Invoke",
    ] {
        lines.push(request("action", action));
    }
    for principal in [
        "*",
        "Anonymous",
        "ANONYMOUS",
        "",
        "alice",
        "arn:aws:iam::111122223333:group/callers",
        "arn:aws:iam::111122223333:policy/p",
        "arn:aws:s3::111122223333:bucket",
        "arn:aws:iam::111122223333:",
        "arn:aws:iam::111122223333:user",
        "arn:aws:iam::111122223333:user/",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:rooty",
        "arn:aws:iam::1111:root",
        "arn:aws:iam:eu-west-1:111122223333:user/alice",
        "arn:aws:sts::111122223333:assumed-role/ci",
        "arn:aws:sts::111122223333:assumed-role/ci/",
        "arn:aws:sts::111122223333:user/alice",
        "arn:iam::111122223333:user/alice",
    ] {
        lines.push(request("principal", principal));
    }
    for account in ["12", "", "1111222233334", "11112222333x", "*"] {
        lines.push(request("resourceAccount", account));
    }
    for resource in [
        "foo".to_owned(),
        String::new(),
        "*".to_owned(),
        format!("{head}:a1b2c3d4e5/prod/GET/pets/*"),
        format!("{head}:a1b2c3d4e5/prod/GET/pets/?"),
        format!("{head}:*/prod/GET/pets"),
        format!("{head}:a1b2c3d4e5/*"),
        format!("{head}:a1b2c3d4e5"),
        format!("{head}:a1b2c3d4e5/prod"),
        format!("{head}:a1b2c3d4e5/prod/GET"),
        format!("{head}:a1b2c3d4e5/prod/get/pets"),
        format!("{head}:a1b2c3d4e5/prod/ANY/pets"),
        format!("{head}:a1b2c3d4e5//GET/pets"),
        format!("{head}:/prod/GET/pets"),
        "arn:aws:execute-api:eu-west-1:1111:a1b2c3d4e5/prod/GET/pets".to_owned(),
        "arn:aws:execute-api:eu-west-1::a1b2c3d4e5/prod/GET/pets".to_owned(),
        "arn:aws:execute-api::111122223333:a1b2c3d4e5/prod/GET/pets".to_owned(),
        "arn:aws:executeapi:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets".to_owned(),
        "arn:aws:s3:::bucket/key".to_owned(),
    ] {
        lines.push(request("resource", &resource));
    }
    for template in [
        "/prod/get/pets",
        "/prod/GET/pets/{id",
        "/prod/GET/pets/id}",
        "/prod/GET/pets/{}",
        "/prod/GET/{proxy+}/x",
        "/prod/GET/pets/*",
        "/*/GET/pets",
        "/{stage}/GET/pets",
        "/prod/{verb}/pets",
        "/prod/GET",
        "/prod",
        "",
    ] {
        lines.push(request("template", &format!("{head}:a1b2c3d4e5{template}")));
    }
    lines.push(request("template", &METHOD.replace("execute-api", "s3")));
    lines.push(request("template", &METHOD.replace("111122223333", "12")));
    let answers = answers(&lines.join("\n"));
    assert_eq!(answers.len(), lines.len());
    let decided = answers.iter().filter(|it| it["error"].is_null());
    let decided: Vec<&Value> = decided.collect();
    assert!(decided.is_empty(), "{decided:#?}");
}

#[test]
fn what_is_a_request_is_answered() {
    let lines = [
        ("action", "EXECUTE-API:invoke"),
        ("action", "execute-api:InvalidateCache"),
        ("action", "execute-api:ManageConnections"),
        ("principal", "anonymous"),
        ("principal", "arn:aws:iam::111122223333:root"),
        ("principal", "arn:aws:iam::111122223333:role/a/b/ci"),
        ("principal", "arn:aws:sts::111122223333:assumed-role/ci/one"),
        (
            "principal",
            "arn:aws-us-gov:sts::111122223333:federated-user/ann",
        ),
        ("resourceAccount", "444455556666"),
        (
            "template",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/$connect",
        ),
        (
            "template",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/$default/ANY/",
        ),
        (
            "template",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/POST/@connections/{id}",
        ),
        (
            "resource",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/a:b//c",
        ),
        (
            "resource",
            "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/${*}",
        ),
    ]
    .map(|(key, value)| {
        case(json!(value), |it| {
            let request = it["request"].as_object_mut().unwrap();
            if key == "resource" {
                request.remove("template");
            }
            request.insert(key.to_owned(), json!(value));
        })
    });
    for answer in answers(&lines.join("\n")) {
        assert!(answer["error"].is_null(), "{answer}");
    }
    // Another service, whose ARNs name no account.
    let of_a_bucket = case(json!(1), |it| {
        it["request"] = json!({"principal": "arn:aws:iam::111122223333:user/alice", "action": "s3:GetObject",
            "resource": "arn:aws:s3:::bucket/key", "resourceAccount": "111122223333"});
    });
    let without = of_a_bucket.replace(r#","resourceAccount":"111122223333""#, "");
    assert_ne!(of_a_bucket, without);
    let answers = answers(&format!("{of_a_bucket}\n{without}"));
    assert_eq!(answers[0]["decision"], "ImplicitlyDenied");
    let error = answers[1]["error"].as_str().unwrap();
    assert!(error.contains("request.resourceAccount"), "{error}");
}

#[test]
fn a_key_twice_is_an_error_wherever_it_stands() {
    let whole = case(json!(1), |_| {});
    let mut lines = Vec::new();
    for (from, to) in [
        (r#""Effect":"Allow""#, r#""Effect":"Deny","Effect":"Allow""#),
        (
            r#""Version":"2012-10-17""#,
            r#""Version":"2008-10-17","Version":"2012-10-17""#,
        ),
        (r#""Statement":["#, r#""Statement":[],"Statement":["#),
        (
            r#""Effect":"Allow""#,
            r#""Condition":{"Bool":{"a":"true"},"Bool":{"a":"false"}},"Effect":"Allow""#,
        ),
        (
            r#""context":{}"#,
            r#""context":{"aws:SourceIp":"203.0.113.1","aws:SourceIp":"192.0.2.1"}"#,
        ),
        (
            r#""context":{}"#,
            r#""context":{"aws:SourceIp":"203.0.113.1","AWS:sourceip":"192.0.2.1"}"#,
        ),
        (r#""action":"#, r#""action":"execute-api:Invoke","action":"#),
    ] {
        assert!(whole.contains(from), "{whole}");
        lines.push(whole.replacen(from, to, 1));
    }
    // The same in a document as AWS returns it.
    lines.push(case(json!(2), |it| {
        let policy = it["identityPolicies"][0]["policy"].to_string();
        let twice = policy.replacen(
            r#""Effect":"Allow""#,
            r#""Effect":"Deny","Effect":"Allow""#,
            1,
        );
        it["identityPolicies"][0]["policy"] = json!(twice);
    }));
    for (line, answer) in lines.iter().zip(answers(&lines.join("\n"))) {
        let error = answer["error"].as_str();
        let error = error.unwrap_or_else(|| panic!("{line}: {answer}"));
        assert!(
            error.contains("twice") || error.contains("duplicate"),
            "{error}"
        );
    }
}

#[test]
fn a_list_of_values_without_their_keys_is_no_case() {
    let case: Value = serde_json::from_str(&case(json!(1), |_| {})).unwrap();
    let request = &case["request"];
    let (policies, policy) = (
        &case["identityPolicies"],
        &case["identityPolicies"][0]["policy"],
    );
    let positional = json!([
        request["principal"],
        request["action"],
        null,
        request["template"],
        null,
        {}
    ]);
    let lines = [
        json!([1, policies, null, null, null, request]),
        json!({"id": 2, "identityPolicies": policies, "request": positional}),
        json!({"id": 3, "identityPolicies": [["own", policy]], "request": request}),
        json!({"id": 4, "scps": [[["own", policy]]], "request": request}),
    ]
    .map(|it| it.to_string());
    for answer in answers(&lines.join("\n")) {
        let error = answer["error"].as_str();
        let error = error.unwrap_or_else(|| panic!("{answer}"));
        assert!(error.contains("expected an object"), "{error}");
    }
}

#[test]
fn a_value_that_a_condition_cannot_compare_with_is_an_error() {
    let of = |operator: &str, key: &str, wanted: &str, found: Value, place: &str| {
        let (operator, key, place) = (operator.to_owned(), key.to_owned(), place.to_owned());
        let condition = json!({operator: {key.clone(): wanted}});
        case(json!(condition), |it| {
            let mut policy = it["identityPolicies"][0]["policy"].clone();
            policy["Statement"][0]["Condition"] = condition;
            match place.as_str() {
                "identity" => it["identityPolicies"][0]["policy"] = policy,
                "scps" => it["scps"] = json!([[{"name": "a", "policy": policy}]]),
                "sessionPolicies" => {
                    it["sessionPolicies"] = json!([{"name": "a", "policy": policy}]);
                    it["request"]["principal"] = json!("arn:aws:iam::111122223333:role/ci");
                }
                "resourcePolicy" => {
                    policy["Statement"][0]["Principal"] = json!("*");
                    it["resourcePolicy"] = policy;
                }
                other => it[other] = policy,
            }
            it["request"]["context"] = json!({key.to_lowercase(): found});
        })
    };
    let ip = "aws:SourceIp";
    let lines = [
        of("IpAddress", ip, "203.0.113.0/24", json!("junk"), "identity"),
        of("NotIpAddress", ip, "203.0.113.0/24", json!(""), "identity"),
        of(
            "IpAddress",
            ip,
            "203.0.113.0/24",
            json!(["203.0.113.1", "x"]),
            "boundary",
        ),
        of("IpAddress", ip, "203.0.113.0/24", json!("junk"), "scps"),
        of(
            "IpAddress",
            ip,
            "203.0.113.0/24",
            json!("junk"),
            "sessionPolicies",
        ),
        of(
            "IpAddress",
            ip,
            "203.0.113.0/24",
            json!("junk"),
            "vpcEndpointPolicy",
        ),
        of(
            "IpAddressIfExists",
            ip,
            "203.0.113.0/24",
            json!("junk"),
            "resourcePolicy",
        ),
        of(
            "NumericLessThan",
            "s3:max-keys",
            "10",
            json!("ten"),
            "identity",
        ),
        of(
            "DateLessThan",
            "aws:CurrentTime",
            "2026-01-01T00:00:00Z",
            json!("now"),
            "identity",
        ),
        of(
            "Bool",
            "aws:SecureTransport",
            "true",
            json!("yes"),
            "identity",
        ),
        of(
            "ArnLike",
            "aws:PrincipalArn",
            "arn:aws:iam::*:user/*",
            json!("alice"),
            "identity",
        ),
    ];
    for answer in answers(&lines.join("\n")) {
        let error = answer["error"].as_str();
        let error = error.unwrap_or_else(|| panic!("{answer}"));
        assert!(error.starts_with("request.context."), "{error}");
    }
    // Whether a key is there can be asked of any value.
    let of_null = of("Null", ip, "false", json!("junk"), "identity");
    assert_eq!(answers(&of_null)[0]["verdict"], "SOME");
}

/// A case whose request is one of `GET /pets/ID`, with what it should be answered.
fn expecting(id: u32, expect: &str, pet: &str, change: impl FnOnce(&mut Value)) -> String {
    case(json!(id), |it| {
        let request = it["request"].as_object_mut().unwrap();
        request.remove("template");
        let resource = json!(METHOD.replace("{petId}", pet));
        request.insert("resource".to_owned(), resource);
        it["expect"] = json!(expect);
        it["meta"] = json!({"why": ["a note", 1]});
        change(it);
    })
}

#[test]
fn an_answer_that_differs_from_what_is_expected_is_told() {
    let met = [
        expecting(1, "Allowed", "42", |_| {}),
        expecting(2, "ImplicitlyDenied", "7", |_| {}),
        expecting(3, "Denied", "7", |_| {}),
        case(json!(4), |it| it["expect"] = json!("SOME")),
    ];
    for answer in answers(&met.join("\n")) {
        assert!(answer.get("expected").is_none(), "{answer}");
    }
    let unmet = [
        expecting(1, "Denied", "42", |_| {}),
        expecting(2, "ExplicitlyDenied", "7", |_| {}),
        case(json!(3), |it| it["expect"] = json!("ALL")),
        case(json!(4), |it| it["expect"] = json!("SOME*")),
    ];
    let expected = ["Denied", "ExplicitlyDenied", "ALL", "SOME*"];
    for (answer, expected) in answers(&unmet.join("\n")).iter().zip(expected) {
        assert_eq!(answer["expected"], expected, "{answer}");
    }
    // What no answer could be is a mistake, and comes before an answer that differs.
    let mistaken = [
        expecting(1, "Denied", "42", |_| {}),
        expecting(2, "allowed", "42", |_| {}),
        expecting(3, "ALL", "42", |_| {}),
        case(json!(4), |it| it["expect"] = json!("Allowed")),
    ];
    let answers = answers(&mistaken.join("\n"));
    for answer in &answers[1..] {
        let error = answer["error"].as_str().unwrap();
        assert!(error.starts_with("expect: "), "{error}");
    }
}

fn policy(effect: &str, resource: &str, principal: Option<&str>) -> Value {
    let mut statement =
        json!({"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource});
    if let Some(principal) = principal {
        statement["Principal"] = match principal {
            "*" => json!("*"),
            arn => json!({"AWS": arn}),
        };
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session>
#[test]
fn session_policies_limit_what_the_session_may_do() {
    let (role, session) = (
        "arn:aws:iam::111122223333:role/ci",
        "arn:aws:sts::111122223333:assumed-role/ci/build",
    );
    let of = |id: u32, expect: &str, policies: Value, resource: Option<&str>| {
        expecting(id, expect, "42", |it| {
            it["request"]["principal"] = json!(session);
            let named = policies.as_array().unwrap().iter();
            it["sessionPolicies"] = named.map(|it| json!({"policy": it})).collect();
            if let Some(principal) = resource {
                it["resourcePolicy"] = policy("Allow", "*", Some(principal));
            }
        })
    };
    let (all, other) = (
        policy("Allow", "*", None),
        policy("Allow", "arn:aws:execute-api:*:*:other/*", None),
    );
    let cases = [
        of(1, "Allowed", json!([]), None),
        of(2, "Allowed", json!([all]), None),
        of(3, "ImplicitlyDenied", json!([other]), None),
        // Several are one set.
        of(4, "Allowed", json!([other, all]), None),
        of(
            5,
            "ExplicitlyDenied",
            json!([all, policy("Deny", "*", None)]),
            None,
        ),
        // A grant to the role is limited, one to the session or to everybody is not.
        of(6, "ImplicitlyDenied", json!([other]), Some(role)),
        of(7, "Allowed", json!([other]), Some(session)),
        of(8, "Allowed", json!([other]), Some("*")),
    ];
    for answer in answers(&cases.join("\n")) {
        assert!(
            answer["decision"].is_string() && answer.get("expected").is_none(),
            "{answer}"
        );
    }
    for principal in [
        "arn:aws:iam::111122223333:user/alice",
        "anonymous",
        "arn:aws:iam::111122223333:root",
    ] {
        let refused = expecting(1, "Denied", "42", |it| {
            it["request"]["principal"] = json!(principal);
            it["sessionPolicies"] = json!([{"policy": policy("Allow", "*", None)}]);
        });
        let error = answers(&refused)[0]["error"].as_str().unwrap().to_owned();
        assert!(error.starts_with("sessionPolicies: "), "{error}");
    }
}

/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-endpoint-policies.html>
#[test]
fn the_policy_of_a_vpc_endpoint_must_allow_whoever_asks() {
    let alice = "arn:aws:iam::111122223333:user/alice";
    let of = |id: u32, expect: &str, endpoint: &Value, principal: &str| {
        expecting(id, expect, "42", |it| {
            it["request"]["principal"] = json!(principal);
            it["resourcePolicy"] = policy("Allow", "*", Some("*"));
            it["vpcEndpointPolicy"] = endpoint.clone();
        })
    };
    let (all, none) = (
        policy("Allow", "*", Some("*")),
        policy("Allow", "arn:aws:execute-api:*:*:other/*", Some("*")),
    );
    let (hers, deny) = (
        policy("Allow", "*", Some(alice)),
        policy("Deny", "*", Some("*")),
    );
    let cases = [
        of(1, "Allowed", &all, alice),
        of(2, "Allowed", &all, "anonymous"),
        of(3, "ImplicitlyDenied", &none, alice),
        of(4, "ImplicitlyDenied", &none, "anonymous"),
        of(5, "Allowed", &hers, alice),
        of(6, "ImplicitlyDenied", &hers, "anonymous"),
        of(
            7,
            "ImplicitlyDenied",
            &hers,
            "arn:aws:iam::111122223333:user/bob",
        ),
        of(8, "ExplicitlyDenied", &deny, alice),
        of(
            9,
            "ImplicitlyDenied",
            &none,
            "arn:aws:iam::444455556666:root",
        ),
        case(json!(10), |it| {
            it["vpcEndpointPolicy"] = policy("Allow", &METHOD.replace("{petId}", "*"), Some("*"));
            it["expect"] = json!("SOME");
        }),
        case(json!(11), |it| {
            it["vpcEndpointPolicy"] = none.clone();
            it["expect"] = json!("NONE");
        }),
    ];
    for answer in answers(&cases.join("\n")) {
        let is_answered = answer.get("error").is_none() && answer.get("expected").is_none();
        assert!(is_answered, "{answer}");
    }
}
