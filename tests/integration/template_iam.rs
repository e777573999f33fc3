//! The IAM of CloudFormation and SAM templates: what becomes of references, and what stays unknown.

use gatewatch::audit::Report;
use gatewatch::audit::access::Estate;
use gatewatch::iam::Verdict;
use gatewatch::inventory::Inventory;
use gatewatch::policy_file::PolicyFile;
use gatewatch::run::scan;
use gatewatch::template::{self, Options, Translated};

use crate::templates::now;

/// An API with one IAM method, in the stage `prod`.
const API: &str = "
  Api: {Type: 'AWS::ApiGateway::RestApi', Properties: {Name: shop}}
  Get: {Type: 'AWS::ApiGateway::Method', Properties: {RestApiId: !Ref Api, ResourceId: !GetAtt Api.RootResourceId, HttpMethod: GET, AuthorizationType: AWS_IAM}}
  Prod: {Type: 'AWS::ApiGateway::Stage', Properties: {RestApiId: !Ref Api, StageName: prod}}
";

fn translated(text: &str) -> Translated {
    let options = Options {
        region: "eu-west-1".to_owned(),
        region_is_known: true,
        parameters: std::collections::BTreeMap::new(),
        around: None,
    };
    let read = template::read("template.yaml", text, &options, now());
    read.unwrap().unwrap()
}

fn judged(text: &str, policy: &str) -> Report {
    let policy = PolicyFile::from_yaml("gatewatch.yaml", policy).unwrap();
    scan::judge_template(translated(text), &policy, now())
}

fn rules(report: &Report) -> Vec<String> {
    let findings = report.evaluation.findings.iter();
    findings.map(|it| it.rule.to_string()).collect()
}

/// What the holder of a name may do with the only method.
fn verdict(inventory: &Inventory, name: &str) -> Verdict {
    let estate = Estate::new(inventory).unwrap();
    let mut holders = estate.holders().iter();
    let holder = holders.find(|it| it.name == name).unwrap();
    let method = estate.methods().first().unwrap();
    estate.decide(holder, method).access.verdict
}

fn group_with(resource: &str) -> String {
    format!(
        "Parameters: {{Stage: {{Type: String}}}}\nResources:{API}
  Callers: {{Type: 'AWS::IAM::Group', Properties: {{GroupName: callers, Policies: [{{PolicyName: p, PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Action: 'execute-api:Invoke', Resource: {resource}}}]}}}}]}}}}
"
    )
}

#[test]
fn a_grant_is_held_against_the_api_of_the_same_template() {
    let arn = "arn:aws:execute-api:eu-west-1";
    for (resource, expected) in [
        ("'*'".to_owned(), Verdict::All),
        (
            "!Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*'"
                .to_owned(),
            Verdict::All,
        ),
        (
            format!("!Sub '{arn}:${{AWS::AccountId}}:${{Api}}/prod/GET/'"),
            Verdict::All,
        ),
        (
            format!("!Sub '{arn}:*:${{Api}}/${{Prod}}/GET/'"),
            Verdict::All,
        ),
        (
            format!("!Join ['', ['{arn}:*:', !Ref Api, '/prod/GET/']]"),
            Verdict::All,
        ),
        (format!("!Sub '{arn}:*:${{Api}}/prod/POST/'"), Verdict::None),
        (format!("!Sub '{arn}:*:${{Api}}/dev/*'"), Verdict::None),
        ("'arn:aws:s3:::photos/*'".to_owned(), Verdict::None),
        ("!Sub 'arn:aws:s3:::${Stage}/*'".to_owned(), Verdict::None),
        // What only a deployment tells may be this API, or this stage.
        (format!("'{arn}:*:a1b2c3d4e5/*'"), Verdict::Undecided),
        (format!("'{arn}:111122223333:*/*'"), Verdict::Undecided),
        (
            format!("!Sub '{arn}:*:${{Api}}/${{Stage}}/*'"),
            Verdict::Undecided,
        ),
        ("!ImportValue shared-arn".to_owned(), Verdict::Undecided),
        (
            format!("!Sub ['{arn}:*:${{It}}/*', {{It: !ImportValue api}}]"),
            Verdict::Undecided,
        ),
    ] {
        let text = group_with(&resource);
        let read = translated(&text);
        assert_eq!(verdict(&read.inventory, "callers"), expected, "{resource}");
        let is_incomplete = !judged(&text, "version: 1\n").evaluation.gaps.is_empty();
        assert_eq!(is_incomplete, expected == Verdict::Undecided, "{resource}");
    }
}

#[test]
fn statements_about_other_services_may_name_what_is_unknown() {
    let text = format!(
        "Parameters: {{Table: {{Type: String}}}}\nResources:{API}
  Fn: {{Type: 'AWS::IAM::Role', Properties: {{RoleName: fn, AssumeRolePolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: 'sts:AssumeRole'}}]}}, ManagedPolicyArns: [!Sub 'arn:${{AWS::Partition}}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'], Policies: [{{PolicyName: p, PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, Action: ['dynamodb:*'], Resource: !ImportValue table}}]}}}}]}}}}
"
    );
    let report = judged(&text, "version: 1\n");
    assert!(
        report.evaluation.gaps.is_empty(),
        "{:?}",
        report.evaluation.gaps
    );
    assert_eq!(verdict(&translated(&text).inventory, "fn"), Verdict::None);
    // A policy of the account's own that the template does not hold is not known.
    let own = text.replace(
        "iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        "iam::111122223333:policy/own",
    );
    assert_eq!(
        verdict(&translated(&own).inventory, "fn"),
        Verdict::Undecided
    );
    assert!(!judged(&own, "version: 1\n").evaluation.gaps.is_empty());
}

#[test]
fn what_ties_policies_to_principals_is_followed() {
    let document = "PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 'execute-api:Invoke', Resource: '*'}]}";
    let ties = [
        format!(
            "Policy: {{Type: 'AWS::IAM::Policy', Properties: {{PolicyName: p, Groups: [!Ref TheGroup], {document}}}}}"
        ),
        format!(
            "Policy: {{Type: 'AWS::IAM::GroupPolicy', Properties: {{PolicyName: p, GroupName: !Ref TheGroup, {document}}}}}"
        ),
        format!(
            "Policy: {{Type: 'AWS::IAM::ManagedPolicy', Properties: {{Groups: [callers], {document}}}}}"
        ),
    ];
    for tie in ties {
        let text = format!(
            "Resources:{API}
  TheGroup: {{Type: 'AWS::IAM::Group', Properties: {{GroupName: callers}}}}
  Ann: {{Type: 'AWS::IAM::User', Properties: {{UserName: ann}}}}
  In: {{Type: 'AWS::IAM::UserToGroupAddition', Properties: {{GroupName: !Ref TheGroup, Users: [!Ref Ann]}}}}
  {tie}
"
        );
        let read = translated(&text);
        for name in ["callers", "ann"] {
            assert_eq!(verdict(&read.inventory, name), Verdict::All, "{tie}");
        }
    }
    let attached = format!(
        "Resources:{API}
  TheGroup: {{Type: 'AWS::IAM::Group', Properties: {{GroupName: callers, ManagedPolicyArns: [!Ref Policy]}}}}
  Policy: {{Type: 'AWS::IAM::ManagedPolicy', Properties: {{{document}}}}}
"
    );
    assert_eq!(
        verdict(&translated(&attached).inventory, "callers"),
        Verdict::All
    );
}

#[test]
fn rules_about_principals_are_asked_of_a_template() {
    let policy = "version: 1\ngroups:\n  - name: callers\n    policies: [AmazonAPIGatewayInvokeFullAccess]\n  - name: elsewhere\n    policies: [AmazonAPIGatewayInvokeFullAccess]\n";
    let without = format!(
        "Resources:{API}\n  Callers: {{Type: 'AWS::IAM::Group', Properties: {{GroupName: callers}}}}\n"
    );
    // The group that is not in the file may be in the account.
    assert_eq!(rules(&judged(&without, policy)), ["missing-group-policy"]);
    let with = without.replace("GroupName: callers}", "GroupName: callers, ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess']}");
    assert_eq!(rules(&judged(&with, policy)), [""; 0]);
    let blanket = group_with("'*'");
    assert_eq!(rules(&judged(&blanket, "version: 1\n")), ["blanket-grant"]);
    // Nobody in the file may call it, and others of the account may.
    assert_eq!(rules(&judged(&without, "version: 1\n")), [""; 0]);
}

/// SAM makes a role for a function that names none.
#[test]
fn the_roles_of_sam_functions_are_read() {
    let function = |policies: &str| {
        translated(&format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:{API}\n  Fn: {{Type: 'AWS::Serverless::Function', Properties: {{Policies: {policies}}}}}\n"
        ))
    };
    for (policies, expected) in [
        ("AdministratorAccess", Verdict::All),
        (
            "[AmazonDynamoDBFullAccess, {DynamoDBCrudPolicy: {TableName: !ImportValue t}}]",
            Verdict::None,
        ),
        (
            "[{Statement: [{Effect: Allow, Action: 'execute-api:Invoke', Resource: !Sub 'arn:aws:execute-api:*:*:${Api}/*'}]}]",
            Verdict::All,
        ),
        ("[{SomeNewPolicy: {}}]", Verdict::Undecided),
        ("[!ImportValue policy]", Verdict::Undecided),
    ] {
        let read = function(policies);
        assert_eq!(verdict(&read.inventory, "FnRole"), expected, "{policies}");
    }
}

/// What may not be made gives nothing for certain, and denies nothing for certain.
#[test]
fn a_policy_under_a_condition_that_cannot_be_told_is_not_understood() {
    let text = group_with("'*'").replace(
        "Type: 'AWS::IAM::Group',",
        "Type: 'AWS::IAM::Group', Condition: IsProd,",
    );
    let text = format!("Conditions: {{IsProd: !Equals [!Ref Stage, prod]}}\n{text}");
    assert_eq!(
        verdict(&translated(&text).inventory, "callers"),
        Verdict::Undecided
    );
}

/// A key that a resource of IAM does not have may be one that gives somebody something, misspelt.
#[test]
fn a_misspelt_key_of_iam_is_not_understood() {
    let gaps = |resource: &str| {
        let text = format!("Resources:{API}\n  It: {{{resource}}}\n");
        let report = judged(&text, "version: 1");
        let gaps = report.evaluation.gaps.into_iter();
        gaps.map(|it| it.message).collect::<Vec<_>>().join("; ")
    };
    let group = |properties: &str| gaps(&format!("Type: 'AWS::IAM::Group', {properties}"));
    let arn = "'arn:aws:iam::aws:policy/AmazonAPIGatewayInvokeFullAccess'";
    assert_eq!(
        group(&format!("Properties: {{ManagedPolicyArns: [{arn}]}}")),
        ""
    );
    for (said, meant) in [
        (
            group(&format!("Properties: {{ManagedPolicyArn: [{arn}]}}")),
            "did you mean `ManagedPolicyArns`?",
        ),
        (group("Propertis: {}"), "did you mean `Properties`?"),
        (
            gaps(
                "Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: {Statement: []}, Group: [callers]}",
            ),
            "did you mean `Groups`?",
        ),
        (
            gaps("Type: 'AWS::IAM::UserToGroupAddition', Properties: {GroupName: a, User: [b]}"),
            "did you mean `Users`?",
        ),
        (gaps("Type: 'AWS::IAM::Groups'"), "which is not known here"),
        (gaps("Type: 'aws::IAM::Group'"), "which is not known here"),
        (
            gaps("Type: 'AWS::Serverless::Function', Properties: {Policie: [AdministratorAccess]}"),
            "did you mean `Policies`?",
        ),
    ] {
        assert!(said.contains(meant), "{meant}: {said}");
    }
    for kind in [
        "AccessKey",
        "InstanceProfile",
        "OIDCProvider",
        "ServiceLinkedRole",
    ] {
        let said = gaps(&format!("Type: 'AWS::IAM::{kind}', Properties: {{Any: 1}}"));
        assert_eq!(said, "", "{kind}");
    }
}
