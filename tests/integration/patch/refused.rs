//! What is not mended: each says why, and what to do by hand.

use super::{apply, fix, ids, read, write};
use crate::support::command::Shell;

const API: &str =
    "Resources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}\n";
const REST: &str = "Resources:\n  Api: {Type: AWS::ApiGateway::RestApi}\n";
const SAM: &str = "Transform: AWS::Serverless-2016-10-31\n";

/// A method with this authorization type.
fn method(kind: &str) -> String {
    format!(
        "{REST}  Root:\n    Type: AWS::ApiGateway::Method\n    Properties:\n      RestApiId: !Ref Api\n      \
         ResourceId: !GetAtt Api.RootResourceId\n      HttpMethod: GET\n      AuthorizationType: {kind}\n"
    )
}

/// A text of which nothing is mended, and what is said.
fn refused(text: &str, says: &str) {
    let shell = Shell::bare();
    write(&shell, "template.yaml", text);
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!(
        (run.status, run.stdout.as_str()),
        (3, ""),
        "{text}\n{}",
        run.stderr
    );
    assert!(run.stderr.contains(says), "{says}: {}", run.stderr);
    assert!(run.stderr.contains("by hand"), "{}", run.stderr);
}

#[test]
fn what_the_text_does_not_tell_is_not_guessed() {
    let parameter = "Parameters:\n  Kind: {Type: String, Default: NONE}\n";
    refused(
        &format!("{parameter}{}", method("!Ref Kind")),
        "is made by `Ref`",
    );
    refused(
        &format!("{parameter}{}", method("{Ref: Kind}")),
        "is made by `Ref`",
    );
    refused(
        &format!("{parameter}{}", method("!Sub '${Kind}'")),
        "is made by `Sub`",
    );
    let mapping = "Mappings:\n  Kinds: {prod: {Kind: NONE}}\n";
    refused(
        &format!("{mapping}{}", method("!FindInMap [Kinds, prod, Kind]")),
        "is made by `FindInMap`",
    );
    let condition = "Parameters:\n  Env: {Type: String, Default: a}\nConditions:\n  Prod: !Equals [!Ref Env, prod]\n";
    refused(
        &format!("{condition}{}", method("!If [Prod, AWS_IAM, NONE]")),
        "is made by `If`",
    );
}

#[test]
fn what_counts_elsewhere_too_is_not_changed() {
    let shared = "  A:\n    Type: AWS::ApiGatewayV2::Route\n    Properties: &route\n      ApiId: !Ref Api\n      RouteKey: GET /a\n";
    // The same route once more, which is an alias of the first.
    refused(
        &format!("{API}{shared}  B: {{Type: AWS::ApiGatewayV2::Route, Properties: *route}}\n"),
        "an alias (`*name`) uses what stands there",
    );
    refused(
        &format!(
            "x: &base {{AuthorizationType: NONE}}\n{API}  A:\n    Type: AWS::ApiGatewayV2::Route\n    Properties:\n      <<: *base\n      \
             ApiId: !Ref Api\n      RouteKey: GET /a\n"
        ),
        "`<<` brings",
    );
    refused(
        &format!("x: &none NONE\n{}", method("*none")),
        "is made by `*alias`",
    );
    refused(
        &format!("{}x: *kind\n", method("&kind NONE")),
        "an alias (`*name`) uses what stands there",
    );
}

#[test]
fn loops_and_what_aws_makes_itself_are_left() {
    let looped = "Transform: AWS::LanguageExtensions\nResources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}\n  \
                  Fn::ForEach::Routes:\n    - Name\n    - [a, b]\n    - Route${Name}:\n        Type: AWS::ApiGatewayV2::Route\n        \
                  Properties:\n          ApiId: !Ref Api\n          RouteKey: !Sub GET /${Name}\n";
    refused(looped, "a loop (`Fn::ForEach::Routes`)");
    refused(
        "Resources:\n  Api:\n    Type: AWS::ApiGatewayV2::Api\n    Properties: {ProtocolType: HTTP, Target: 'https://example.com'}\n",
        "API Gateway makes the route itself",
    );
    refused(
        "Resources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET}}\n  D:\n    Type: AWS::ApiGatewayV2::Route\n    \
         Properties: {ApiId: !Ref Api, RouteKey: $default}\n",
        "there is no `$connect`",
    );
}

#[test]
fn preflights_are_left() {
    let options = method("NONE").replace(
        "HttpMethod: GET",
        "HttpMethod: OPTIONS\n      Integration: {Type: HTTP}",
    );
    refused(&options, "browsers do not sign");
    // One that the policy file accepts is no finding.
    let shell = Shell::bare();
    let mock = options.replace("Type: HTTP}", "Type: MOCK}");
    write(&shell, "template.yaml", mock);
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
}

#[test]
fn what_a_tool_writes_is_mended_in_the_tool() {
    let route = "{\"Type\": \"AWS::ApiGatewayV2::Route\", \"Properties\": {\"ApiId\": {\"Ref\": \"Api\"}, \"RouteKey\": \"GET /a\"}, \
                 \"Metadata\": {\"aws:cdk:path\": \"Shop/Api/GET/Resource\"}}";
    let api = "{\"Type\": \"AWS::ApiGatewayV2::Api\", \"Properties\": {\"ProtocolType\": \"HTTP\"}, \
               \"Metadata\": {\"aws:cdk:path\": \"Shop/Api/Resource\"}}";
    refused(
        &format!("{{\"Resources\": {{\"Api\": {api}, \"R\": {route}}}}}"),
        "change Shop/Api/GET/Resource in the app",
    );
    let shell = Shell::bare();
    let name = ".serverless/cloudformation-template-update-stack.json";
    write(
        &shell,
        name,
        format!("{{\"Resources\": {{\"Api\": {api}, \"R\": {route}}}}}")
            .replace("Metadata", "Meta"),
    );
    let run = fix(&shell, &[name]);
    assert_eq!(run.status, 3, "{}", run.stderr);
}

#[test]
fn a_policy_file_that_wants_something_else_there_is_not_overruled() {
    let shell = Shell::bare();
    write(&shell, "template.yaml", method("NONE"));
    write(
        &shell,
        "gatewatch.yaml",
        "version: 1\nrequire:\n  - match: {}\n    authorization: [COGNITO_USER_POOLS]\n",
    );
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, ""), "{}", run.stderr);
    assert!(
        run.stderr.contains("no edit for open-method"),
        "{}",
        run.stderr
    );
}

/// What one method cannot have, the others get all the same.
#[test]
fn one_that_is_refused_leaves_the_others() {
    let shell = Shell::bare();
    let text = format!(
        "Parameters:\n  Kind: {{Type: String, Default: NONE}}\n{}  Put:\n    Type: AWS::ApiGateway::Method\n    Properties:\n      \
         RestApiId: !Ref Api\n      ResourceId: !GetAtt Api.RootResourceId\n      HttpMethod: PUT\n      AuthorizationType: NONE # yet\n",
        method("!Ref Kind")
    );
    write(&shell, "template.yaml", &text);
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    apply(&shell, &run.stdout).unwrap();
    assert_eq!(
        read(&shell, "template.yaml"),
        text.replace("NONE # yet", "AWS_IAM # yet")
    );
    let (_, open) = ids(&shell, &["template.yaml"]);
    assert_eq!(open.len(), 1);
}

/// A signed request of any account would pass: that is another finding, and no better.
#[test]
fn an_edit_that_would_bring_another_finding_is_none() {
    let policy = "Type: AWS::ApiGateway::RestApi, Properties: {Policy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: '*', \
                  Action: 'execute-api:Invoke', Resource: 'execute-api:/*'}]}}}";
    let text = method("NONE").replace("Type: AWS::ApiGateway::RestApi}", policy);
    refused(&text, "afterwards there would be world-signed");
}

#[test]
fn what_is_not_read_is_said_and_is_no_success() {
    let shell = Shell::bare();
    let text = format!("{}  Fn::Transform: {{Name: Other}}\n", method("NONE"));
    write(&shell, "template.yaml", text);
    let run = fix(&shell, &["template.yaml"]);
    assert_eq!(run.status, 3, "{}", run.stderr);
    assert!(
        run.stdout.contains("+      AuthorizationType: AWS_IAM"),
        "{}",
        run.stdout
    );
    assert!(run.stderr.contains("not read or decided"), "{}", run.stderr);
    let other = format!(
        "{SAM}Resources:\n  Api: {{Type: AWS::Serverless::Api, Properties: {{DefinitionUri: s3://b/k}}}}\n"
    );
    write(&shell, "template.yaml", other);
    assert_eq!(fix(&shell, &["template.yaml"]).status, 3);
}
