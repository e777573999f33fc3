//! Templates and API definitions, held against folders of data: a file, perhaps a policy file, and the
//! report they must give.

use std::fs;
use std::path::Path;

use gatewatch::audit::Report;
use gatewatch::policy_file::PolicyFile;
use gatewatch::render::{json, table};
use gatewatch::run::scan;
use gatewatch::template::{self, Options};
use jiff::Timestamp;
use serde_json::Value;

use crate::scenarios::without_what_judged;
use crate::support::blessed::{assert_blessed, folders};
use crate::support::command::findings;
use crate::support::package;

pub(crate) fn options() -> Options {
    Options {
        region: template::REGION.to_owned(),
        region_is_known: false,
        parameters: std::collections::BTreeMap::new(),
        around: None,
    }
}

/// The day on which templates are judged.
pub(crate) fn now() -> Timestamp {
    "2026-06-15T08:00:00Z".parse().unwrap()
}

fn judged(file: &str, text: &str, policy: &PolicyFile) -> Report {
    let template = template::read(file, text, &options(), now());
    let template = template.unwrap_or_else(|error| panic!("{file}: {error}"));
    scan::judge_template(template.unwrap(), policy, now())
}

fn report(folder: &Path) -> Report {
    let mut files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let file = files
        .find(|path| {
            let stem = path.file_stem().unwrap();
            ["template", "openapi", "plan", "state"].contains(&stem.to_str().unwrap())
        })
        .unwrap();
    let policy = match fs::read_to_string(folder.join("gatewatch.yaml")) {
        Ok(text) => PolicyFile::from_yaml("gatewatch.yaml", &text).unwrap(),
        Err(_) => PolicyFile::default(),
    };
    let name = file.file_name().unwrap().to_str().unwrap();
    judged(name, &fs::read_to_string(&file).unwrap(), &policy)
}

#[test]
fn every_template_gives_the_report_it_expects() {
    for folder in folders(&package("tests/templates")) {
        let report = report(&folder);
        let mut document = serde_json::to_value(json::document(&report)).unwrap();
        // Nor is every word of a finding what a template is about.
        without_what_judged(&mut document);
        for finding in document["findings"].as_array_mut().unwrap() {
            let finding = finding.as_object_mut().unwrap();
            for key in ["remedy", "rule_summary", "principal", "account"] {
                finding.remove(key);
            }
        }
        assert_blessed(&folder.join("expected.json"), &document);
    }
}

#[test]
fn every_finding_says_where_it_stands_and_pastes_no_command() {
    for folder in folders(&package("tests/templates")) {
        let document = serde_json::to_value(json::document(&report(&folder))).unwrap();
        for finding in document["findings"].as_array().unwrap() {
            let place = folder.display();
            if finding["policy_line"].is_null() {
                assert!(finding["location"]["line"].as_u64() > Some(0), "{place}");
            }
            assert_eq!(finding["remedy"]["commands"], Value::Array(Vec::new()));
            let mut words = finding.clone();
            // What the rule is about in general is said in an account's words.
            words["rule_summary"] = Value::Null;
            let words = words.to_string();
            assert!(!words.contains("draft"), "{place}: {words}");
            assert!(!words.contains("deployment template"), "{place}: {words}");
        }
    }
}

#[test]
fn the_words_for_people_name_file_and_line() {
    let report = report(&package("tests/templates/sam-implicit-api"));
    insta::assert_snapshot!(table(&report), @r"
     SEVERITY  RULE         METHOD       API                                    STAGE  REGION
     high      open-method  GET /health  ServerlessRestApi (ServerlessRestApi)  Prod   us-east-1

    high open-method: GET /health, ServerlessRestApi (ServerlessRestApi), stage Prod, us-east-1, template.yaml:18:9
      anyone can call this method: its authorization type is NONE
      template: the file gives it authorization type NONE
      policy-file: AWS_IAM or another authorizer is required (the default: no entry of a policy file speaks of it)
      exposure: public
      fix: change it at template.yaml:18:9, then check the file again (CloudFormation: AuthorizationType: AWS_IAM on the AWS::ApiGateway::Method; SAM: Auth: {DefaultAuthorizer: AWS_IAM}; OpenAPI: a security scheme with x-amazon-apigateway-authtype: awsSigv4)
      confidence high, id 4b5a89aecd217af2791cc824de7e4a9b

    accepted without proof:
      template.yaml:1:1: the Region is taken to be us-east-1: give it with --region

    template.yaml: findings (1 high); read 2026-06-15 08:00 UTC: 1 API, 1 stage, 2 methods, 0 IAM groups, 0 users, 1 role; not looked at: IAM principals that are not in the file, custom domain names, what is deployed
    ");
}

/// A template whose API has so many open methods, and so many stages.
fn of_stages(methods: usize, stages: usize) -> String {
    let method = |it: usize| {
        format!(
            "  R{it}: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref A, ParentId: !GetAtt A.RootResourceId, PathPart: p{it}}}}}\n  M{it}: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref A, ResourceId: !Ref R{it}, HttpMethod: GET, AuthorizationType: NONE, Integration: {{Type: HTTP}}}}}}\n"
        )
    };
    let stage = |it: usize| {
        format!(
            "  S{it}: {{Type: AWS::ApiGateway::Stage, Properties: {{RestApiId: !Ref A, StageName: s{it}}}}}\n"
        )
    };
    let methods: String = (0..methods).map(method).collect();
    let stages: String = (0..stages).map(stage).collect();
    format!("Resources:\n  A: {{Type: AWS::ApiGateway::RestApi}}\n{methods}{stages}")
}

#[test]
fn stages_beyond_the_bound_are_a_gap_that_names_them() {
    let whole = judged("f", &of_stages(100, 10), &PolicyFile::default());
    assert_eq!(
        (whole.evaluation.findings.len(), whole.evaluation.gaps.len()),
        (1_000, 0)
    );
    let cut = judged("f", &of_stages(1_000, 30), &PolicyFile::default());
    let gaps: Vec<&str> = cut
        .evaluation
        .gaps
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert_eq!(
        gaps,
        [
            "f:2:3: 9 stages with 1000 methods each are more than are judged of one file, and were left out: s21, s22, s23 and 6 more"
        ]
    );
    let open = cut
        .evaluation
        .findings
        .iter()
        .filter(|it| it.place.path.is_some());
    assert_eq!(open.count(), 21_000);
}

/// A file of a megabyte ends in a report or an error, and within minutes on a slow machine: what takes the square of its size
/// does not.
#[test]
fn a_large_file_is_read_or_refused_soon() {
    let megabyte = 1 << 20;
    let repeated = |text: &str| text.repeat(megabyte / text.len());
    let many = |line: &dyn Fn(usize) -> String| -> String { (0..20_000).map(line).collect() };
    let sub = format!(
        "Parameters: {{P: {{Type: String, Default: {}}}}}\nResources:\n  A:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n      Body:\n{}",
        "p".repeat(100_000),
        many(&|index| format!("        k{index}: !Sub '${{P}}${{P}}${{P}}'\n"))
    );
    let conditions = format!(
        "Conditions:\n  C0: !Equals [a, a]\n{}Resources:\n  A: {{Type: AWS::ApiGateway::RestApi, Condition: C19999}}\n",
        (1..20_000)
            .map(|index| format!(
                "  C{index}: !And [{{Condition: C{0}}}, {{Condition: C{0}}}]\n",
                index - 1
            ))
            .collect::<String>()
    );
    let chain = format!(
        "Resources:\n  A: {{Type: AWS::ApiGateway::RestApi}}\n{}",
        many(&|index| format!(
            "  R{index}: {{Type: AWS::ApiGateway::Resource, Properties: {{RestApiId: !Ref A, ParentId: !Ref R{}, PathPart: a}}}}\n  M{index}: {{Type: AWS::ApiGateway::Method, Properties: {{RestApiId: !Ref A, ResourceId: !Ref R{index}, HttpMethod: GET, AuthorizationType: NONE}}}}\n",
            index + 1
        ))
    );
    let paths = format!(
        "openapi: 3.0.1\npaths:\n{}",
        many(&|index| format!("  /p{index}:\n    get: {{}}\n"))
    );
    let events = format!(
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {{Api: {{Cors: '*'}}}}\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n{}",
        many(&|index| format!(
            "        E{index}: {{Type: Api, Properties: {{Path: /p{index}, Method: get}}}}\n"
        ))
    );
    let elsewhere = format!(
        "Resources:\n{}",
        many(&|index| format!(
            "  A{index}: {{Type: AWS::ApiGateway::RestApi, Properties: {{BodyS3Location: x}}}}\n"
        ))
    );
    let stages = of_stages(2_000, 300);
    let verbs = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Events:\n{}",
        many(&|it| format!(
            "        E{it}: {{Type: Api, Properties: {{Path: /p, Method: v{it}}}}}\n"
        ))
    );
    let keys =
        |letter: &str| -> String { (0..20_000).map(|it| format!("{letter}{it}: v, ")).collect() };
    let global = format!(
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {{Api: {{Tags: {{{}}}}}}}\nResources:\n",
        keys("g")
    );
    let globals = format!(
        "{global}{}",
        (0..3_000)
            .map(|it| format!(
                "  A{it}: {{Type: AWS::Serverless::Api, Properties: {{StageName: p}}}}\n"
            ))
            .collect::<String>()
    );
    let merged = format!(
        "{global}  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: p, Tags: {{{}}}}}}}\n",
        keys("l")
    );
    for (what, text) in [
        ("stages", stages),
        ("verbs", verbs),
        ("globals", globals),
        ("merged", merged),
        ("events", events),
        ("elsewhere", elsewhere),
        ("brackets", repeated("[")),
        ("braces", repeated("{\"a\":")),
        ("dashes", repeated("- ")),
        ("questions", repeated("? ")),
        (
            "one key",
            format!("Resources: {{}}\n{}", repeated("a: 1\n")),
        ),
        ("one word", format!("Resources: {{}}\na: {}", repeated("x"))),
        ("spaces", format!("Resources: {{}}\na:{}", repeated(" "))),
        (
            "quotes",
            format!("Resources: {{}}\na: \"{}", repeated("\\\"")),
        ),
        (
            "comments",
            format!("Resources: {{}}\n{}", repeated("# x\n")),
        ),
        ("tags", format!("Resources: {{}}\na: {}", repeated("!a "))),
        (
            "anchors",
            format!("Resources: {{}}\na: {}", repeated("&a ")),
        ),
        ("substitutions", sub),
        ("conditions", conditions),
        ("resources", chain),
        ("paths", paths),
        ("too much", "a".repeat(7 << 20)),
    ] {
        let begun = std::time::Instant::now();
        let outcome = template::read("f", &text, &options(), now());
        if let Ok(Some(template)) = outcome {
            scan::judge_template(template, &PolicyFile::default(), now());
        }
        let took = begun.elapsed();
        assert!(took.as_secs() < 120, "{what}: {took:?}");
        println!("{what}: {took:?}");
    }
}

/// Whatever is cut off or swapped in a template, it ends in a report or an error.
#[test]
fn a_mutilated_template_never_panics() {
    for folder in folders(&package("tests/templates")) {
        for name in [
            "template.yaml",
            "template.json",
            "openapi.yaml",
            "openapi.json",
        ] {
            let Ok(text) = fs::read_to_string(folder.join(name)) else {
                continue;
            };
            let lines: Vec<&str> = text.lines().collect();
            for left_out in 0..lines.len() {
                let mut fewer = lines.clone();
                fewer.remove(left_out);
                for text in [lines[..left_out].join("\n"), fewer.join("\n")] {
                    if let Ok(Some(template)) = template::read(name, &text, &options(), now()) {
                        scan::judge_template(template, &PolicyFile::default(), now());
                    }
                }
            }
        }
    }
}

#[test]
fn a_parameter_that_is_given_counts() {
    let text = fs::read_to_string(package(
        "tests/templates/parameter-without-default/template.yaml",
    ))
    .unwrap();
    let given = |value: &str| {
        let mut options = options();
        options
            .parameters
            .insert("Auth".to_owned(), value.to_owned());
        let template = template::read("t", &text, &options, now())
            .unwrap()
            .unwrap();
        let report = scan::judge_template(template, &PolicyFile::default(), now());
        findings(&serde_json::to_value(json::document(&report)).unwrap())
    };
    assert_eq!(given("AWS_IAM"), Vec::<String>::new());
    assert_eq!(given("NONE"), ["open-method GET /"]);
}

/// A template that lets callers in by an ARN with the partition as it is deployed, and its URL below the domain there.
#[test]
fn a_template_is_read_in_the_partition_of_its_region() {
    let text = r#"
Resources:
  Api:
    Type: AWS::ApiGateway::RestApi
    Properties:
      Name: !Sub "${AWS::Partition} ${AWS::URLSuffix}"
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: GET
      AuthorizationType: NONE
"#;
    for (region, partition, suffix) in [
        ("us-east-1", "aws", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "amazonaws.eu"),
    ] {
        let options = Options {
            region: region.to_owned(),
            region_is_known: true,
            ..options()
        };
        let template = template::read("t.yaml", text, &options, now()).unwrap();
        let report = scan::judge_template(template.unwrap(), &PolicyFile::default(), now());
        assert_eq!(report.partition, partition);
        let document = serde_json::to_value(json::document(&report)).unwrap();
        let finding = &document["findings"][0];
        assert_eq!(finding["api"]["name"], format!("{partition} {suffix}"));
        let arn = finding["resource_arn"].as_str().unwrap();
        let head = format!("arn:{partition}:execute-api:{region}:");
        assert!(arn.starts_with(&head), "{arn}");
    }
}
