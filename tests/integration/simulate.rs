//! `gatewatch simulate`: JSON lines in, JSON lines out; and the examples of AWS's documentation, each
//! with the page it stands on.

use std::fs;

use serde_json::{Value, json};

use crate::support::command::Shell;
use crate::support::package;

const METHOD: &str = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3d4e5/prod/GET/pets/{petId}";

/// The answers to these lines. Where one is an error or undecided, the exit status says so.
fn answers(lines: &str) -> Vec<Value> {
    let run = Shell::bare().run_with_input(&["simulate"], lines);
    let answers = run.stdout.lines();
    let answers: Vec<Value> = answers
        .map(|it| serde_json::from_str(it).unwrap())
        .collect();
    let is_open = |it: &Value| it.get("error").is_some() || it["verdict"] == "UNDECIDED";
    let expected = if answers.iter().any(is_open) { 3 } else { 0 };
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
             `scps`, `request`"
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
    let hard = format!("{}*a{}", METHOD.replace("{petId}", ""), "?".repeat(25));
    let line = case(json!(1), |it| {
        let statement = &mut it["identityPolicies"][0]["policy"]["Statement"];
        statement[0]["Resource"] = json!(hard);
        let mut other = statement[0].clone();
        other.as_object_mut().unwrap().remove("Resource");
        other["NotResource"] = json!(hard);
        statement.as_array_mut().unwrap().push(other);
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
