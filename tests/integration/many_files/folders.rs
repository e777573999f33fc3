//! What a folder holds.

use std::path::Path;

use super::{DEFINITION, OPEN, checked, found, gaps, json, link, write};
use crate::support::command::Shell;

#[test]
fn a_folder_finds_what_it_knows_and_counts_the_rest() {
    let shell = Shell::bare();
    write(&shell, "infra/sam.yaml", OPEN);
    write(
        &shell,
        "infra/deep/stack.template",
        "Resources: {T: {Type: AWS::SNS::Topic}}\n",
    );
    write(&shell, "api/shop.yaml", DEFINITION);
    write(
        &shell,
        "api/pets.yaml",
        "openapi: 3.0.1\npaths: {/pets: {get: {}}}\n",
    );
    write(
        &shell,
        "plan.json",
        "{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.0\", \"planned_values\": {\"root_module\": {}}, \"configuration\": {\"root_module\": {}}, \"resource_changes\": []}",
    );
    write(&shell, "package.json", "{\"name\": \"shop\"}");
    write(&shell, ".github/workflows/ci.yaml", "on: push\njobs: {}\n");
    write(&shell, "README.md", "# openapi\n");
    write(&shell, "node_modules/a/template.yaml", OPEN);
    let run = json(&shell, &["."]);
    assert_eq!(run.status, 1, "{}{}", run.stderr, run.stdout);
    let report = run.report();
    assert_eq!(
        checked(&report),
        [
            "api/shop.yaml openapi",
            "infra/deep/stack.template cloudformation",
            "infra/sam.yaml sam",
            "plan.json terraform",
        ]
    );
    assert_eq!(
        found(&report),
        [
            "api/shop.yaml:5 open-method",
            "infra/sam.yaml:12 open-method"
        ]
    );
    assert_eq!(
        report["files"]["passed_over"],
        serde_json::json!({"other-name": 1, "other-content": 2, "plain-definition": 1})
    );
    crate::schemas::assert_fits("report", &report);
    let table = shell.run(&["check", "."]).stdout;
    let words: Vec<&str> = table.split_whitespace().collect();
    let said = "passed over: 1 by name, 2 by content, 1 OpenAPI without API Gateway's extensions";
    assert!(words.join(" ").contains(said), "{table}");
}

#[test]
fn gitignore_counts_but_not_for_what_tools_have_made() {
    let shell = Shell::bare();
    // A folder is a repository by its `.git`.
    write(&shell, ".git/HEAD", "ref: refs/heads/main\n");
    write(&shell, ".gitignore", "build/\n.serverless\ncdk.out\n");
    write(&shell, "a.yaml", OPEN);
    write(&shell, "build/a.yaml", OPEN);
    write(
        &shell,
        "shop/serverless.yml",
        "service: shop\nfunctions:\n  a:\n    events:\n      - http: GET /a\n",
    );
    write(
        &shell,
        "shop/.serverless/cloudformation-template-update-stack.json",
        r#"{"Resources": {
        "R": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "shop"}},
        "M": {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": "R"}, "ResourceId": {"Fn::GetAtt": ["R", "RootResourceId"]}, "HttpMethod": "GET", "AuthorizationType": "NONE"}}}}"#,
    );
    write(
        &shell,
        "shop/.serverless/serverless-state.json",
        r#"{"service": {"provider": {"compiledCloudFormationTemplate": {"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}}}}"#,
    );
    let report = json(&shell, &["."]).report();
    assert_eq!(
        found(&report),
        [
            "a.yaml:12 open-method",
            "shop/.serverless/cloudformation-template-update-stack.json:3 open-method",
        ]
    );
    assert_eq!(gaps(&report), [""; 0]);
    assert_eq!(report["files"]["passed_over"]["source"], 1);
}

/// What should be checked and cannot be is a gap, one by one, and keeps nothing else from being found.
#[test]
fn nothing_that_should_be_checked_is_passed_over() {
    for (name, text, said) in [
        (
            "bad.yaml",
            b"Resources:\n  A: {Type: 'AWS::ApiGateway::RestApi'\n  B: [\n".to_vec(),
            "cannot be checked",
        ),
        (
            "jinja.yaml",
            b"{% if a %}\nResources:\n  A: {Type: 'AWS::SNS::Topic'}\n".to_vec(),
            "cannot be checked",
        ),
        (
            "binary.json",
            vec![0xff, 0x00, 0x9f, 0x92],
            "it is no UTF-8 text",
        ),
        (
            "large.yaml",
            format!(
                "Resources: {{A: {{Type: 'AWS::SNS::Topic'}}}}\n# {}",
                "x".repeat(7 << 20)
            )
            .into_bytes(),
            "larger than any template",
        ),
        (
            "state.json",
            b"{\"terraform_version\": \"1\", \"serial\": 1, \"lineage\": \"a\"}".to_vec(),
            "the state as Terraform keeps it",
        ),
        (
            "main.tf",
            b"resource \"aws_api_gateway_method\" \"a\" {}\n".to_vec(),
            "terraform show -json",
        ),
        (
            "serverless.yml",
            b"functions: {a: {events: [{httpApi: '*'}]}}\n".to_vec(),
            "serverless package",
        ),
        (
            "cdk.json",
            b"{\"app\": \"npx ts-node bin/app.ts\"}".to_vec(),
            "cdk synth",
        ),
        (
            "cdk.out/manifest.json",
            b"{".to_vec(),
            "no manifest of `cdk synth`",
        ),
        (
            "cdk.out/other.json",
            b"{}".to_vec(),
            "no manifest of `cdk synth`",
        ),
    ] {
        let shell = Shell::bare();
        write(&shell, "in/a.yaml", OPEN);
        write(&shell, &format!("in/{name}"), text);
        let run = json(&shell, &["in"]);
        assert_eq!(run.status, 3, "{name}: {}", run.stderr);
        let report = run.report();
        assert_eq!(found(&report), ["in/a.yaml:12 open-method"], "{name}");
        let gaps = gaps(&report);
        assert_eq!(gaps.len(), 1, "{name}: {gaps:?}");
        assert!(gaps[0].contains(said), "{name}: {gaps:?}");
        assert_eq!(
            report["files"]["checked"].as_array().unwrap().len(),
            2,
            "{name}"
        );
        let github = shell.run(&["check", "in", "--format", "github"]);
        let folder = if name.starts_with("cdk.out") {
            "cdk.out/manifest.json"
        } else {
            name
        };
        let annotation = format!("::error file=in/{folder},");
        assert!(
            github.stdout.contains(&annotation),
            "{name}: {}",
            github.stdout
        );
    }
}

#[test]
fn links_are_followed_only_when_asked_and_circles_end() {
    let shell = Shell::bare();
    write(&shell, "in/a.yaml", OPEN);
    write(&shell, "out/b.yaml", OPEN);
    link(&shell, Path::new("a.yaml"), "in/same.yaml");
    link(&shell, Path::new("."), "in/circle");
    let run = json(&shell, &["in"]);
    assert_eq!(run.status, 1, "{}", run.stdout);
    assert_eq!(run.report()["files"]["passed_over"]["link"], 2);
    link(&shell, Path::new("../out"), "in/folder");
    link(&shell, Path::new("../out/b.yaml"), "in/b.yaml");
    link(&shell, Path::new("nowhere"), "in/c.yaml");
    let run = json(&shell, &["in"]);
    assert_eq!(run.status, 3);
    let all = gaps(&run.report());
    assert_eq!(all.len(), 3, "{all:?}");
    let outside = all.iter().filter(|it| it.contains("--follow-outside"));
    assert_eq!(outside.count(), 2, "{all:?}");
    let followed = json(&shell, &["in", "--follow-outside"]);
    assert_eq!(followed.status, 3);
    let report = followed.report();
    assert_eq!(found(&report).len(), 2, "{report:#}");
    let all = gaps(&report);
    assert!(all.iter().any(|it| it.contains("circle")), "{all:?}");
    assert!(all.iter().any(|it| it.contains("c.yaml")), "{all:?}");
}

#[test]
fn a_folder_without_anything_to_be_checked_is_a_mistake() {
    let shell = Shell::bare();
    write(&shell, "in/README.md", "");
    write(&shell, "in/package.json", "{}");
    let run = json(&shell, &["in"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr
            .contains("nothing in in can be checked; passed over: 1 by name, 1 by content"),
        "{}",
        run.stderr
    );
}

/// A definition or a template that another one names is a part of that, with its `Auth` and its parameters.
#[test]
fn parts_are_judged_once_and_where_they_belong() {
    let shell = Shell::bare();
    write(&shell, "a/api.yaml", DEFINITION);
    write(
        &shell,
        "a/sam.yaml",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: prod, DefinitionUri: ./api.yaml}}\n",
    );
    write(&shell, "b/child.yaml", "\
Parameters: {Type: {Type: String, Default: AWS_IAM}}
Resources:
  A: {Type: AWS::ApiGateway::RestApi}
  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !GetAtt A.RootResourceId, HttpMethod: GET, AuthorizationType: !Ref Type}}
");
    write(&shell, "b/parent.yaml", "\
Resources:
  One: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: ./child.yaml, Parameters: {Type: NONE}}}
  Two: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}
  Three: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml, Parameters: {Type: !ImportValue type}}}
");
    let report = json(&shell, &["."]).report();
    assert_eq!(
        found(&report),
        ["a/api.yaml:5 open-method", "b/child.yaml:4 open-method"],
    );
    assert_eq!(report["files"]["passed_over"]["taken-in"], 2);
    // Its value is known to a deployment alone: the default does not count.
    let all = gaps(&report);
    assert_eq!(all.len(), 1, "{all:?}");
    assert!(all[0].contains("b/child.yaml:4"), "{all:?}");
    assert!(
        !report.to_string().contains("another template"),
        "{report:#}"
    );
    // Templates that name each other are judged, and come to an end.
    write(
        &shell,
        "b/child.yaml",
        "Resources: {P: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: parent.yaml}}}\n",
    );
    let report = json(&shell, &["b"]).report();
    assert_eq!(report["status"], "incomplete");
    assert!(
        gaps(&report)
            .iter()
            .any(|it| it.contains("one stack too many"))
    );
}

/// What a stack gives a nested one is written in many ways, and none of them leaves a default in force.
#[test]
fn a_nested_stack_is_never_judged_by_a_default_that_may_not_count() {
    const INNER: &str = "\
Parameters: {Auth: {Type: String, Default: AWS_IAM}}
Transform: AWS::Serverless-2016-10-31
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {Name: Inner}}
  Get:
    Type: AWS::ApiGateway::Method
    Properties:
      HttpMethod: GET
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      AuthorizationType: !Ref Auth
      Integration: {Type: MOCK}
  Live: {Type: AWS::ApiGateway::Deployment, DependsOn: Get, Properties: {RestApiId: !Ref Api, StageName: prod}}
";
    let given = |kind: &str, properties: &str| {
        format!(
            "\
Parameters: {{P: {{Type: String}}}}
Conditions:
  Open: !Equals [a, a]
  Unsure: !Equals [!Ref P, a]
Resources:
  Stack:
    Type: {kind}
    Properties: {{{properties}}}
"
        )
    };
    let stack = "AWS::CloudFormation::Stack";
    let application = "AWS::Serverless::Application";
    for (kind, properties, status) in [
        (stack, "TemplateURL: inner.yaml", 0),
        (
            stack,
            "TemplateURL: inner.yaml, Parameters: {Auth: AWS_IAM}",
            0,
        ),
        (
            stack,
            "TemplateURL: inner.yaml, Parameters: {Auth: NONE}",
            1,
        ),
        (
            stack,
            "TemplateURL: inner.yaml, Parameters: !If [Open, {Auth: NONE}, {Auth: AWS_IAM}]",
            1,
        ),
        (
            stack,
            "TemplateURL: inner.yaml, Parameters: !If [Unsure, {Auth: NONE}, {Auth: AWS_IAM}]",
            3,
        ),
        (
            stack,
            "TemplateURL: inner.yaml, Parameters: {Auth: !If [Unsure, NONE, AWS_IAM]}",
            3,
        ),
        (
            stack,
            "TemplateURL: inner.yaml, Parameters: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/x}}}",
            3,
        ),
        (stack, "TemplateURL: inner.yaml, Paramters: {Auth: NONE}", 3),
        (
            application,
            "Location: inner.yaml, Parameters: !If [Unsure, {Auth: NONE}, {Auth: AWS_IAM}]",
            3,
        ),
    ] {
        let shell = Shell::bare();
        write(&shell, "inner.yaml", INNER);
        write(&shell, "outer.yaml", given(kind, properties));
        let run = json(&shell, &["."]);
        assert_eq!(run.status, status, "{properties}: {}", run.stdout);
    }
}
