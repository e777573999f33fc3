//! Which findings are meant, and what is said where the call is wrong.

use super::{apply, fix, ids, read, write};
use crate::support::command::Shell;

const TWO: &str = "Resources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}\n  A:\n    Type: AWS::ApiGatewayV2::Route\n    Properties:\n      ApiId: !Ref Api\n      RouteKey: GET /a\n  B:\n    Type: AWS::ApiGatewayV2::Route\n    Properties:\n      ApiId: !Ref Api\n      RouteKey: PUT /b\n";

#[test]
fn one_finding_is_mended_where_one_is_meant() {
    let shell = Shell::bare();
    write(&shell, "t.yaml", TWO);
    let run = fix(&shell, &["t.yaml", "--method", "PUT /b"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let wanted = TWO.replace("PUT /b\n", "PUT /b\n      AuthorizationType: AWS_IAM\n");
    apply(&shell, &run.stdout).unwrap();
    assert_eq!(read(&shell, "t.yaml"), wanted);
    let (_, open) = ids(&shell, &["t.yaml"]);
    let id = open.first().unwrap();
    let by_id = fix(&shell, &["t.yaml", "--finding", id]);
    assert_eq!(by_id.status, 1, "{}", by_id.stderr);
    assert_eq!(
        by_id.stdout,
        fix(&shell, &["t.yaml", "--rule", "open-method"]).stdout
    );
    assert_eq!(fix(&shell, &["t.yaml", "--rule", "api-key-only"]).status, 0);
}

#[test]
fn what_there_is_not_is_a_mistake() {
    let shell = Shell::bare();
    write(&shell, "t.yaml", TWO);
    for arguments in [
        &["t.yaml", "--method", "GET /c"][..],
        &["t.yaml", "--api", "Other"],
        &["t.yaml", "--stage", "prod"],
        &["t.yaml", "--finding", "00000000000000000000000000000000"],
        &["t.yaml", "--group", "callers"],
        &["t.yaml", "--profile", "x"],
        &["t.yaml", "--parameter", "No=1"],
        &["none.yaml"],
        &[],
    ] {
        let run = fix(&shell, arguments);
        assert_eq!(
            (run.status, run.stdout.as_str()),
            (2, ""),
            "{arguments:?}: {}",
            run.stderr
        );
    }
    // What is for sources means nothing for an inventory.
    for arguments in [
        &["fix", "a.json", "b.json"][..],
        &["fix", "a.json", "--parameter", "A=b"],
        &["fix", "a.json", "--source", "."],
    ] {
        assert_eq!(shell.run(arguments).status, 2, "{arguments:?}");
    }
}

#[test]
fn parameters_and_folders_are_as_of_a_check() {
    let shell = Shell::bare();
    let text = TWO
        .replace(
            "Resources:",
            "Parameters: {Path: {Type: String}}\nResources:",
        )
        .replace("GET /a", "!Sub GET /${Path}");
    write(&shell, "infra/t.yaml", &text);
    write(
        &shell,
        "infra/openapi.yaml",
        "openapi: 3.0.1\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get: {x-amazon-apigateway-integration: {type: mock}}\n",
    );
    let run = fix(&shell, &["infra"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    let run = fix(&shell, &["infra", "--parameter", "Path=x"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    apply(&shell, &run.stdout).unwrap();
    let run = fix(&shell, &["infra", "--parameter", "Path=x"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
}

/// A definition in a file of its own is mended there.
#[test]
fn a_definition_beside_a_template_is_mended_in_its_own_file() {
    let shell = Shell::bare();
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api:\n    Type: AWS::Serverless::Api\n    Properties: {StageName: prod, DefinitionUri: api/openapi.yaml}\n";
    write(&shell, "template.yaml", template);
    write(
        &shell,
        "api/openapi.yaml",
        "openapi: 3.0.1\ninfo: {title: a, version: '1'}\npaths:\n  /a:\n    get: {x-amazon-apigateway-integration: {type: mock}}\n",
    );
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(
        run.stdout.starts_with("--- a/api/openapi.yaml"),
        "{}",
        run.stdout
    );
    apply(&shell, &run.stdout).unwrap();
    assert_eq!(fix(&shell, &["template.yaml"]).status, 0);
    assert_eq!(read(&shell, "template.yaml"), template);
}

#[test]
fn what_else_is_to_be_known_is_said() {
    let shell = Shell::bare();
    let sam = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n        All: {Type: Api, Properties: {Path: /a, Method: any}}\n";
    write(&shell, "t.yaml", sam);
    let run = fix(&shell, &["t.yaml"]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    for says in [
        "InvokeRole: NONE",
        "lambda:InvokeFunction",
        "callers must sign",
        "the preflight requests of browsers",
    ] {
        assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
    }
    let rest = "Resources:\n  Api: {Type: AWS::ApiGateway::RestApi}\n  D: {Type: AWS::ApiGateway::Deployment, Properties: {RestApiId: !Ref Api, StageName: prod}}\n  M:\n    Type: AWS::ApiGateway::Method\n    Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: NONE}\n";
    write(&shell, "t.yaml", rest);
    let run = fix(&shell, &["t.yaml"]);
    assert!(
        run.stderr.contains("makes no new deployment"),
        "{}",
        run.stderr
    );
}
