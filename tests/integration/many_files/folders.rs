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

/// A link leads to what nothing else in the folder leads to: what a `.gitignore` names, a folder that is not looked into, a file
/// of another name, and what a tool has made.
#[test]
fn a_link_to_what_is_not_checked_otherwise_is_followed() {
    for (file, to, name) in [
        ("in/build/a.yaml", "build/a.yaml", "in/b.yaml"),
        ("in/build/a.yaml", "build", "in/b"),
        ("in/node_modules/m/a.yaml", "node_modules/m", "in/b"),
        ("in/a.txt", "a.txt", "in/b.yaml"),
    ] {
        let shell = Shell::bare();
        write(&shell, "in/.git/HEAD", "ref: refs/heads/main\n");
        write(&shell, "in/.gitignore", "build/\n");
        write(
            &shell,
            "in/c.yaml",
            "Resources: {T: {Type: AWS::SNS::Topic}}\n",
        );
        write(&shell, file, OPEN);
        assert_eq!(json(&shell, &["in"]).status, 0, "{file}");
        link(&shell, Path::new(to), name);
        let run = json(&shell, &["in"]);
        assert_eq!(found(&run.report()).len(), 1, "{to}: {}", run.stdout);
    }
    // A folder that is a link itself, and what a tool wrote into it, or behind a link that is ignored.
    let shell = Shell::bare();
    write(&shell, "real/.serverless/a.json", OPEN_JSON);
    link(&shell, Path::new("real"), "named");
    assert_eq!(found(&json(&shell, &["named"]).report()).len(), 1);
    let shell = Shell::bare();
    write(&shell, "in/.git/HEAD", "ref: refs/heads/main\n");
    write(&shell, "in/.gitignore", "cdk.out\n");
    write(
        &shell,
        "in/c.yaml",
        "Resources: {T: {Type: AWS::SNS::Topic}}\n",
    );
    write(&shell, "out/a.json", OPEN_JSON);
    link(&shell, Path::new("../out"), "in/cdk.out");
    let run = json(&shell, &["in"]);
    assert_eq!(run.status, 3, "{}", run.stdout);
    assert!(gaps(&run.report())[0].contains("--follow-outside"));
    let run = json(&shell, &["in", "--follow-outside"]);
    assert_eq!(found(&run.report()).len(), 1, "{}", run.stdout);
}

/// A template as tools write it.
const OPEN_JSON: &str = r#"{"Resources": {
"R": {"Type": "AWS::ApiGateway::RestApi"},
"M": {"Type": "AWS::ApiGateway::Method", "Properties": {"RestApiId": {"Ref": "R"}, "ResourceId": {"Fn::GetAtt": ["R", "RootResourceId"]}, "HttpMethod": "GET", "AuthorizationType": "NONE"}}}}"#;

/// The plan of a configuration that declares one resource of API Gateway.
fn plan(name: &str) -> String {
    format!(
        r#"{{"format_version": "1.2", "terraform_version": "1.9.0", "planned_values": {{"root_module": {{}}}}, "configuration": {{"root_module": {{"resources": [{{"address": "aws_api_gateway_account.{name}", "mode": "managed", "type": "aws_api_gateway_account", "name": "{name}"}}]}}}}, "resource_changes": []}}"#
    )
}

/// What a tool made speaks for the sources of its own project, and not for those of others in the same folder.
#[test]
fn output_of_one_project_speaks_for_no_other() {
    let terraform = |name: &str| format!("resource \"aws_api_gateway_account\" \"{name}\" {{}}\n");
    let service = "service: s\nfunctions: {a: {events: [{http: GET /a}]}}\n";
    let package = ".serverless/cloudformation-template-update-stack.json";
    let app = "{\"app\": \"npx ts-node bin/app.ts\"}";
    let assembly = r#"{"version": "39.0.0", "artifacts": {"A": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "A.json"}}}}"#;
    let topic = r#"{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}"#;
    let case = |files: &[(&str, &str)]| {
        let shell = Shell::bare();
        write(
            &shell,
            "c.yaml",
            "Resources: {T: {Type: AWS::SNS::Topic}}\n",
        );
        for (name, text) in files {
            write(&shell, name, text);
        }
        let run = json(&shell, &["."]);
        let mut names: Vec<String> = gaps(&run.report())
            .into_iter()
            .map(|it| it.split(':').next().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    let none = [""; 0];
    // Terraform: by the folder, and by what the plan is about.
    let (a, b) = (terraform("a"), terraform("b"));
    let (a, b) = (a.as_str(), b.as_str());
    let of_a = plan("a");
    let of_a = of_a.as_str();
    assert_eq!(case(&[("a/main.tf", a), ("a/plan.json", of_a)]), none);
    assert_eq!(case(&[("a/m/main.tf", a), ("a/plan.json", of_a)]), none);
    assert_eq!(
        case(&[("a/main.tf", a), ("b/plan.json", of_a)]),
        ["a/main.tf"]
    );
    assert_eq!(
        case(&[("a/main.tf", a), ("b/main.tf", b), ("plan.json", of_a)]),
        ["b/main.tf"]
    );
    assert_eq!(
        case(&[("a/main.tf", a), ("b/main.tf", a), ("plan.json", of_a)]),
        ["a/main.tf", "b/main.tf"]
    );
    assert_eq!(case(&[("a/main.tofu", a)]), ["a/main.tofu"]);
    // The Serverless Framework: the package beside the configuration, if it can be read and has an API.
    let of_service = |text: &str| {
        case(&[
            ("s/serverless.yml", service),
            (&format!("s/{package}"), text),
        ])
    };
    assert_eq!(of_service(OPEN_JSON), none);
    for text in ["", "{}", topic, r#"{"Resources": {}}"#] {
        assert_eq!(of_service(text), ["s/serverless.yml"], "{text}");
    }
    assert_eq!(
        of_service(r#"{"Resources": {"A": {"Type": "AWS::SNS::Topic""#),
        [&format!("s/{package}"), "s/serverless.yml"]
    );
    assert_eq!(
        case(&[
            ("s/serverless.yml", service),
            (&format!("t/{package}"), OPEN_JSON)
        ]),
        ["s/serverless.yml"]
    );
    assert_eq!(
        case(&[("s/serverless.ts", "export default {}")]),
        ["s/serverless.ts"]
    );
    // The CDK: the assembly of the app, wherever it is below it.
    let made = [
        ("a/cdk.json", app),
        ("a/cdk.out/manifest.json", assembly),
        ("a/cdk.out/A.json", topic),
    ];
    assert_eq!(case(&made), none);
    assert_eq!(
        case(&[&made[..], &[("b/cdk.json", app)]].concat()),
        ["b/cdk.json"]
    );
    assert_eq!(
        case(&[("cdk.json", app), ("a/cdk.json", app), made[1], made[2]]),
        ["cdk.json"]
    );
    let elsewhere = r#"{"app": "a", "output": "../out"}"#;
    assert_eq!(
        case(&[
            ("a/cdk.json", elsewhere),
            ("out/manifest.json", assembly),
            ("out/A.json", topic)
        ]),
        none
    );
    // One without a stack that can be read is none.
    assert_eq!(
        case(&[made[0], made[1]]),
        ["a/cdk.json", "a/cdk.out/A.json"]
    );
}

/// A file that a template takes in where it makes nothing is judged by itself.
#[test]
fn a_file_that_is_taken_in_where_it_makes_nothing_is_not_hidden() {
    let include = |place: &str| {
        format!("{{'Fn::Transform': {{Name: AWS::Include, Parameters: {{Location: {place}}}}}}}")
    };
    let topic = |more: &str| format!("Resources: {{T: {{Type: AWS::SNS::Topic, {more}}}}}\n");
    let here = include("./open.yaml");
    for (text, status) in [
        (format!("Metadata: {here}\n{}", topic("")), 1),
        (topic(&format!("Metadata: {here}")), 1),
        (topic(&format!("Properties: {here}")), 1),
        (
            format!(
                "Resources: {{P: {{Type: AWS::SSM::Parameter, Properties: {{Type: String, Value: {here}}}}}}}\n"
            ),
            1,
        ),
        (format!("Mappings: {{M: {here}}}\n{}", topic("")), 1),
        // What an API is made of is taken in, and what only a deployment knows the place of is a gap.
        (
            format!(
                "Resources: {{A: {{Type: AWS::ApiGateway::RestApi, Properties: {{Body: {here}}}}}}}\n"
            ),
            3,
        ),
        (
            format!(
                "Resources: {{A: {{Type: AWS::ApiGateway::RestApi, Properties: {{Body: {}}}}}}}\n",
                include("'{{resolve:ssm:/place}}'")
            ),
            3,
        ),
        (
            format!("Resources: {}\n", include("'{{resolve:ssm:/place}}'")),
            3,
        ),
        // A macro may make another type of a resource.
        (topic("'Fn::Transform': {Name: Ours}"), 3),
        (
            topic(&format!(
                "'Fn::Transform': {{Name: AWS::Include, Parameters: {{Location: {}}}}}",
                "'{{resolve:ssm:/place}}'"
            )),
            3,
        ),
    ] {
        let shell = Shell::bare();
        write(&shell, "open.yaml", OPEN);
        write(&shell, "a.yaml", &text);
        let run = json(&shell, &["."]);
        assert_eq!(run.status, status, "{text}: {}", run.stdout);
    }
    // One that makes the methods of an API is a part of it.
    let shell = Shell::bare();
    write(&shell, "api.yaml", DEFINITION);
    let body = include("api.yaml");
    let text = format!(
        "Resources: {{A: {{Type: AWS::ApiGateway::RestApi, Properties: {{Body: {body}}}}}}}\n"
    );
    write(&shell, "a.yaml", text);
    let report = json(&shell, &["."]).report();
    assert_eq!(found(&report), ["api.yaml:5 open-method"]);
}

/// Stacks of templates that cannot be read here, and whatever else makes them.
#[test]
fn a_stack_of_what_cannot_be_read_is_a_gap() {
    let stack = |properties: &str| {
        format!(
            "Parameters: {{Place: {{Type: String}}}}\nResources: {{S: {{Type: AWS::CloudFormation::Stack, {properties}}}}}\n"
        )
    };
    let of_kind = |kind: &str, properties: &str| {
        format!("Resources: {{S: {{Type: '{kind}', Properties: {{{properties}}}}}}}\n")
    };
    for (text, said) in [
        (
            stack("Properties: {TemplateURL: !Ref Place}"),
            "cannot be told",
        ),
        (
            stack("Properties: {TemplateURL: !Sub '${Place}/a.yaml'}"),
            "cannot be told",
        ),
        (
            stack("Properties: {TemplateURL: 'https://b.s3.amazonaws.com/a.yaml'}"),
            "the template at `https://",
        ),
        (
            stack("Properties: {TemplateUrl: ./topic.yaml}"),
            "names no template",
        ),
        (stack("DependsOn: []"), "names no template"),
        // The note of a file counts beside no place that is written.
        (
            stack(
                "Metadata: {'aws:asset:path': topic.yaml}, Properties: {TemplateURL: 'https://b.s3.amazonaws.com/a.yaml'}",
            ),
            "the template at `https://",
        ),
        (
            of_kind(
                "AWS::Serverless::Application",
                "Location: {ApplicationId: 'arn:aws:serverlessrepo:us-east-1:1:applications/a', SemanticVersion: 1.0.0}",
            ),
            "Serverless Application Repository",
        ),
        (
            of_kind("AWS::CloudFormation::StackSet", "TemplateBody: '{}'"),
            "makes stacks in other accounts",
        ),
        (
            of_kind("AWS::CloudFormation::StackSet", "TemplateURL: topic.yaml"),
            "makes stacks in other accounts",
        ),
        (of_kind("Our::Team::Api::MODULE", ""), "what a module says"),
        (
            of_kind("AWS::CloudFormation::ModuleVersion", "ModuleName: A"),
            "registers a module",
        ),
        (
            of_kind("AWS::CloudFormation::ModuleDefaultVersion", ""),
            "registers a module",
        ),
        (
            of_kind(
                "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
                "ProductId: a",
            ),
            "product of Service Catalog",
        ),
    ] {
        let shell = Shell::bare();
        write(
            &shell,
            "topic.yaml",
            "Resources: {T: {Type: AWS::SNS::Topic}}\n",
        );
        write(&shell, "a.yaml", &text);
        for paths in [&["a.yaml"][..], &["."]] {
            let run = json(&shell, paths);
            assert_eq!(run.status, 3, "{text}: {}", run.stdout);
            let all = gaps(&run.report());
            assert!(all.iter().any(|it| it.contains(said)), "{text}: {all:?}");
        }
    }
    // A place that the values at hand tell is read.
    let shell = Shell::bare();
    write(&shell, "open.yaml", OPEN);
    write(
        &shell,
        "a.yaml",
        stack("Properties: {TemplateURL: !Sub './${Place}.yaml'}"),
    );
    let run = json(&shell, &[".", "--parameter", "Place=open"]);
    assert_eq!(
        found(&run.report()),
        ["open.yaml:12 open-method"],
        "{}",
        run.stdout
    );
    // A nested stack is given the name of what Systems Manager keeps.
    let shell = Shell::bare();
    write(
        &shell,
        "inner.yaml",
        "\
Parameters: {Auth: {Type: 'AWS::SSM::Parameter::Value<String>', Default: AWS_IAM}}
Resources:
  A: {Type: AWS::ApiGateway::RestApi}
  M: {Type: AWS::ApiGateway::Method, Properties: {RestApiId: !Ref A, ResourceId: !GetAtt A.RootResourceId, HttpMethod: GET, AuthorizationType: !Ref Auth}}
",
    );
    write(
        &shell,
        "a.yaml",
        stack("Properties: {TemplateURL: inner.yaml, Parameters: {Auth: AWS_IAM}}"),
    );
    assert_eq!(json(&shell, &["."]).status, 3);
}

/// What a file is, its words tell, however their letters are written.
#[test]
fn a_file_is_recognized_in_any_writing() {
    let number = |letter: char| format!("\\u{:04x}", letter as u32);
    let escaped = |text: &str, words: &[&str]| {
        words.iter().fold(text.to_owned(), |text, word| {
            let letters: String = word.chars().map(number).collect();
            text.replace(word, &letters)
        })
    };
    let mut template = escaped(OPEN_JSON, &["Resources", "AWS"]);
    let definition = r#"{"swagger": "2.0", "paths": {"/a": {"get": {"x-amazon-apigateway-integration": {"type": "mock"}}}}}"#;
    let known = |name: &str, text: &[u8]| {
        let shell = Shell::bare();
        write(
            &shell,
            "in/c.yaml",
            "Resources: {T: {Type: AWS::SNS::Topic}}\n",
        );
        write(&shell, &format!("in/{name}"), text);
        let run = json(&shell, &["in"]);
        (run.status, found(&run.report()).len())
    };
    assert_eq!(known("a.json", template.as_bytes()), (1, 1));
    let definition = escaped(definition, &["swagger", "amazon"]);
    assert_eq!(known("a.json", definition.as_bytes()), (1, 1));
    // Nor does a key of something else hide it.
    for key in ["schema_version", "format_version"] {
        let text = OPEN_JSON.replacen('{', &format!("{{\"{key}\": 1, "), 1);
        assert_eq!(known("a.json", text.as_bytes()), (1, 1), "{key}");
    }
    template.insert(0, '\u{feff}');
    assert_eq!(known("a.json", template.as_bytes()), (1, 1));
    // Without its mark, UTF-16 is not read, and said to be so.
    let units = || OPEN.encode_utf16();
    let little: Vec<u8> = units().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = units().flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big] {
        assert_eq!(known("a.yaml", &bytes), (3, 0));
    }
    // A template that only names others so leads to them all the same.
    let shell = Shell::bare();
    let inner = OPEN_JSON.replace("\"NONE\"", "{\"Ref\": \"Type\"}");
    let inner = inner.replacen(
        '{',
        r#"{"Parameters": {"Type": {"Type": "String", "Default": "AWS_IAM"}}, "#,
        1,
    );
    write(&shell, "inner.json", inner);
    let outer = r#"{"Resources": {"S": {"Type": "AWS::Cloud\u0046ormation::Stack", "Properties": {"TemplateURL": "inner.json", "Parameters": {"Type": "NONE"}}}}}"#;
    write(&shell, "outer.json", outer);
    let run = json(&shell, &["."]);
    assert_eq!(found(&run.report()).len(), 1, "{}", run.stdout);
}
