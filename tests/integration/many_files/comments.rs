//! Exemptions that a template says itself.

use std::fs;

use serde_json::Value;

use super::{gaps, json, write};
use crate::support::command::Shell;

/// A template with a comment at each of these places, where there is one: above the resource, on the line of the path, and above
/// the method.
fn template([resource, path, method]: [&str; 3]) -> String {
    format!(
        "\
Transform: AWS::Serverless-2016-10-31
Resources:
  {resource}
  Pets:
    Type: AWS::Serverless::Api
    Properties:
      StageName: prod
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /pets: {path}
            {method}
            get: {{x-amazon-apigateway-integration: {{type: mock}}}}
            post: {{x-amazon-apigateway-integration: {{type: mock}}}}
"
    )
}

const EXEMPT: &str =
    "# gatewatch: exempt open-method until 2099-12-31 because the displays cannot sign";

fn shell() -> Shell {
    let shell = Shell::bare();
    // The day of the test is any.
    write(
        &shell,
        "gatewatch.yaml",
        "version: 1\nmax_exemption_days: 3650\n",
    );
    shell
}

/// A day that an exemption may last to, whatever the day of the test.
fn exempt() -> String {
    let now = jiff::Timestamp::now();
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    let until = day.saturating_add(jiff::Span::new().days(30));
    EXEMPT.replace("2099-12-31", &until.to_string())
}

fn rules(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.map(|it| {
        let verb = it["verb"].as_str().unwrap_or("-");
        format!("{} {verb}", it["rule"].as_str().unwrap())
    });
    findings.collect()
}

#[test]
fn a_comment_exempts_what_it_stands_at_and_nothing_else() {
    let shell = shell();
    let exempt = exempt();
    for (places, left) in [
        ([exempt.as_str(), "", ""], &[][..]),
        (["", exempt.as_str(), ""], &[]),
        (["", "", exempt.as_str()], &["open-method POST"]),
    ] {
        write(&shell, "a.yaml", template(places));
        let run = json(&shell, &["a.yaml"]);
        let report = run.report();
        assert_eq!(rules(&report), left, "{report:#}");
        assert_eq!(run.status, i32::from(!left.is_empty()));
        assert_eq!(report["counts"]["exempted"], 2 - left.len());
        let exemption = &report["exempted"][0]["exemption"];
        assert_eq!(exemption["reason"], "the displays cannot sign");
        assert_eq!(exemption["policy_line"], Value::Null);
        assert_eq!(exemption["owner"], Value::Null);
        assert_eq!(exemption["location"]["file"], "a.yaml");
        assert_eq!(report["exemptions"][0]["covers"], 2 - left.len());
        crate::schemas::assert_fits("report", &report);
    }
    let run = shell.run(&["check", "a.yaml", "--also", "sarif=a.sarif"]);
    for said in [
        "exemptions in templates:",
        "a.yaml:12:13: open-method: the displays cannot sign",
    ] {
        assert!(run.stdout.contains(said), "{}", run.stdout);
    }
    let sarif = fs::read_to_string(shell.folder().join("a.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    let suppressed = results
        .iter()
        .filter(|it| it["suppressions"][0]["kind"] == "inSource");
    assert_eq!(suppressed.count(), 1);
    // In a check of many files, too.
    write(&shell, "b.yaml", template(["", "", ""]));
    let report = json(&shell, &["a.yaml", "b.yaml"]).report();
    assert_eq!(rules(&report).len(), 3);
    assert_eq!(report["counts"]["exempted"], 1);
    assert_eq!(report["exemptions"].as_array().unwrap().len(), 1);
}

#[test]
fn json_says_it_by_a_text() {
    let shell = shell();
    let exempt = exempt();
    let says = exempt.trim_start_matches("# gatewatch: ");
    let api = r#"{"Type": "AWS::ApiGateway::RestApi"}"#;
    let method = |metadata: &str| {
        format!(
            r#"{{"Type": "AWS::ApiGateway::Method", {metadata} "Properties": {{"RestApiId": {{"Ref": "A"}}, "ResourceId": {{"Fn::GetAtt": ["A", "RootResourceId"]}}, "HttpMethod": "GET", "AuthorizationType": "NONE"}}}}"#
        )
    };
    let metadata = format!(r#""Metadata": {{"gatewatch": "{says}"}},"#);
    for (metadata, left) in [(metadata.as_str(), 0), ("", 1)] {
        let text = format!(
            r#"{{"Resources": {{"A": {api}, "M": {}}}}}"#,
            method(metadata)
        );
        write(&shell, "a.json", text);
        assert_eq!(rules(&json(&shell, &["a.json"]).report()).len(), left);
    }
    let text = format!(
        r#"{{"openapi": "3.0.1", "paths": {{"/a": {{"get": {{"x-gatewatch": "{says}"}}, "post": {{}}}}}}}}"#
    );
    write(&shell, "a.json", text);
    let report = json(&shell, &["a.json"]).report();
    assert_eq!(rules(&report), ["open-method POST"]);
    assert_eq!(gaps(&report), [""; 0]);
}

#[test]
fn one_that_is_expired_or_too_long_hides_nothing_and_one_that_is_unused_is_a_finding() {
    let shell = shell();
    let expired = EXEMPT.replace("2099-12-31", "2026-01-01");
    write(&shell, "a.yaml", template(["", "", &expired]));
    let report = json(&shell, &["a.yaml"]).report();
    assert_eq!(
        rules(&report),
        ["open-method POST", "open-method GET", "expired-exemption -"]
    );
    let finding = &report["findings"][2];
    assert_eq!(finding["location"]["line"], 12);
    assert_eq!(finding["policy_line"], Value::Null);
    assert!(
        report["findings"][1]["evidence"]
            .to_string()
            .contains("expired on 2026-01-01")
    );
    crate::schemas::assert_fits("report", &report);
    // The id is that of what it speaks of, wherever the lines are.
    write(
        &shell,
        "a.yaml",
        format!("# One line more\n{}", template(["", "", &expired])),
    );
    let moved = json(&shell, &["a.yaml"]).report();
    assert_eq!(moved["findings"][2]["id"], finding["id"]);
    write(&shell, "a.yaml", template(["", "", EXEMPT]));
    let report = json(&shell, &["a.yaml"]).report();
    assert_eq!(rules(&report), ["open-method POST", "open-method GET"]);
    assert!(
        report["findings"][1]["evidence"]
            .to_string()
            .contains("lasts longer")
    );
    // There is nothing of that rule.
    let unused = exempt().replace("open-method", "api-key-only");
    write(&shell, "a.yaml", template(["", "", &unused]));
    let report = json(&shell, &["a.yaml"]).report();
    assert_eq!(rules(&report)[2], "unused-exemption -");
    // It may be for what could not be understood.
    let unknown = format!(
        "{}  Other: {{Type: AWS::ApiGateway::Unknown}}\n",
        template(["", "", &unused])
    );
    write(&shell, "a.yaml", unknown);
    let run = json(&shell, &["a.yaml"]);
    assert_eq!(run.status, 3);
    assert!(!rules(&run.report()).contains(&"unused-exemption -".to_owned()));
    // What is worse than it allows stays.
    let mild = exempt().replace("open-method", "open-method up to medium");
    write(&shell, "a.yaml", template([&mild, "", ""]));
    let report = json(&shell, &["a.yaml"]).report();
    assert_eq!(rules(&report), ["open-method POST", "open-method GET"]);
}

/// A comment that is not understood, or that nobody can tell the place of, exempts nothing and is a gap.
#[test]
fn what_is_not_understood_is_a_gap() {
    let shell = shell();
    let exempt = exempt();
    for (places, said) in [
        (["", "", "# gatewatch: ignore this"], "is not understood"),
        (
            [
                "",
                "",
                "# gatewatch: exempt open-metod until 2026-12-31 because a",
            ],
            "did you mean `open-method`",
        ),
        (
            ["", "", "# gatewatch: exempt open-method until 2026-12-31"],
            "no reason",
        ),
        (
            [
                "",
                "",
                "# gatewatch: exempt unread-api until 2026-12-31 because a",
            ],
            "cannot be exempted",
        ),
        (
            ["", &format!("\n          {exempt}"), ""],
            "stands at no resource, path or method",
        ),
    ] {
        write(&shell, "a.yaml", template(places));
        let run = json(&shell, &["a.yaml"]);
        assert_eq!(run.status, 3, "{places:?}");
        let report = run.report();
        let all = gaps(&report);
        assert!(
            all.iter().any(|it| it.contains(said)),
            "{places:?}: {all:?}"
        );
        assert_eq!(report["counts"]["exempted"], 0);
    }
    // Before the resources, it would hide the first of them.
    write(
        &shell,
        "a.yaml",
        format!("{exempt}\n{}", template(["", "", ""])),
    );
    assert_eq!(json(&shell, &["a.yaml"]).status, 3);
    // A text is no comment, and many comments are no mistake.
    let many = "# a comment\n".repeat(500);
    let text = format!(
        "{many}{}Outputs: {{A: {{Value: '{exempt}'}}}}\n",
        template(["", "", ""])
    );
    write(&shell, "a.yaml", text);
    let report = json(&shell, &["a.yaml"]).report();
    assert_eq!(gaps(&report), [""; 0]);
    assert_eq!(rules(&report).len(), 2);
    // What a template takes in says it, too.
    write(
        &shell,
        "api.yaml",
        format!(
            "openapi: 3.0.1\npaths:\n  /a:\n    {exempt}\n    get: {{x-amazon-apigateway-integration: {{type: mock}}}}\n"
        ),
    );
    write(
        &shell,
        "a.yaml",
        "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: AWS::Serverless::Api, Properties: {StageName: p, DefinitionUri: api.yaml}}}\n",
    );
    let report = json(&shell, &["a.yaml"]).report();
    assert_eq!(report["counts"]["exempted"], 1, "{report:#}");
}

/// Whether a method is asked about or a finding, by its id.
#[test]
fn an_explanation_knows_what_a_template_exempts() {
    let shell = shell();
    write(&shell, "a.yaml", template(["", "", exempt().as_str()]));
    let report = json(&shell, &["a.yaml"]).report();
    let exempted = report["exempted"][0]["id"].as_str().unwrap();
    let open = report["findings"][0]["id"].as_str().unwrap();
    for (what, verb, is_exempted) in [
        ("GET /pets", "GET", true),
        ("POST /pets", "POST", false),
        (exempted, "GET", true),
        (open, "POST", false),
    ] {
        let document = shell
            .run(&["explain", what, "a.yaml", "--format", "json"])
            .report();
        let finding = match &document["finding"] {
            Value::Null => &document["methods"][0]["findings"][0],
            finding => finding,
        };
        assert_eq!(finding["verb"], verb, "{what}: {document:#}");
        assert_eq!(finding["exempted"], is_exempted, "{what}: {document:#}");
        let of_method = &document["methods"][0]["findings"][0];
        assert_eq!(of_method["exempted"], is_exempted, "{what}: {document:#}");
        let verdicts = finding["exemptions"].as_array().unwrap();
        assert_eq!(verdicts.len(), usize::from(is_exempted), "{document:#}");
        if is_exempted {
            assert_eq!(verdicts[0]["policy_line"], Value::Null);
            assert_eq!(verdicts[0]["location"]["file"], "a.yaml");
            assert_eq!(verdicts[0]["covers"], true);
        }
        crate::schemas::assert_fits("explanation", &document);
        let run = shell.run(&["explain", what, "a.yaml"]);
        let says = "the exemption at a.yaml:12:13 covers it";
        assert_eq!(run.stdout.contains(says), is_exempted, "{}", run.stdout);
    }
    // One that is past its last day is said to be.
    write(
        &shell,
        "a.yaml",
        template(["", "", EXEMPT.replace("2099-12-31", "2020-01-31").as_str()]),
    );
    let run = shell.run(&["explain", "GET /pets", "a.yaml"]);
    assert!(
        run.stdout.contains("expired on 2020-01-31"),
        "{}",
        run.stdout
    );
    // What is wrong with an exemption is explained as any other finding.
    let report = json(&shell, &["a.yaml"]).report();
    let findings = report["findings"].as_array().unwrap();
    let expired = findings
        .iter()
        .find(|it| it["rule"] == "expired-exemption")
        .unwrap();
    let run = shell.run(&["explain", expired["id"].as_str().unwrap(), "a.yaml"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("expired-exemption"), "{}", run.stdout);
}

/// A REST API with one method at its root, written twice, each time under a condition.
fn twice([one, other]: [&str; 2], [of_one, of_other]: [&str; 2]) -> String {
    let method = |id: &str, condition: &str, above: &str, properties: &str| {
        format!(
            "  {above}\n  {id}:\n    Type: AWS::ApiGateway::Method\n    Condition: {condition}\n    Properties: {{RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, {properties}}}\n"
        )
    };
    format!(
        "Parameters: {{Stage: {{Type: String}}}}\nConditions:\n  Live: !Equals [!Ref Stage, live]\n  NotLive: !Not [Condition: Live]\nResources:\n  Api: {{Type: AWS::ApiGateway::RestApi}}\n{}{}",
        method("One", "Live", one, of_one),
        method("Other", "NotLive", other, of_other)
    )
}

/// The places of the findings, by their lines, with their rules.
fn lines(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.map(|it| format!("{} {}", it["location"]["line"], it["rule"]));
    findings.collect()
}

/// Which of them is made only a deployment tells: what exempts the one says nothing of the other.
#[test]
fn an_exemption_of_one_of_two_methods_at_a_place_is_none_of_the_other() {
    let shell = shell();
    let policy = "version: 1\nmax_exemption_days: 3650\nrequire: [{match: {verb: GET}, authorization: [AWS_IAM]}]\n";
    write(&shell, "gatewatch.yaml", policy);
    let exempt = exempt();
    let (get, exempt) = ("HttpMethod: GET, AuthorizationType", exempt.as_str());
    let (open, closed) = (format!("{get}: NONE"), format!("{get}: AWS_IAM"));
    let custom = format!("{get}: CUSTOM, AuthorizerId: a1b2c3");
    let key = format!("{open}, ApiKeyRequired: true");
    let (open, closed) = (open.as_str(), closed.as_str());
    for (comments, properties, left, exempted) in [
        ([exempt, ""], [open, open], &["13 \"open-method\""][..], 0),
        (["", exempt], [open, open], &["8 \"open-method\""], 0),
        ([exempt, exempt], [open, open], &[], 1),
        ([exempt, ""], [open, closed], &[], 1),
        (["", exempt], [closed, open], &[], 1),
        (
            [exempt, ""],
            [open, custom.as_str()],
            &["13 \"foreign-authorizer\""],
            1,
        ),
        (
            [exempt, ""],
            [open, key.as_str()],
            &["13 \"api-key-only\""],
            1,
        ),
    ] {
        write(&shell, "a.yaml", twice(comments, properties));
        let run = json(&shell, &["a.yaml"]);
        let report = run.report();
        assert_eq!(lines(&report), left, "{comments:?} {properties:?}");
        assert_eq!(report["counts"]["exempted"], exempted, "{report:#}");
        assert_eq!(run.status, i32::from(!left.is_empty()), "{}", run.stdout);
        crate::schemas::assert_fits("report", &report);
    }
}

/// A preflight beside a method that is none.
#[test]
fn a_preflight_hides_no_other_method_at_its_place() {
    let shell = shell();
    let options = |kind: &str| {
        format!("HttpMethod: OPTIONS, AuthorizationType: NONE, Integration: {{Type: {kind}}}")
    };
    let (mock, other) = (options("MOCK"), options("AWS_PROXY"));
    for properties in [[&mock, &other], [&other, &mock]] {
        let text = twice(["", ""], properties.map(String::as_str));
        write(&shell, "a.yaml", text);
        let report = json(&shell, &["a.yaml"]).report();
        assert_eq!(rules(&report), ["open-method OPTIONS"], "{report:#}");
    }
}

/// A group that a template does not make is known by the policies for it, and each of them may make it a finding.
#[test]
fn an_exemption_of_one_policy_of_a_group_is_none_of_another() {
    let shell = shell();
    write(
        &shell,
        "gatewatch.yaml",
        "version: 1\nmax_exemption_days: 3650\ninvokers: [{match: {api: Shop}, groups: [others]}]\n",
    );
    let exempt = exempt().replace("open-method", "unlisted-invoker");
    let policy = |id: &str, above: &str, verb: &str| {
        format!(
            "  {above}\n  {id}:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: {id}\n      Groups: [callers]\n      PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Action: 'execute-api:Invoke', Resource: !Sub 'arn:aws:execute-api:*:*:${{Api}}/*/{verb}/'}}]}}\n"
        )
    };
    let template = |second: &str| {
        format!(
            "Resources:\n  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{Name: Shop}}}}\n  Get: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: AWS_IAM}}}}\n  Post: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: POST, AuthorizationType: AWS_IAM}}}}\n{}{second}",
            policy("One", &exempt, "GET")
        )
    };
    let unlisted = |second: &str| {
        write(&shell, "a.yaml", template(second));
        let report = json(&shell, &["a.yaml"]).report();
        let all = rules(&report);
        all.iter()
            .filter(|it| it.starts_with("unlisted-invoker"))
            .count()
    };
    assert_eq!(unlisted(""), 0);
    assert_eq!(unlisted(&policy("Two", "", "POST")), 1);
    assert_eq!(unlisted(&policy("Two", &exempt, "POST")), 1);
}

/// What an alias repeats stands once in the file: an exemption there would be one of everything that anybody makes of it.
#[test]
fn an_alias_spreads_no_exemption() {
    let shell = shell();
    let exempt = exempt();
    let says = exempt.trim_start_matches("# gatewatch: ");
    let mock = "{x-amazon-apigateway-integration: {type: mock}}";
    let definition = |paths: &str| format!("openapi: 3.0.1\npaths:\n{paths}");
    for (paths, open) in [
        // By itself, it holds.
        (
            format!("  /a: &a\n    {exempt}\n    get: {mock}\n"),
            &[][..],
        ),
        // Above the method, the path, or as a text.
        (
            format!("  /a: &a\n    {exempt}\n    get: {mock}\n  /b: *a\n"),
            &["open-method /a", "open-method /b"],
        ),
        (
            format!("  {exempt}\n  /a: &a\n    get: {mock}\n  /b: *a\n"),
            &["open-method /a", "open-method /b"],
        ),
        (
            format!(
                "  /a: &a\n    get: {{x-gatewatch: '{says}', x-amazon-apigateway-integration: {{type: mock}}}}\n  /b: *a\n"
            ),
            &["open-method /a", "open-method /b"],
        ),
        (
            format!(
                "  /a:\n    get: &a\n      x-gatewatch: '{says}'\n      x-amazon-apigateway-integration: {{type: mock}}\n  /b:\n    get: *a\n"
            ),
            &["open-method /b"],
        ),
        (
            format!("  /a: &a\n    x-gatewatch: '{says}'\n    get: {mock}\n  /b:\n    <<: *a\n"),
            &["open-method /a", "open-method /b"],
        ),
        // Something else that is repeated is no matter.
        (
            format!(
                "  /a:\n    {exempt}\n    get: {{x-amazon-apigateway-integration: &i {{type: mock}}}}\n  /b:\n    get: {{x-amazon-apigateway-integration: *i}}\n"
            ),
            &["open-method /b"],
        ),
    ] {
        let text = definition(&paths);
        write(&shell, "a.yaml", &text);
        let report = json(&shell, &["a.yaml"]).report();
        let findings = report["findings"].as_array().unwrap().iter();
        let findings = findings.filter(|it| it["path"].is_string());
        let mut found: Vec<String> = findings
            .map(|it| {
                format!(
                    "{} {}",
                    it["rule"].as_str().unwrap(),
                    it["path"].as_str().unwrap()
                )
            })
            .collect();
        found.sort();
        assert_eq!(found, open, "{text}\n{report:#}");
    }
    // A value outside of the paths covers nothing that stands between it and its alias.
    let text = format!(
        "\
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Metadata:
      Kept:
        - &paths
          {exempt}
          /a: {{get: {mock}}}
  Open: {{Type: AWS::ApiGateway::RestApi, Properties: {{Body: {{openapi: 3.0.1, paths: {{/open: {{get: {mock}}}}}}}}}}}
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Body: {{openapi: 3.0.1, paths: *paths}}
"
    );
    write(&shell, "a.yaml", &text);
    let run = json(&shell, &["a.yaml"]);
    let report = run.report();
    assert_eq!(report["counts"]["exempted"], 0, "{report:#}");
    assert_eq!(run.status, 3, "{report:#}");
    assert_eq!(
        rules(&report)
            .iter()
            .filter(|it| it.starts_with("open-method"))
            .count(),
        2
    );
}
